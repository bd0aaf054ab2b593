"""`redress due`, as somebody at a terminal meets it."""

import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner, Result

from shared.cli import main


def due(line: str) -> Result:
    return CliRunner().invoke(main, ["due", *line.split()])


def asked(line: str) -> dict[str, dict[str, object]]:
    result = due(line + " --json")
    assert result.exit_code == 0, result.output
    found: dict[str, dict[str, object]] = json.loads(result.stdout)
    return found


WHOLE_CASE = (
    "--received 2026-09-01 --logged 2026-09-01 --acknowledged 2026-09-03 --allocated 2026-09-03 "
    "--responded 2026-09-15 --escalated 2026-09-21 --escalation-logged 2026-09-22 "
    "--escalation-acknowledged 2026-09-22 --escalation-allocated 2026-09-23 --final-response 2026-10-12 "
    "--determination 2026-12-23T14:00"
)

# Worked by hand; the only day off between the dates of stage 1 and 2 is no bank holiday but the weekends.
# 1 September 2026 is a Tuesday.
DUE = {
    "halton": {
        "stage_1_acknowledgement": "2026-09-08",  # 2 3 4 (3), 7 8 (5)
        "stage_1_first_contact": "2026-09-08",  # from 3: 4 (1), 7 8 (3)
        "stage_1_response": "2026-09-15",  # from 1: 2-4 (3), 7-11 (8), 14 15 (10)
        "stage_1_response_code": "2026-09-17",  # from 3: 4 (1), 7-11 (6), 14-17 (10)
        "escalation_window": "2026-10-13",  # from 15: 16-18 (3), 21-25 (8), 28-2 (13), 5-9 (18), 12 13 (20)
        "stage_2_acknowledgement": "2026-09-28",  # from 21: 22-25 (4), 28 (5)
        "stage_2_first_contact": "2026-09-30",  # from 23: 24 25 (2), 28 29 30 (5)
        "stage_2_response": "2026-10-20",  # from 22: 23-25 (3), 28-2 (8), 5-9 (13), 12-16 (18), 19 20 (20)
        "stage_2_response_code": "2026-10-20",
        "determination_forward": "2026-12-24T14:00",
        "determination_share": "2026-12-29T14:00",
        "determination_review": "2027-01-04",
        "determination_follow_up": "2027-01-11",
    },
    "housing-services": {
        "stage_1_acknowledgement": "2026-09-08",
        "stage_1_response": "2026-09-17",
        "stage_1_response_code": "2026-09-17",
        "escalation_window": "2026-10-15",  # one month from 15 September
        "stage_2_acknowledgement": "2026-09-28",
        "stage_2_response": "2026-10-20",
        "stage_2_response_code": "2026-10-20",
    },
    "harrogate": {
        "stage_1_acknowledgement": "2026-09-03",  # 2 3 (2)
        "stage_1_response": "2026-09-15",
        "stage_1_response_code": "2026-09-17",
        "stage_2_acknowledgement": "2026-09-23",  # from 21: 22 23 (2)
        "stage_2_response": "2026-10-06",  # from 22: 23-25 (3), 28-2 (8), 5 6 (10)
        "stage_2_response_code": "2026-10-20",
        "record_closes": "2026-10-30",  # from 12 Oct: 13-16 (4), 19-23 (9), 26-30 (14)
    },
}


@pytest.mark.parametrize("landlord", DUE)
def test_a_whole_case(landlord: str) -> None:
    found = asked(f"--landlord {landlord} {WHOLE_CASE}")
    assert {name: clock["due"] for name, clock in found.items()} == DUE[landlord]
    assert list(found) == list(DUE[landlord])
    for clock in found.values():
        assert {"due", "start", "limit", "source", "skipped"} <= set(clock)


def test_a_clock_explains_itself() -> None:
    found = asked("--landlord halton --received 2026-12-21")
    assert found == {
        "stage_1_acknowledgement": {
            "due": "2026-12-30",
            "start": "2026-12-21",
            "start_event": "received_at",
            "limit": "5 working days",
            "source": "Talk to Us procedure v7.3, section 6",
            "skipped": [
                {"date": "2026-12-25", "why": "Christmas Day"},
                {"date": "2026-12-26", "why": "Saturday"},
                {"date": "2026-12-27", "why": "Sunday"},
                {"date": "2026-12-28", "why": "Boxing Day (substitute)"},
            ],
        }
    }


def test_a_month_says_until_when_it_is_accepted() -> None:
    found = asked("--landlord housing-services --received 2027-01-04 --responded 2027-01-31")
    window = found["escalation_window"]
    assert (window["due"], window["accepted_until"]) == ("2027-02-28", "2027-03-01")
    assert (window["limit"], window["skipped"]) == ("1 calendar month", [])


def test_an_extension_keeps_the_date_it_puts_off() -> None:
    clock = asked("--landlord harrogate --received 2026-12-24 --stage-1-extended-by 10")["stage_1_response"]
    assert (clock["due"], clock["unextended_due"], clock["extended_by"]) == ("2027-01-26", "2027-01-12", 10)
    assert clock["limit"] == "10 working days, extended by 10 working days"


