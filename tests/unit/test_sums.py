"""Sums of money in prose: what is given is found, and what is only quoted is left alone."""

from time import perf_counter

import pytest

from shared.letters.sums import given, named, promised

# What a remedy or a promise says. On the left what gives money, on the right what only names it.
GIVEN = [
    ("We will pay you £150.", "£150"),
    ("£150", "£150"),
    ("£150 for the delay.", "£150"),
    ("A payment of 150 pounds to say sorry.", "150 pounds"),
    ("We credit £45.50 to your rent account.", "£45.50"),
    ("We will take £200 off your arrears.", "£200"),
    ("We write off £300 of what you owe.", "£300"),
    ("We waive the £60 charge.", "£60"),
    ("You will get one hundred pounds.", "one hundred pounds"),
    ("You get a hundred and fifty quid.", "a hundred and fifty quid"),
    ("We refund the £90 you paid for the heater.", "£90"),
    ("You paid £90, and we give it back as a refund.", "£90"),
    ("A £50 voucher for a shop.", "£50"),
    ("We mend the boiler and add GBP 80 for the days without it.", "GBP 80"),
    ("Repair the wall. Also 120£ for the paint.", "120£"),
    ("We pay £1.5k in two parts.", "£1.5k"),
    ("We pay you 150 for the delay.", "pay you 150"),
    ("We pay £15 a day for ten days.", "£15"),
    ("A goodwill gesture of ￡２５.", "£25"),
    ("We give you £40 and a new lock.", "£40"),
    ("An apology, £30.", "£30"),
    ("We cover your hotel: £95.", "£95"),
    ("We pay 80p for each call.", "80p"),
    ("We pay you by 31 March 2025 £150.", "£150"),
]
QUOTED = [
    "We correct your rent account: your rent is £95.20 a week, not £99.",
    "We explain why your service charge rose from £12 to £14.",
    "We change our policy, so that nobody is charged £25 for a lost key.",
    "We look again at the £60 charge for the lock.",
    "You paid £90 for the heater. We will mend the boiler.",
    "We replace the carpet, which was worth £400.",
    "We send you the invoice that shows a cost of £1,200.",
    "We lower your service charge from £14.00 to £12.50.",
    "We put right the record: she owed £40, not £400.",
    "We mend the boiler by 3 March and ring you in 2 days.",
    "We pay for 3 nights in a hotel.",
    "A surveyor will find the cause.",
    "We will visit 4 Pound Lane.",
    "We give you 10 working days to tell us more.",
    "A surveyor will visit at 2 p.m. on Monday.",
]
# What reasons or an answer say.
PROMISED = [
    ("We uphold your complaint and we will pay you £300.", "£300"),
    ("You asked for £500, but we will pay £300.", "£300"),
    ("We are sorry. We offer £75.", "£75"),
    ("We now refund £40.", "£40"),
    ("We are sorry for this and offer £80.", "£80"),
    ("You will receive £100 in two weeks.", "£100"),
    ("£250 will be paid into your account.", "£250"),
    ("Compensation: £300.", "£300"),
    ("A payment of £50 follows.", "£50"),
    ("We have agreed to write off £200.", "£200"),
    ("Our repairs team will give you sixty pounds.", "sixty pounds"),
    ("The contractor will pay you £20.", "£20"),
    ("By 31 March 2025 £150 will be paid to you.", "£150"),
]
TOLD = [
    "Your rent is £95 a week.",
    "The contractor's invoice was £1,200.",
    "We refunded £40 in May.",
    "We should have refunded £40 in May.",
    "You asked for compensation of £500.",
    "You ask us to pay £500.",
    "We cannot pay £500, because the record shows that the work was done.",
    "We will not pay the £90 that you spent on a heater.",
    "We offered you £50 in May, and you did not want it.",
    "You will pay £95 a week as before.",
    "We have paid you £40.",
    "We read the notes and saw that you paid £90.",
    "Your insurer will pay for the carpet, which cost £400.",
    "We can see that you paid £90 for a heater.",
    "The charge of £14 pays for the lift.",
    "We will send somebody at 3 p.m. on Friday.",
]


@pytest.mark.parametrize(("text", "found"), GIVEN)
def test_what_a_remedy_gives_is_found(text: str, found: str) -> None:
    assert found in [one.text for one in given(text)]


@pytest.mark.parametrize("text", QUOTED)
def test_what_a_remedy_only_quotes_is_left_alone(text: str) -> None:
    assert given(text) == []


@pytest.mark.parametrize(("text", "found"), PROMISED)
def test_what_an_answer_promises_is_found(text: str, found: str) -> None:
    assert [one.text for one in promised(text)] == [found]


@pytest.mark.parametrize("text", TOLD)
def test_what_an_answer_only_tells_is_left_alone(text: str) -> None:
    assert promised(text) == []


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,250.50", 125050),
        ("£ 80", 8000),
        ("£7.5", 750),
        ("£2k", 200000),
        ("GBP 12", 1200),
        ("12.00 pounds", 1200),
        ("50 pence", 50),
        ("٥٠ £", 5000),
        ("fifty pounds", None),
    ],
)
def test_a_sum_in_figures_is_known_in_pence(text: str, pence: int | None) -> None:
    assert [one.pence for one in named(text)] == [pence]


@pytest.mark.parametrize(
    "text", ["£" + "9" * 19_999, "9" * 19_999, "a " * 10_000, "1," * 10_000, "pay " * 5_000]
)
def test_the_longest_answer_of_a_form_is_looked_through_at_once(text: str) -> None:
    """Or else a key that stuck would hold up the whole service, or be a number too long to read."""
    began = perf_counter()
    assert len(named(text)) <= 1
    assert perf_counter() - began < 10
