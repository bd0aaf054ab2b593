"""Short messages from one template each: the text is written, the HTML follows, so the two cannot disagree.

A template in templates/email/ has two blocks, `subject` and `body`. The body is plain text: a blank
line parts paragraphs, and a line that is a web address becomes a link. Letters have their own way.
"""

import re
from dataclasses import dataclass

from flask import current_app
from jinja2 import Template

from shared import config, i18n
from shared.mail import sms
from shared.vocab import Channel

LINK = re.compile(r"https?://\S+")
ISOLATE = "\u2066{}\u2069"  # keeps "HAL-2026-0042-7" in one piece and in order inside right-to-left text


@dataclass(frozen=True, slots=True)
class Composed:
    """The words of one e-mail or text message, ready for outbox.queue_words."""

    subject: str
    text: str
    html: str
    language: str  # BCP 47
    channel: Channel


def compose(name: str, language: str, /, *, landlord: str, **facts: object) -> Composed:
    """Write `templates/email/<name>.txt` in a language (a code or tag). Needs an application context.

    `landlord` signs it. Raises LookupError for a language that translations/ does not hold.
    """
    with i18n.in_language(language) as chosen:
        env = current_app.jinja_env  # without the context of pages: a worker has no request
        template: Template = env.get_template(f"email/{name}.txt")
        words = {"landlord": landlord, "ltr": ISOLATE.format, **facts}
        subject = " ".join(_block(template, "subject", words).split())
        text = re.sub(r"\n{3,}", "\n\n", _block(template, "body", words)).strip() + "\n"
        html = env.get_template("email/_page.html").render(
            title=subject,
            paragraphs=[part.split("\n") for part in text.strip().split("\n\n")],
            is_link=LINK.fullmatch,
            lang=chosen.tag,
            dir=chosen.direction,
        )
        return Composed(subject, text, html, chosen.tag, Channel.EMAIL)


def text_message(name: str, language: str, /, *, landlord: str, **facts: object) -> Composed:
    """Write `templates/text/<name>.txt` as a text message in a language, or in English where it cannot be sent.

    Words that run left to right carry no marks of direction: such marks alone would halve what fits.
    """
    with i18n.in_language(language) as chosen:
        isolate = ISOLATE.format if chosen.direction == "rtl" else str
        template = current_app.jinja_env.get_template(f"text/{name}.txt")
        words = template.render(landlord=landlord, ltr=isolate, date_text=i18n.date_text, **facts)
        text = "\n".join(" ".join(line.split()) for line in words.splitlines() if line.strip())
        # Latin letters go without their marks, as everybody's texts do: with them less than half would fit.
        plain = sms.plain_latin(text) if sms.is_latin(text) else text
        composed = Composed("", plain, "", chosen.tag, Channel.TEXT)
    if chosen.code != i18n.SOURCE and not sms.arrives_whole(text, config.current()):
        return text_message(name, i18n.SOURCE, landlord=landlord, **facts)
    return composed


def to_colleague(subject: str, text: str) -> Composed:
    """Words to somebody who works here: in English, as text alone."""
    return Composed(subject, text, "", i18n.SOURCE, Channel.EMAIL)


def _block(template: Template, name: str, words: dict[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(words)))
