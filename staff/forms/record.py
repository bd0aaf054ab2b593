"""The turns of a case: escalation on behalf, consent, learning, closing, opening again, translations."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField, SelectField

from shared import i18n
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.state import Consent
from shared.clock import today
from shared.identity.actors import Staff
from shared.vocab import Action, Channel, CloseReason, ConsentScope, Role, Stage
from shared.web.forms import DateParts, Files, choices, optional, required
from staff.forms.base import (
    ActionForm,
    an_hour,
    form_for,
    instant,
    long,
    short,
    within_calendar,
)
from staff.forms.taking_in import CHANNELS

SCOPES = {
    ConsentScope.EVERYTHING: "Talk to the helper about everything on this complaint",
    ConsentScope.ME_AS_WELL: "Talk to both of us",
    ConsentScope.SOME: "Talk to the helper about some things only",
    ConsentScope.NONE: "No answer yet",
    ConsentScope.REFUSED: "Do not talk to the helper",
}
BASES = {
    "": "Not said",
    "spoken": "The resident said so",
    "written": "The resident wrote so",
    "elected_representative": "The helper is an MP or councillor",
    "attorney": "Power of attorney or deputy",
    "executor": "Executor for somebody who has died",
    "parent": "Parent of a child",
    "best_interests": "Best interests of somebody who cannot agree",
}
CLOSE_REASONS = {
    CloseReason.RESOLVED: "Resolved: the resident says so",
    CloseReason.NO_REPLY: "No reply within the landlord's time",
    CloseReason.FINAL_RESPONSE: "The final response was sent",
    CloseReason.NOT_ACCEPTED: "Not accepted",
    CloseReason.PASSED_ON: "Passed on",
}
FITS = {
    Stage.RECEIVED: (CloseReason.RESOLVED,),
    Stage.STAGE_1_ANSWERED: (CloseReason.RESOLVED, CloseReason.NO_REPLY),
    Stage.STAGE_2_ANSWERED: (CloseReason.FINAL_RESPONSE, CloseReason.RESOLVED),
    Stage.NOT_ACCEPTED: (CloseReason.NOT_ACCEPTED,),
    Stage.SERVICE_REQUEST: (CloseReason.RESOLVED, CloseReason.PASSED_ON),
    Stage.RECORDED: (CloseReason.PASSED_ON, CloseReason.RESOLVED),
}
THEMES = {
    "communication": "Keeping people informed",
    "delay": "Delay",
    "quality": "Quality of work",
    "staff": "Staff or contractors",
    "policy": "A policy or procedure",
    "records": "Records",
    "other": "Something else",
}


@form_for(Action.ESCALATE)
class EscalateForm(ActionForm):
    title = "Log a request for stage 2"
    button = "Log the request"
    takes_files = True
    internal_files = False

    channel = SelectField("How did it reach us?", choices=choices(CHANNELS.items()))
    received_on = DateParts("Which day did it reach us?", missing="Enter the day on which it reached us")
    received_time = short("What time?", "You may leave it empty.", optional(), an_hour())
    reason = long("What the resident said", "They need not give a reason.", optional())
    late_reason = long("If it is late: why, in the resident's words", "", optional())
    uploads = Files("Files", [optional()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"channel": Channel.PHONE.value, "received_on": today()}

    def command(self) -> c.Escalate:
        return c.Escalate(
            reason=self.reason.data,
            late_reason=self.late_reason.data,
            received_at=instant(self.received_on.data, self.received_time.data),
            channel=Channel(self.channel.data),
            files=self.files,
        )


@form_for(Action.SET_CONSENT)
class SetConsentForm(ActionForm):
    title = "Record consent"

    scope = RadioField(
        "What does the resident say?",
        [required("Choose what the resident says")],
        choices=choices(SCOPES.items()),
    )
    topics = short("If some things only: which", "", optional())
    basis = SelectField("On what basis", choices=choices(BASES.items()))
    words = long(
        "The words the resident used, and how you heard them", "On their own channel, not the helper's."
    )
    until = DateParts("Until (empty: as long as the complaint runs)", [optional(), within_calendar()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        known = view.state.consent
        return {
            "scope": known.scope.value if known.recorded_at else None,
            "topics": known.topics,
            "basis": known.basis if known.basis in BASES else "",
            "until": known.until,
        }

    def command(self) -> c.SetConsent:
        return c.SetConsent(
            consent=Consent(
                scope=ConsentScope(self.scope.data),
                topics=self.topics.data,
                basis=self.basis.data,
                words=self.words.data,
                until=self.until.data,
            )
        )


@form_for(Action.RECORD_LEARNING)
class RecordLearningForm(ActionForm):
    title = "Record what we learned"

    theme = SelectField("Theme", choices=choices(THEMES.items()))
    words = long("What we learned, and what changes")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        state = view.state
        theme = state.learning_theme if state.learning_theme in THEMES else "communication"
        return {"words": state.learning, "theme": theme}

    def command(self) -> c.RecordLearning:
        return c.RecordLearning(theme=self.theme.data, words=self.words.data)


@form_for(Action.CLOSE)
class CloseForm(ActionForm):
    title = "Close the record"
    button = "Send"
    translated = ("words",)

    reason = RadioField("Why", [required("Choose why the record closes")])
    words = long("In your own words, for the letter", "Leave it empty for the usual sentence.", optional())

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        fit = FITS.get(view.state.stage, ())
        return {"reason": fit[0].value if len(fit) == 1 else None}

    def prepare(self) -> None:
        fit = FITS.get(self.view.state.stage, tuple(CLOSE_REASONS))
        self.reason.choices = choices([(reason, CLOSE_REASONS[reason]) for reason in fit])

    def command(self) -> c.Close:
        return c.Close(reason=CloseReason(self.reason.data), words=self.said_or_none("words"))


@form_for(Action.REOPEN)
class ReopenForm(ActionForm):
    title = "Open the record again"
    button = "Open again"

    reason = long("Why", "", required("Write why the record opens again"))

    def command(self) -> c.Reopen:
        return c.Reopen(reason=self.reason.data)


@form_for(Action.WITHDRAW)
class WithdrawForm(ActionForm):
    title = "The resident does not want to go on"
    button = "Send"

    reason = long(
        "What the resident said, and how",
        "They can come back at any time.",
        required("Write what the resident said"),
    )

    def command(self) -> c.Withdraw:
        return c.Withdraw(reason=self.reason.data)


@form_for(Action.TRANSLATE)
class TranslateForm(ActionForm):
    title = "Record a translation"
    button = "Save translation"

    of = RadioField("Of what?", [required("Choose what the translation is of")])
    text = long(
        "The translation",
        "The original stays as it is, and both are shown.",
        required("Write the translation"),
    )
    language = SelectField("Into")
    translator = short("Who translated it", "A person, not a program.", required("Enter who translated it"))

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        waiting = sorted(view.state.untranslated)
        of = asked.get("of", waiting[0] if waiting else "story")
        ours = of.startswith("letter:")
        return {"of": of, "language": view.state.language if ours else i18n.SOURCE}

    @staticmethod
    def letters_waiting(view: CaseView) -> list[tuple[str, str]]:
        """Our letters with words in English that the resident was promised in her own language."""
        waiting = view.state.untranslated
        rows = {f"letter:{row.seq}": row for row in view.letters}
        return [
            (of, f"What we wrote in our letter of {row.sent_at:%d %B %Y}: it goes out at once")
            for of, row in rows.items()
            if of in waiting
        ]

    @classmethod
    def said_so_far(cls, view: CaseView) -> list[tuple[str, str]]:
        """What people wrote on the case, by the name that a translation goes by: the first story, then events."""
        found = []
        for event in view.events:
            words = next(
                (w for n in ("text", "answer", "reason", "words") if (w := getattr(event.command, n, ""))), ""
            )
            by_them = event.role in {Role.RESIDENT, Role.REPRESENTATIVE}
            if isinstance(words, str) and words and (by_them or isinstance(event.command, c.Message)):
                found.append((f"message:{event.seq}", f"{event.name}, {event.at:%d %B %Y}: {words[:80]}"))
        return found

    def prepare(self) -> None:
        self.of.choices = choices(
            [
                ("story", "What the resident wrote first"),
                *self.said_so_far(self.view),
                *self.letters_waiting(self.view),
            ]
        )
        codes = dict.fromkeys(("en", *(one.code for one in i18n.languages()), self.view.state.language))
        self.language.choices = choices([(code, i18n.english_name(code)) for code in codes])

    def command(self) -> c.Translate:
        return c.Translate(
            of=self.of.data,
            text=self.text.data,
            language=self.language.data,
            translator=self.translator.data,
        )
