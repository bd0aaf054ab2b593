"""Settings from the environment, typed and read once; production refuses to start on an unsafe value.

Every variable starts with REDRESS_. The table in README.md lists them; tests/house keeps the two equal.
"""

import os
import re
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-only-secret-key"
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NOTIFY_KEY = re.compile(f"{UUID}-{UUID}$")  # after a name of the landlord's choice


class UnsafeConfiguration(RuntimeError):
    """A setting is missing or unsafe; the message names the variable and how to mend it."""


@dataclass(frozen=True, slots=True)
class Config:
    """One running service. Sizes are bytes, times are seconds unless the name says otherwise."""

    environment: str = "development"  # development | test | production
    landlord: str = "halton"  # a file in shared/policy/landlords/
    database_url: str = ""  # SQLite below data_dir when empty
    data_dir: Path = field(default_factory=lambda: ROOT / "data")
    secret_key: str = DEVELOPMENT_KEY  # refused in production
    base_url: str = "http://127.0.0.1:8000"  # how residents reach the portal; used in letters and e-mails
    mail_from: str = "complaints@landlord.example"
    smtp_host: str = ""  # empty: messages go to the sink, shown on a page in development
    smtp_port: int = 587
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"  # starttls | tls | none
    notify_api_key: str = ""  # GOV.UK Notify; empty: not used
    notify_url: str = "https://api.notifications.service.gov.uk"
    notify_email_template: str = ""  # a template of ((subject)), ((body)) and ((file)); empty: e-mail by SMTP
    notify_text_template: str = ""  # a template of ((body)); empty: no text messages
    notify_post: str = ""  # first | second | economy; empty: letters are printed here
    reply_address: str = (
        ""  # where answers to our mail arrive; empty: answers go to mail_from and are not read
    )
    imap_host: str = ""  # the mailbox behind reply_address; empty: nobody reads it
    imap_port: int = 993
    imap_username: str = ""
    imap_password: str = ""
    imap_folder: str = "INBOX"
    imap_security: str = "tls"  # tls | starttls
    max_upload_bytes: int = 25_000_000  # one file
    max_request_bytes: int = 60_000_000
    max_case_bytes: int = 300_000_000  # all files of one case, as far as residents and helpers add them
    max_image_pixels: int = 60_000_000
    staff_idle_minutes: int = 60
    staff_absolute_hours: int = 12
    resident_idle_minutes: int = 60
    resident_absolute_hours: int = 12
    complaints_per_hour: int = 30  # from one network address, until each further one waits for seconds
    undo_seconds: int = 30  # so long a letter can be taken back before it leaves
    password_cost: str = "normal"  # noqa: S105 - normal | low (tests only)
    trusted_proxies: int = 0  # how many proxies in front of us set X-Forwarded-*

    def __post_init__(self) -> None:
        # Addresses are made by adding a path: with a slash at the end every link would have two.
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @property
    def sqlalchemy_url(self) -> str:
        """The database address in SQLAlchemy's form (psycopg 3 for PostgreSQL)."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'redress.sqlite3'}"
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

    @property
    def keeps_messages(self) -> bool:
        """Whether nothing leaves and every message is kept for the page that developers read."""
        return self.environment != "production" and not self.smtp_host and not self.notify_api_key

    @property
    def sends_texts(self) -> bool:
        """Whether residents can be offered text messages."""
        return bool(self.notify_text_template) or self.keeps_messages

    def check(self) -> None:
        """Refuse to start on values that would harm residents in production."""
        if self.environment not in {"development", "test", "production"}:
            raise UnsafeConfiguration("REDRESS_ENVIRONMENT must be development, test or production")
        if self.smtp_security not in {"starttls", "tls", "none"}:
            raise UnsafeConfiguration("REDRESS_SMTP_SECURITY must be starttls, tls or none")
        self._check_notify()
        if self.environment != "production":
            return
        if self.secret_key == DEVELOPMENT_KEY or len(self.secret_key) < 32:
            raise UnsafeConfiguration("REDRESS_SECRET_KEY must be a random value of at least 32 characters")
        if not self.base_url.startswith("https://"):
            raise UnsafeConfiguration("REDRESS_BASE_URL must start with https://")
        if not self.smtp_host and not self.notify_email_template:
            raise UnsafeConfiguration(
                "REDRESS_SMTP_HOST and REDRESS_NOTIFY_EMAIL_TEMPLATE are empty: no letter could leave"
            )
        if self.notify_api_key and not self.notify_url.startswith("https://"):
            raise UnsafeConfiguration("REDRESS_NOTIFY_URL must start with https://")
        if self.smtp_security == "none" and self.smtp_host not in {"127.0.0.1", "localhost", "::1"}:
            raise UnsafeConfiguration("REDRESS_SMTP_SECURITY=none is only for a server on the same machine")
        if self.password_cost != "normal":  # noqa: S105
            raise UnsafeConfiguration("REDRESS_PASSWORD_COST=low is for tests only")

    def _check_notify(self) -> None:
        if self.notify_post not in {"", "first", "second", "economy"}:
            raise UnsafeConfiguration("REDRESS_NOTIFY_POST must be first, second or economy")
        if self.smtp_host and self.notify_email_template:
            raise UnsafeConfiguration("set REDRESS_SMTP_HOST or REDRESS_NOTIFY_EMAIL_TEMPLATE, not both")
        if not self.notify_api_key:
            if self.notify_email_template or self.notify_text_template or self.notify_post:
                raise UnsafeConfiguration("REDRESS_NOTIFY_API_KEY is empty: GOV.UK Notify would take nothing")
        elif not NOTIFY_KEY.search(self.notify_api_key):
            raise UnsafeConfiguration(
                "REDRESS_NOTIFY_API_KEY must be the whole key: name, service and secret"
            )


def _read(item: Field[Any], raw: str) -> Path | int | str:
    if item.type is Path:
        return Path(raw)
    return int(raw) if item.type is int else raw


def from_environment(environ: "dict[str, str] | os._Environ[str]" = os.environ) -> Config:
    """Read REDRESS_* (and LANDLORD, the short form used with make run) into a checked Config.

    Raises UnsafeConfiguration naming the variable when a value cannot be read or is unsafe.
    """
    values: dict[str, object] = {}
    for item in fields(Config):
        raw = environ.get(f"REDRESS_{item.name.upper()}")
        if raw is None and item.name == "landlord":
            raw = environ.get("LANDLORD")
        if raw is None or raw == "":
            continue
        try:
            values[item.name] = _read(item, raw)
        except ValueError:
            name = f"REDRESS_{item.name.upper()}"
            raise UnsafeConfiguration(f"{name} must be a whole number, not {raw!r}") from None
    # Each landlord has its own data, so that trying another one never mixes them.
    values.setdefault("data_dir", ROOT / "data" / str(values.get("landlord", Config().landlord)))
    config = Config(**values)  # type: ignore[arg-type]
    config.check()
    return config


def current() -> Config:
    """The settings of the running application. Raises RuntimeError outside of one."""
    from flask import current_app

    config: Config = current_app.extensions["redress"]
    return config
