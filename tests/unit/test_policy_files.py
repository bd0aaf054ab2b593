"""What the policy files promise, and what happens when one of them is wrong."""

import re
import shutil
import tomllib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from shared.policy import load as loading
from shared.policy.compare import looser_than_code
from shared.policy.load import PolicyError, UnknownLandlord, available, load, restore
from shared.policy.messages import extract, words
from shared.policy.rules import Strict
from shared.policy.terms import CODE, Anonymous, CodeGround, Consent, Part, Petitions, Remit, SocialMedia
from shared.vocab import LetterKind, Role

SLUGS = ["halton", "harrogate", "housing-services"]
every_landlord = pytest.mark.parametrize("slug", SLUGS)


def test_there_are_three() -> None:
    assert available() == SLUGS


# --- the same for all --------------------------------------------------------------------------------------


@every_landlord
def test_a_source_is_cited_as_a_person_would(slug: str) -> None:
    policy = load(slug)
    text = msgspec.json.encode(policy).decode()
    sources = re.findall(r'"source":"([^"]*)"', text)
    assert len(sources) > 20
    for source in sources:
        assert not re.search(r"\.(txt|md)\b", source), source


@every_landlord
def test_residents_words_are_plain(slug: str) -> None:
    found = list(words(tomllib.loads((loading.HERE / "landlords" / f"{slug}.toml").read_text())))
    assert len(found) > 10
    for sentence in found:
        assert not re.search(r"\b\w+n't\b|\b(we|you|it|they)'(re|ll|ve|s)\b", sentence, re.IGNORECASE), (
            sentence
        )
        for part in re.split(r"[.?!]\s", sentence):
            assert len(part.split()) <= 25, part


@every_landlord
def test_every_duty_in_a_letter_has_a_source(slug: str) -> None:
    policy = load(slug)
    for kind in LetterKind:
        for part in policy.letter_parts(kind):
            assert part.sources


@every_landlord
def test_every_letter_to_a_resident_about_a_complaint_names_the_ombudsman(slug: str) -> None:
    silent = {LetterKind.SURVEY, LetterKind.CONSENT}
    for kind in set(LetterKind) - silent:
        required = {part.part for part in load(slug).letter_parts(kind) if part.required}
        assert Part.OMBUDSMAN in required, kind


@every_landlord
@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        # Code 6.9 a to g
        (
            "response_1",
            "stage complaint_definition decision reasons remedy outstanding_actions how_to_escalate "
            "all_points",
        ),
        # Code 6.19 a to g
        (
            "response_2",
            "stage complaint_definition decision reasons remedy outstanding_actions how_to_refer "
            "final_response",
        ),
        ("acknowledgement_1", "complaint_definition outcome_sought responsibilities"),
        ("acknowledgement_2", "complaint_definition outcome_sought responsibilities"),
        ("extension", "extension_reason new_date"),
        ("not_accepted", "ground reasons right_to_challenge"),
        ("escalation_declined", "ground reasons right_to_challenge"),
    ],
)
def test_no_landlord_can_lose_what_the_code_asks_of_a_letter(slug: str, kind: str, parts: str) -> None:
    required = {part.part.value for part in load(slug).letter_parts(LetterKind(kind)) if part.required}
    assert set(parts.split()) <= required


@every_landlord
def test_a_ground_of_the_code_needs_its_facts(slug: str) -> None:
    landlord = load(slug).landlord
    needed = {
        CodeGround.OVER_TWELVE_MONTHS: {"happened_on", "aware_on", "discretion_considered"},
        CodeGround.LEGAL_PROCEEDINGS: {"court_filed_on"},  # a letter before action is not enough
        CodeGround.ALREADY_CONSIDERED: {"earlier_reference"},
    }
    for ground in (*landlord.exclusions, *landlord.escalation.refusals):
        if ground.code_ground:
            assert needed[ground.code_ground] <= set(ground.evidence), ground.id
    assert {ground.code_ground for ground in landlord.exclusions} >= set(CodeGround)


@every_landlord
def test_what_we_chose_ourselves_is_marked(slug: str) -> None:
    approvals = load(slug).landlord.approvals
    assert "money" in approvals.ours
    assert ("refusal" in approvals.ours) == approvals.refusal_source.startswith("Our default")
    assert ("restriction" in approvals.ours) == approvals.restriction_source.startswith("Our default")


@every_landlord
def test_money_needs_more_say_the_more_it_is(slug: str) -> None:
    policy = load(slug)
    assert not policy.may_promise(Role.RESIDENT, 1)
    assert policy.may_promise(Role.HANDLER, 25_000)
    assert not policy.may_promise(Role.HANDLER, 25_001)
    assert policy.may_promise(Role.DIRECTOR, 10_000_000)


