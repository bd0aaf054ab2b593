"""What every tier of the tests stands on; each plugin says in its first line what it is for."""

pytest_plugins = [
    "tests.support.strict",
    "tests.support.database",
    "tests.support.browser",
    "tests.support.nu",
]
