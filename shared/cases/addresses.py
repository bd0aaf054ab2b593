"""Where pages are, as letters and messages name them: absolute, for readers who come from outside."""

from shared import config, i18n


def portal_page(language: str, path: str) -> str:
    """A page of the resident's, in her language where the portal has it, in English where it does not."""
    known = {one.code: one.tag for one in i18n.languages()}
    return f"{config.current().base_url}/{known.get(language, i18n.SOURCE)}/{path}"


def case_page(ref: str) -> str:
    """A case in the inbox."""
    return f"{config.current().base_url}/staff/cases/{ref}"
