"""A real IMAP server for tests: Dovecot, started for one test in a folder of its own, over TLS."""

import getpass
import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PASSWORD = "sesame"


def find_dovecot() -> str | None:
    """The Dovecot of this machine, or None."""
    return shutil.which("dovecot") or next((p for p in ("/usr/sbin/dovecot",) if Path(p).exists()), None)


@dataclass(frozen=True, slots=True)
class ImapServer:
    """A running server with one mailbox."""

    port: int
    certificate: Path
    mail: Path

    def deliver(self, raw: bytes, name: str, *, flags: str = "", at: datetime | None = None) -> None:
        """Put a message into the mailbox as a mail server would, at a moment of the past if need be.

        `flags`: letters of Maildir, such as T for one that somebody has marked as deleted.
        """
        made = self.mail / "tmp" / name
        made.write_bytes(raw)
        if at is not None:
            os.utime(made, (at.timestamp(), at.timestamp()))
        os.rename(made, self.mail / "cur" / f"{name}:2,{flags}" if flags else self.mail / "new" / name)


@contextmanager
def imap_server(folder: Path) -> Iterator[ImapServer]:
    """Dovecot on a free port of this machine until the block ends. Needs `openssl`."""
    binary = find_dovecot()
    assert binary, "Dovecot is missing: apt-get install dovecot-imapd"
    certificate, key = folder / "tls.pem", folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Dovecot parts its rights: its front door must not run as root, and must reach its own sockets.
    run = Path(tempfile.mkdtemp(prefix="dovecot-"))
    run.chmod(0o755)
    mail, (uid, gid) = run / "home" / "mail", _owner()
    for name in ("cur", "new", "tmp"):
        (mail / name).mkdir(parents=True)
    for made in (mail.parent, mail, *mail.iterdir()):
        os.chown(made, uid, gid)
    config = folder / "dovecot.conf"
    config.write_text(_config(folder, run, port, certificate, key, mail))
    process = subprocess.Popen([binary, "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait(port, certificate)
        yield ImapServer(port, certificate, mail)
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(run, ignore_errors=True)


def _config(folder: Path, run: Path, port: int, certificate: Path, key: Path, mail: Path) -> str:
    me = getpass.getuser()
    door, inner, group = ("dovenull", "dovecot", "dovecot") if os.getuid() == 0 else (me, me, _group())
    return f"""
protocols = imap
base_dir = {run}
state_dir = {run}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
default_login_user = {door}
default_internal_user = {inner}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{mail}
mail_uid = {_owner()[0]}
mail_gid = {_owner()[1]}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={_owner()[0]} gid={_owner()[1]} home={mail.parent}
}}
"""


def _owner() -> tuple[int, int]:
    """Who owns the mailbox: Dovecot never lets it be root."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _group() -> str:
    return grp.getgrgid(os.getgid()).gr_name


def _wait(port: int, certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))
    for _ in range(100):
        try:
            with (
                socket.create_connection(("localhost", port), timeout=2) as raw,
                tls.wrap_socket(raw, server_hostname="localhost") as wrapped,
            ):
                if wrapped.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("Dovecot did not answer within 10 seconds")