def test_every_key_that_a_file_may_hold_is_read_by_something() -> None:
    """What nothing reads is no rule of this service: it would only look like one."""
    root = loading.HERE.parents[1]
    says = {loading.HERE / f"{name}.py" for name in ("landlord", "rules", "edition", "terms")}
    places = [
        path for part in ("portal", "staff", "shared", "templates") for path in (root / part).rglob("*.*")
    ]
    read = "\n".join(
        path.read_text() for path in places if path.suffix in {".py", ".html"} and path not in says
    )
    kinds = [Strict]
    for kind in kinds:
        kinds += kind.__subclasses__()
    keys = {(kind.__name__, key) for kind in kinds for key in kind.__struct_fields__}
    assert len(keys) > 100
    assert [f"{kind}.{key}" for kind, key in sorted(keys) if not re.search(rf"\.{key}\b", read)] == []


def test_the_clauses_that_code_names_are_those_of_the_edition_in_force() -> None:
    assert load("halton").code.name == CODE, "look at every clause that code names, then at this name"


# --- one by one --------------------------------------------------------------------------------------------


def test_halton() -> None:
    halton = load("halton").landlord
    assert halton.languages == ("fa", "ar", "bn", "hi", "ur", "zh-Hant", "pl")
    assert halton.contact.phone == "0303 333 0101"
    assert halton.contact.reception[-1] == "WA8 0TD"
    assert halton.stage_2.letter_check is Role.OFFICER
    assert halton.approvals.restriction is Role.DIRECTOR
    assert halton.intake.petitions is Petitions.GROUP_COMPLAINT
    assert halton.intake.anonymous is Anonymous.TELL_AREA
    outside = next(one for one in halton.exclusions if one.id == "outside_scheme")
    assert outside.remit is Remit.INDEPENDENT_ADVICE


def test_housing_services() -> None:
    landlord = load("housing-services").landlord
    assert landlord.stage_2.handler_title == "Business Manager"
    assert landlord.approvals.refusal is Role.HANDLER  # the Investigating Officer
    assert landlord.intake.petitions is Petitions.RECORD_AND_TELL
    assert landlord.intake.petitions_warning
    assert landlord.intake.representatives.consent is Consent.MAY_CHECK
    assert landlord.document.review_due_on == date(2026, 1, 31)
    assert "3" not in landlord.stages.words.stage_2
    # the paper gives no way to reach it, and none was made up
    assert (landlord.contact.phone, landlord.contact.email, landlord.contact.post) == ("", "", ())


def test_harrogate() -> None:
    landlord = load("harrogate").landlord
    assert landlord.stage_2.handler_title == "Operations Manager"
    assert landlord.panel is not None
    assert (landlord.panel.short, landlord.panel.companions) == ("CLC", 1)
    assert landlord.home_visit is not None
    assert landlord.escalation.reasons_asked
    # its own reasons for refusing a review are no grounds under the Code, so none of them can be used
    own = [one for one in landlord.escalation.refusals if one.code_ground is None]
    assert [one.id for one in own] == ["actions_done", "no_reasons", "outside_our_power", "would_not_engage"]
    assert not any(one.usable for one in own)


@every_landlord
def test_social_media_is_a_way_to_complain(slug: str) -> None:
    assert load(slug).landlord.intake.social_media is SocialMedia.ACCEPT_THEN_PRIVATE


def test_harrogates_checklist_is_whole() -> None:
    items = [item for section in load("harrogate").landlord.checklist for item in section.items]
    main = [item.id for item in items if item.id.isdigit()]
    assert main == [str(number) for number in range(1, 37)]
    under = " ".join(item.id for item in items if not item.id.isdigit())
    assert under == "11a 11b 11c 11d 11e 19a 19b 19c 27a 27b 27c 31a 31b 32a 35a"
    by_itself = " ".join(item.id for item in items if item.auto)
    assert by_itself == (
        "1 2 3 4 5 6 7 8 10 11 11b 11e 14 15 16 17 18 19 19a 19b 19c "
        "20 22 23 24 26 27 27c 30 31a 31b 32a 33 34 35 35a 36"
    )


# --- the Ombudsman -----------------------------------------------------------------------------------------


def test_the_ombudsmans_address_is_dated() -> None:
    policy = load("halton")
    before, after = policy.ombudsman(date(2026, 1, 12)), policy.ombudsman(date(2026, 1, 13))
    assert before.email
    assert after.email is None  # no new cases by e-mail since 13 January 2026
    assert after.post == ("Housing Ombudsman Service", "PO Box 1484", "Unit D", "Preston", "PR2 0ET")
    assert after.phone == "0300 111 3000"
    assert after.form_url == "https://www.housing-ombudsman.org.uk/residents/make-a-complaint/"


