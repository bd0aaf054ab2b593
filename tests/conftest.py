"""What every tier of the tests stands on; each plugin says in its first line what it is for."""

import gc

pytest_plugins = [
    "tests.support.strict",
    "tests.support.database",
    "tests.support.browser",
    "tests.support.nu",
]


def pytest_collection_finish() -> None:
    """What was imported stays until the end: looking through it for rubbish again and again costs a twentieth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
