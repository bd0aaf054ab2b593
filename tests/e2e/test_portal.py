"""A complaint from the first page to the receipt, in the ways in which people use a browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e_resident import Resident, Told


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("en", False), ("ar", True), ("ar", False)])
def test_a_complaint(
    person: Callable[..., Any], photo: Path, iphone_photo: Path, paper: Path, language: str, scripts: bool
) -> None:
    resident: Resident = person(Resident, scripts=scripts)
    resident.opens_the_portal(language)
    receipt = resident.complains(
        Told(email=f"amina-{language}-{scripts}@resident.example".lower(), files=(photo, iphone_photo, paper))
    )
    assert receipt.ref.startswith("HAL-")
