"""What templates/shared/fields.html cannot say in Jinja: a WTForms field as the parameters of a component.

Templates reach these functions as `kit`. Text goes out as text, never as ready HTML, so escaping stays on.
"""

from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from shared.web.forms import error_list, first_error

__all__ = ["error", "error_list", "fieldset", "items", "label", "optional_text", "options"]


def optional_text(text: Any) -> dict[str, Any] | None:
    """A hint, prefix or suffix when there is one."""
    return {"text": text} if text else None


def label(field: Any, optional: bool = False, heading: bool = False, size: str = "") -> dict[str, Any]:
    """A control's label; as a heading it is the page's h1."""
    size = size or ("l" if heading else "")
    return {
        "text": _question(field, optional),
        "isPageHeading": heading,
        "classes": f"govuk-label--{size}" if size else "",
    }


def fieldset(field: Any, optional: bool = False, heading: bool = False, size: str = "") -> dict[str, Any]:
    """The legend around radios, checkboxes and dates; as a heading it is the page's h1."""
    size = size or ("l" if heading else "m")
    return {
        "legend": {
            "text": _question(field, optional),
            "isPageHeading": heading,
            "classes": f"govuk-fieldset__legend--{size}",
        }
    }


def _question(field: Any, optional: bool) -> str:
    text = str(field.label.text)
    return gettext("%(question)s (optional)", question=text) if optional else text


def error(field: Any) -> dict[str, str] | None:
    """The first thing wrong with an answer, in the words that the error summary uses too."""
    if not field.errors:
        return None
    return {"text": str(first_error(field.errors)), "visuallyHiddenText": gettext("Error")}


def items(
    field: Any,
    hints: dict[str, Any] | None = None,
    conditional: dict[str, Markup] | None = None,
    divider_before: str = "",
    divider: Any = "",
) -> list[dict[str, Any]]:
    """The answers of a radio or checkbox field, with their hints and the one control that each may reveal."""
    found: list[dict[str, Any]] = []
    for choice in field.iter_choices():
        value = str(choice.value)
        if divider_before == value and divider:
            found.append({"divider": divider})
        item: dict[str, Any] = {"value": value, "text": choice.label, "checked": choice.selected}
        if hints and value in hints:
            item["hint"] = {"text": hints[value]}
        if conditional and value in conditional:
            item["conditional"] = {"html": conditional[value]}
        found.append(item)
    return found


def options(field: Any) -> list[dict[str, Any]]:
    """The answers of a select field."""
    return [{"value": c.value, "text": c.label, "selected": c.selected} for c in field.iter_choices()]
