"""What every test run has."""

pytest_plugins = [
    "tests.support.hub",
    "tests.support.canaries",
    "tests.support.databases",
    "tests.support.skips",
]