@every_landlord
def test_no_landlords_file_holds_the_ombudsmans_address(slug: str) -> None:
    text = (loading.HERE / "landlords" / f"{slug}.toml").read_text()
    for stale in ("PO Box", "0300 111", "info@housing-ombudsman", "L33"):
        assert stale not in text


def test_fixed_sums_are_dated() -> None:
    policy = load("halton")
    assert policy.tariff(date(2026, 3, 31)) == ()
    sums = {one.id: (one.pence, one.per.value) for one in policy.tariff(date(2026, 4, 1))}
    assert sums == {
        "no_heating_and_hot_water": (1500, "day"),
        "no_heating_or_hot_water": (800, "day"),
        "no_power": (1000, "day"),
        "no_lighting": (1000, "week"),
        "missed_appointment": (1500, "event"),
    }


# --- versions ----------------------------------------------------------------------------------------------


def test_a_version_names_both_dates_and_the_content() -> None:
    assert re.fullmatch(r"2025-09-01/2024-04-01/[0-9a-f]{8}", load("halton").version)
    assert len({load(slug).version for slug in SLUGS}) == 3


def test_a_policy_is_read_once() -> None:
    assert load("halton", on=date(2026, 1, 5)) is load("halton", on=date(2026, 11, 5))


@every_landlord
def test_a_kept_policy_comes_back_whole(slug: str) -> None:
    policy = load(slug)
    document = msgspec.json.encode(policy)
    assert restore(document) == policy
    older = msgspec.json.decode(document)
    older["landlord"]["tone"] = {"person": "customer"}  # a key that files no longer have
    assert restore(msgspec.json.encode(older)) == policy


