"""README.md's table of settings is what an operator reads; shared/config.py is what the service reads."""

import re
from dataclasses import fields
from pathlib import Path

from shared.config import Config

README = Path(__file__).resolve().parents[2] / "README.md"
ROW = re.compile(r"^\|\s*`(REDRESS_[A-Z_]+)`\s*\|", re.MULTILINE)


def test_the_readme_lists_every_setting_once_and_no_other() -> None:
    listed = ROW.findall(README.read_text())
    assert sorted(listed) == sorted(f"REDRESS_{item.name.upper()}" for item in fields(Config))
