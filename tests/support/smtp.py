"""A real mail server in a thread: it keeps what it is given, or refuses it as told."""

import socket
import ssl
import subprocess
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.mail.channels import parsed

Answer = Callable[[str], str | None]


class MailServer:
    """Use as a context manager. `messages`: (recipient, parsed message, raw bytes) in the order of arrival.

    `refuse_recipient` and `refuse_data` get the recipient and may return an SMTP answer such as "550 no".
    """

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.messages: list[tuple[str, EmailMessage, bytes]] = []
        self.refuse_recipient: Answer = lambda _recipient: None
        self.refuse_data: Answer = lambda _recipient: None
        self.tls_was_used: list[bool] = []
        self._controller = _Controller(self, hostname="127.0.0.1", port=port or _free_port(), tls_context=tls)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self._controller.port)

    @property
    def recipients(self) -> list[str]:
        """Who got something, in the order of arrival."""
        return [to for to, _message, _raw in self.messages]

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse one recipient."""
        if refusal := self.refuse_recipient(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take or refuse the message."""
        to = envelope.rcpt_tos[0]
        if refusal := self.refuse_data(to):
            return refusal
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.tls_was_used.append(session.ssl is not None)
        self.messages.append((to, parsed(raw), raw))
        return "250 OK"


class _Controller(Controller):
    def __init__(self, handler: MailServer, tls_context: ssl.SSLContext | None, **settings: Any) -> None:
        self._tls = tls_context
        super().__init__(handler, **settings)

    def factory(self) -> SMTP:
        return SMTP(self.handler, tls_context=self._tls, require_starttls=self._tls is not None)


def silent_server() -> Any:
    """A server that accepts the connection and never says a word (a context manager giving its port)."""
    return _Silent()


class _Silent:
    def __enter__(self) -> int:
        self._socket = socket.create_server(("127.0.0.1", 0))
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A self-signed certificate for a network address or host name, with its key, as two PEM files."""
    folder.mkdir(exist_ok=True)
    cert, key = folder / "cert.pem", folder / "key.pem"
    kind = "IP" if host.replace(".", "").isdigit() else "DNS"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-subj", f"/CN={host}", "-addext", f"subjectAltName={kind}:{host}", "-days", "2"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def server_tls(cert: Path, key: Path) -> ssl.SSLContext:
    """The server's side of TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