def test_a_kept_policy_follows_the_ombudsman_when_it_moves() -> None:
    policy = load("halton")
    old = msgspec.structs.replace(policy, all_ombudsman=policy.all_ombudsman[:1])
    assert restore(msgspec.json.encode(old)).ombudsman(date(2026, 11, 1)).email is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the policy files that a test may spoil."""
    shutil.copy(loading.HERE / "code.toml", tmp_path)
    shutil.copytree(loading.HERE / "landlords", tmp_path / "landlords")
    return tmp_path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_new_edition_of_the_code_holds_from_its_day(folder: Path) -> None:
    block = (folder / "code.toml").read_text().split("[[ombudsman]]")[0].split("[[editions]]", 1)[1]
    newer = "[[editions]]" + block.replace("2024-04-01", "2027-04-01").replace("Code 2024", "Code 2027")
    newer = newer.replace("number = 10", "number = 8", 1)
    spoil(folder / "code.toml", "[[ombudsman]]", newer + "\n[[ombudsman]]")
    before, after = (load("halton", on=day, folder=folder) for day in (date(2027, 3, 31), date(2027, 4, 1)))
    assert str(before.code.clocks["stage_1_response"].limit) == "10 working days"
    assert str(after.code.clocks["stage_1_response"].limit) == "8 working days"
    assert before.version != after.version


def test_an_older_edition_of_a_landlord_holds_until_the_newer(folder: Path) -> None:
    older = folder / "landlords" / "halton.2024-06-01.toml"
    shutil.copy(folder / "landlords" / "halton.toml", older)
    spoil(older, "effective_from = 2025-09-01", "effective_from = 2024-06-01")
    spoil(older, 'version = "7.3"', 'version = "7.2"')
    found = [
        load("halton", on=date(*day), folder=folder) for day in ((2020, 1, 1), (2025, 8, 31), (2025, 9, 1))
    ]
    assert [one.landlord.document.version for one in found] == ["7.2", "7.2", "7.3"]
    assert available(folder) == SLUGS


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("halton", "number = 5,", 'number = "5",', r"halton\.toml: .*int.* - at `clocks.*limit\.number`"),
        ("halton", 'start = "logged_at"', 'start = "loged_at"', r"halton\.toml: .*loged_at.*clocks"),
        (
            "halton",
            "draft_days = 28",
            "draft_days = 28\ncolour = 1",
            r"halton\.toml: .*unknown field `colour`",
        ),
        ("halton", "approve_before = true", "aprove = true", r"halton\.toml: .*unknown field `aprove`"),
        ("halton", 'short_name = "Halton"\n', "", r"halton\.toml: .*required field `short_name`"),
        ("halton", 'slug = "halton"', 'slug = "hilton"', r"halton\.toml: slug is 'hilton'"),
        ("halton", "[document]", "[document", r"halton\.toml: "),
        ("halton", "number = 24,", "number = 30,", r"halton\.toml: .*whole working days"),
        ("halton", '"first_request"', '"nuisance"', r"halton\.toml: exclusions has nuisance more than once"),
        ("harrogate", "part:closing:feedback_form", "part:closing:tea", r"harrogate\.toml: .*tea"),
        ("harrogate", "clock:panel_outcome", "colour:red", r"harrogate\.toml: .*colour:red"),
        ("harrogate", 'after = "11b"', 'after = "11z"', r"harrogate\.toml: .*11c comes after 11z"),
        (
            "halton",
            "[clocks.stage_2_first_contact]",
            "[clocks.stage_2_response_code]",
            r"halton\.toml: clocks\.stage_2_response_code is the Code's",
        ),
    ],
)
def test_a_wrong_file_names_itself_and_the_key(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    spoil(folder / "landlords" / f"{file}.toml", old, new)
    with pytest.raises(PolicyError, match=message):
        load(file, folder=folder)


def test_the_codes_records_are_in_order(folder: Path) -> None:
    spoil(folder / "code.toml", "effective_from = 2026-01-13", "effective_from = 2023-01-13")
    with pytest.raises(PolicyError, match=r"code\.toml: ombudsman must be in order"):
        load("halton", folder=folder)


@pytest.mark.parametrize("slug", ["nobody", "", "../code", "halton.toml", "Halton"])
def test_an_unknown_landlord_is_told_which_there_are(slug: str) -> None:
    with pytest.raises(UnknownLandlord, match="halton, harrogate, housing-services"):
        load(slug)


def test_a_fourth_landlord_is_one_file(folder: Path) -> None:
    text = (folder / "landlords" / "halton.toml").read_text().replace('slug = "halton"', 'slug = "mersey"')
    (folder / "landlords" / "mersey.toml").write_text(text)
    assert load("mersey", folder=folder).slug == "mersey"


# --- looser than the Code ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "clause", "area"),
    [
        ("halton", "1.2", "Definition of a complaint"),
        ("halton", "3.2", "How to ask for stage 2"),
        ("halton", "5.11", "ground for refusing stage 2"),
        ("housing-services", "2.3", "age limit"),
        ("housing-services", "1.2 and 2.5", "petitions"),
        ("housing-services", "5.3", "A third stage"),
        ("housing-services", "2.5 and 5.11", "late request for stage 2"),
        ("harrogate", "6.12", "reasons for stage 2"),
        ("harrogate", "5.3 and 6.14", "panel inside stage 2"),
        ("harrogate", "2.3", "age limit"),
        ("harrogate", "5.2", "Informal complaints"),
        ("harrogate", "7.4", "Compensation and debts"),
    ],
)
def test_where_a_landlord_is_looser(slug: str, clause: str, area: str) -> None:
    assert (clause, area) in {(one.clause, one.area) for one in looser_than_code(load(slug))}


@every_landlord
def test_no_landlords_limits_are_longer_than_the_codes(slug: str) -> None:
    assert not [
        one for one in looser_than_code(load(slug)) if "acknowledgement" in one.area or "response" in one.area
    ]


@pytest.mark.parametrize(
    ("old", "new", "area"),
    [
        ("limit = { number = 5, unit", "limit = { number = 7, unit", "stage 1 acknowledgement"),
        ('start = "logged_at"', 'start = "allocated_at"', "stage 1 response"),
        ("cap = 10", "cap = 15", "stage 1 extension"),
        ("cap = 20", "cap = 30", "stage 2 extension"),
        ("[age_limit]\nlimit = { number = 12", "[age_limit]\nlimit = { number = 6", "age limit"),
    ],
)
def test_a_limit_made_looser_is_found(folder: Path, old: str, new: str, area: str) -> None:
    assert area not in {one.area for one in looser_than_code(load("halton"))}
    spoil(folder / "landlords" / "halton.toml", old, new)
    assert area in {one.area for one in looser_than_code(load("halton", folder=folder))}


# --- translation -------------------------------------------------------------------------------------------


def test_translators_get_the_words_for_residents_and_nothing_else() -> None:
    with (loading.HERE / "landlords" / "halton.toml").open("rb") as file:
        found = {message: line for line, _, message, _ in extract(file, [], [], {})}
    assert "Stage 1" in found
    assert "Your complaint is complex." in found
    assert "Talk To Us procedure" not in found
    lines = (loading.HERE / "landlords" / "halton.toml").read_text().splitlines()
    assert all(message in lines[line - 1] for message, line in found.items())
