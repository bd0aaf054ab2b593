"""Short e-mails from one template each: the text is written, the HTML follows, so the two cannot disagree.

A template in templates/email/ has two blocks, `subject` and `body`. The body is plain text: a blank
line parts paragraphs, and a line that is a web address becomes a link. Letters have their own way.
"""

import re
from dataclasses import dataclass

from flask import current_app
from jinja2 import Template

from shared import i18n

LINK = re.compile(r"https?://\S+")
ISOLATE = "\u2066{}\u2069"  # keeps "HAL-2026-0042-7" in one piece and in order inside right-to-left text


@dataclass(frozen=True, slots=True)
class Composed:
    """The words of one e-mail, ready for outbox.queue."""

    subject: str
    text: str
    html: str
    language: str  # BCP 47


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
        return Composed(subject, text, html, chosen.tag)


def _block(template: Template, name: str, words: dict[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(words)))
