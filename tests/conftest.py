"""What every test run has."""

pytest_plugins = [
    "tests.support.built_stack",
    "tests.support.hub",
    "tests.support.cages",
    "tests.support.canaries",
    "tests.support.databases",
    "tests.support.every_store",
    "tests.support.skips",
    "tests.support.travelling_reports",
]
