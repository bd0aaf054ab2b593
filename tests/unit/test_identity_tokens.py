"""Codes and references: made to be read aloud, and read generously."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import tokens

DIGITS = {
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "bengali": "০১২৩৪৫৬৭৮৯",
    "hindi": "०१२३४५६७८९",
    "wide": "０１２３４５６７８９",
}


def test_access_codes_are_long_unlike_and_wordless() -> None:
    codes = {tokens.new_access_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(
        re.fullmatch(rf"([{tokens.ALPHABET}]{{4}}-){{3}}[{tokens.ALPHABET}]{{4}}", code) for code in codes
    )
    assert not set(tokens.ALPHABET) & set("AEIOU01LSZBYV" + "U") - set("V")
    assert len(tokens.ALPHABET) ** tokens.CODE_LENGTH > 2**72


@pytest.mark.parametrize(
    "typed",
    [
        "7K3M-PQ9R-WDX4-H6TC",
        "7k3m pq9r wdx4 h6tc",
        "7K3MPQ9RWDX4H6TC",
        " 7k3m–pq9r—wdx4.h6tc\n",
        "\u200f7K3M-PQ9R-WDX4-H6TC\u200e",
        "７Ｋ３Ｍ－ＰＱ９Ｒ－ＷＤＸ４－Ｈ６ＴＣ",
        "٧K٣M PQ٩R WDX٤ H٦TC",
        "۷K۳M PQ۹R WDX۴ H۶TC",
        "৭K৩M PQ৯R WDX৪ H৬TC",
    ],
)
def test_access_codes_are_read_generously(typed: str) -> None:
    assert tokens.read_access_code(typed) == "7K3MPQ9RWDX4H6TC"


def test_look_alikes_are_put_right() -> None:
    assert tokens.read_access_code("SSSS-ZZZZ-BBBB-UUUU") == "555522228888VVVV"


@pytest.mark.parametrize(
    "typed", ["", "7K3M", "7K3M-PQ9R-WDX4-H6TC-X", "AAAA-AAAA-AAAA-AAAA", "HAL-2026-0042-7", "x" * 5000]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert tokens.read_access_code(typed) is None


@given(st.text(max_size=300))
def test_nothing_typed_can_break_the_readers(typed: str) -> None:
    for read in (tokens.read_access_code, tokens.read_typed_code, tokens.parse_reference):
        assert read(typed) is None or isinstance(read(typed), str)


@pytest.mark.parametrize("script", DIGITS)
def test_six_digits_in_any_script(script: str) -> None:
    typed = "123 456".translate(str.maketrans("0123456789", DIGITS[script]))
    assert tokens.read_typed_code(typed) == "123456"
    assert tokens.read_typed_code("12345") is None
    assert re.fullmatch(r"\d{6}", tokens.new_typed_code())


def test_references_look_as_they_should() -> None:
    assert tokens.new_reference("HAL", 2026, 42).startswith("HAL-2026-0042-")
    assert re.fullmatch(r"HS-2026-123456-\d", tokens.new_reference("HS", 2026, 123456))
    for prefix, year, number in (("hal", 2026, 1), ("H", 2026, 1), ("HAL", 26, 1), ("HAL", 2026, 0)):
        with pytest.raises(ValueError, match="prefix"):
            tokens.new_reference(prefix, year, number)


@given(
    prefix=st.from_regex(r"[A-Z]{2,6}", fullmatch=True),
    year=st.integers(2020, 2099),
    number=st.integers(1, 9_999_999),
)
def test_every_reference_is_read_back(prefix: str, year: int, number: int) -> None:
    reference = tokens.new_reference(prefix, year, number)
    assert tokens.parse_reference(reference) == reference
    assert tokens.parse_reference(reference.replace("-", "")) == reference
    assert tokens.parse_reference(reference.lower().replace("-", " ")) == reference


def test_references_are_read_generously() -> None:
    reference = tokens.new_reference("HAL", 2026, 42)
    check = reference[-1]
    for typed in (
        f" hal/2026/42/{check} ",
        f"HAL 2O26 0O42 {check}",
        f"\u2066{reference}\u2069",
        f"HAL–2026–0042–{check}",
        f"{reference}.",
        "HAL-" + f"2026-0042-{check}".translate(str.maketrans("0123456789", DIGITS["persian"])),
    ):
        assert tokens.parse_reference(typed) == reference, typed
    for wrong in ("", "HAL", "2026-0042-7", "HAL-2026", "HAL-0000-0000-0", "HAL-2026-0042", "<script>"):
        assert tokens.parse_reference(wrong) is None, wrong


def test_the_check_digit_finds_every_wrong_digit_and_most_swaps() -> None:
    reference = tokens.new_reference("HAL", 2026, 4271)
    places = [i for i, c in enumerate(reference) if c.isdigit()]
    for place in places:
        for digit in "0123456789":
            if digit != reference[place]:
                assert tokens.parse_reference(reference[:place] + digit + reference[place + 1 :]) is None
    swaps = found = 0
    for number in range(1000, 1400):
        reference = tokens.new_reference("HAL", 2026, number)
        for left, right in itertools.pairwise(places):
            letters = list(reference)
            letters[left], letters[right] = letters[right], letters[left]
            if (swapped := "".join(letters)) != reference:
                swaps += 1
                found += tokens.parse_reference(swapped) is None
    assert found / swaps > 0.95


def test_fingerprints_depend_on_context_and_key() -> None:
    assert tokens.fingerprint("access", "1", "X") != tokens.fingerprint("access", "2", "X")
    assert tokens.fingerprint("a", "bc") != tokens.fingerprint("ab", "c")
    assert tokens.keyed_fingerprint("k1", "x") != tokens.keyed_fingerprint("k2", "x")
    assert tokens.same("a", "a")
    assert not tokens.same("a", "ä")
