"""What every test run has."""

pytest_plugins = [
    "tests.support.built_stack",
    "tests.support.hub",
    "tests.support.cages",
    "tests.support.canaries",
    "tests.support.databases",
    "tests.support.skips",
    "tests.support.travelling_reports",
]