def test_a_clock_that_was_met_says_when() -> None:
    line = "--landlord halton --received 2026-12-21 --acknowledged 2026-12-31T09:30"
    assert asked(line)["stage_1_acknowledgement"]["met_on"] == "2026-12-31"
    assert "met on Thu 31 Dec 2026, late" in due(line).stdout


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-07-01T00:30", "2026-07-03"),  # London's clock
        ("2026-06-30T23:30Z", "2026-07-03"),  # the same instant: Wednesday 1 July in London
        ("2026-06-30T23:30", "2026-07-02"),
    ],
)
def test_times_are_londons_unless_they_say_otherwise(received: str, expected: str) -> None:
    found = asked(f"--landlord harrogate --received {received}")
    assert found["stage_1_acknowledgement"]["due"] == expected


def test_a_determination_without_a_time_is_due_at_the_earliest() -> None:
    found = asked("--landlord halton --received 2026-01-05 --determination 2026-12-23")
    assert found["determination_forward"]["due"] == "2026-12-24T00:00"


def test_the_table_says_the_same() -> None:
    result = due(f"--landlord halton {WHOLE_CASE}")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[1:] if line[0] != " "] == list(
        DUE["halton"]
    )
    assert "Tue 8 Sep 2026" in result.stdout
    assert "Thu 24 Dec 2026 at 14:00" in result.stdout
    assert "Complaint Handling Code 2024, 6.3" in result.stdout
    assert "28 Dec Boxing Day (substitute)" in result.stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "--landlord nobody --received 2026-12-21",
            "there is no landlord 'nobody'; there are halton, harrogate",
        ),
        ("--landlord ../code --received 2026-12-21", "there is no landlord"),
        ("--received 2026-12-21", "Missing option '--landlord'"),
        ("--landlord halton", "Missing option '--received'"),
        ("--landlord halton --received 2026-13-21", "'2026-13-21' is not a date like 2026-12-21"),
        ("--landlord halton --received yesterday", "'yesterday' is not a date"),
        ("--landlord halton --received 2026-12-21T25:00", "is not a date"),
        ("--landlord halton --received 0001-01-01T00:00+14:00", "is not a date"),
        ("--landlord halton --received 2026-12-21 --logged 21/12/2026", "Invalid value for '--logged'"),
        ("--landlord halton --received 2011-12-30", "30 December 2011 is outside the known bank holidays"),
        ("--landlord halton --received 2028-12-28", "outside the known bank holidays"),
        ("--landlord halton --received 2031-01-06", "6 January 2031 is outside"),
        ("--landlord halton --received 9999-12-31", "is outside"),
        (
            "--landlord halton --received 2026-12-21 --logged 2026-12-18",
            "logged (18 December 2026) cannot come before received (21 December 2026)",
        ),
        (
            "--landlord halton --received 2026-12-01 --responded 2026-12-15 --escalated 2026-12-14",
            "escalated (14 December 2026) cannot come before responded (15 December 2026)",
        ),
        (
            "--landlord halton --received 2026-12-01 --logged 2026-12-01 --stage-1-extended-by 11",
            "an extension at stage 1 is at most 10 working days for Halton Housing, not 11",
        ),
        (
            "--landlord housing-services --received 2026-12-01 --acknowledged 2026-12-02 "
            "--stage-1-extended-by 11",
            "at most 10 working days for Housing Services",
        ),
        (
            "--landlord harrogate --received 2026-12-01 --escalated 2026-12-20 "
            "--escalation-acknowledged 2026-12-21 --stage-2-extended-by 11",
            "an extension at stage 2 is at most 10 working days for Harrogate Housing Association",
        ),
        ("--landlord halton --received 2026-12-01 --stage-2-extended-by 5", "its clock has not begun"),
        (
            "--landlord halton --received 2026-12-01 --stage-1-extended-by some",
            "not a valid number of working days",
        ),
        ("--landlord halton --received 2026-12-01 --stage-1-extended-by -1", "-1 is not in the range"),
        ("--landlord halton --received 2026-12-01 --paused 3", "No such option '--paused'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(line: str, message: str) -> None:
    for form in (line, f"{line} --json"):
        result = due(form)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
        assert result.stderr.startswith("redress due: ")


def test_it_starts_fast_and_without_the_web_or_the_database() -> None:
    code = (
        "import sys, atexit\n"
        "heavy = {'flask', 'sqlalchemy', 'werkzeug', 'jinja2', 'wtforms'}\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
        "from shared.cli import main\n"
        "main(['due', '--landlord', 'halton', '--received', '2026-12-21', '--json'])\n"
    )
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert time.perf_counter() - begun < 3  # a third of a second alone; the machine may be busy
    assert json.loads(done.stdout)["stage_1_acknowledgement"]["due"] == "2026-12-30"
    assert done.stderr.strip() == "[]"
