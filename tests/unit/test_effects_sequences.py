"""Whatever anybody does in whatever order: the case stays one that the Code allows, and folds to itself."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.cases import effects, service
from shared.deadlines.calendar import calendar
from tests.support import specimens
from tests.support.paper import at
from tests.support.sequences import holds, turns

CALENDAR = calendar()
BEGINNINGS = (
    specimens.received,
    specimens.acknowledged,
    specimens.decided,
    specimens.escalated,
    specimens.reviewed,
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(st.data(), st.sampled_from(specimens.LANDLORDS), st.sampled_from(BEGINNINGS), st.integers(5, 25))
def test_whatever_happens_the_case_stays_lawful(
    data: st.DataObject, landlord: str, beginning: specimens.Specimen, steps: int
) -> None:
    play = at(landlord, beginning)
    for turn in turns(data.draw, play, steps):
        play.yes(*turn)
        before = list(play.log)
        try:
            play.does(*turn, at=play.now, asked=False)
        except service.Refused:
            assert play.log == before
            continue
        assert play.log[:-1] == before
        with play.at(play.now):
            holds(play, CALENDAR)
    assert effects.fold(play.log) == play.state
