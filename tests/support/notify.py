"""A server that speaks GOV.UK Notify's API: it checks what it is asked as strictly as the real one does.

Bearer tokens (HS256, issuer, age), the shape of each request, recipients, templates and their places, PDFs;
its answers and error bodies have the real shapes. Tests say what becomes of a message, or let it fail.
"""

import base64
import json
import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
import phonenumbers

SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"stand_in-{SERVICE}-{SECRET}"
EMAIL_TEMPLATE = "d3b5b0a7-1d27-4b26-93e0-4a09e9b7e1aa"
TEXT_TEMPLATE = "0c5a7a35-2f3b-47a5-8f0e-6f5d22ad7d01"
PLACES = {EMAIL_TEMPLATE: {"subject", "body", "file"}, TEXT_TEMPLATE: {"body"}}
KINDS = {EMAIL_TEMPLATE: "email", TEXT_TEMPLATE: "sms"}
SAYS_AT_FIRST = {"email": "created", "sms": "created", "letter": "pending-virus-check"}


class Refused(Exception):
    """An answer that is none of 2xx, with the errors of its body."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        self.status, self.errors = status, [{"error": kind, "message": message}]


@dataclass
class Taken:
    """One message that was taken over."""

    id: str
    kind: str
    reference: str
    to: str
    words: dict[str, Any]
    file: bytes = b""
    postage: str = ""
    status: str = field(default="created")


class NotifyServer:
    """Use as a context manager. `taken`: what was handed over; `fail`: answers to give before any other."""

    def __init__(self, port: int = 0) -> None:
        self.taken: list[Taken] = []
        self.fail: list[Refused] = []
        self.garble = 0  # so many messages are taken and then answered with no JSON
        self.lacking: set[str] = set()  # places that the templates do not have
        self.asked: list[str] = []  # method and path of each request
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._answer(self, b"")

            def do_POST(self) -> None:
                server._answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_: object) -> None:
                """Nothing: tests are quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self._http.server_address[1])

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a service that sends everything through it."""
        return {
            "notify_api_key": KEY,
            "notify_url": f"http://127.0.0.1:{self.port}",
            "notify_email_template": EMAIL_TEMPLATE,
            "notify_text_template": TEXT_TEMPLATE,
            "notify_post": "second",
        }

    def became(self, status: str) -> None:
        """Everything taken so far has come to this."""
        for one in self.taken:
            one.status = status

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, raw: bytes) -> None:
        with self._lock:
            self.asked.append(f"{handler.command} {handler.path}")
            try:
                self._check_token(handler.headers.get("Authorization", ""))
                if self.fail:
                    raise self.fail.pop(0)
                status, body = self._handle(handler.command, handler.path, raw)
            except Refused as refused:
                status, body = refused.status, {"status_code": refused.status, "errors": refused.errors}
            content = json.dumps(body).encode()
            if status == 201 and self.garble:
                self.garble -= 1
                content = b"<html>Bad gateway</html>"
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _check_token(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        try:
            claims = jwt.decode(
                token, SECRET, algorithms=["HS256"], options={"require": ["iss", "iat"]}, leeway=30
            )
        except jwt.PyJWTError as error:
            raise Refused(403, "AuthError", f"Invalid token: {error}") from error
        if scheme != "Bearer" or claims["iss"] != SERVICE or abs(time.time() - claims["iat"]) > 30:
            raise Refused(403, "AuthError", "Invalid token: service not found or token expired")

    def _handle(self, method: str, path: str, raw: bytes) -> tuple[int, dict[str, Any]]:
        where = urlsplit(path)
        if method == "GET" and where.path == "/v2/notifications":
            wanted = parse_qs(where.query).get("reference", [""])[0]
            found = [self._shown(one) for one in reversed(self.taken) if one.reference == wanted]
            return 200, {"notifications": found, "links": {"current": path}}
        if method == "GET" and (match := re.fullmatch(r"/v2/notifications/([0-9a-f-]{36})", where.path)):
            for one in self.taken:
                if one.id == match[1]:
                    return 200, self._shown(one)
            raise Refused(404, "NoResultFound", "No result found")
        if method == "GET" and where.path.startswith("/v2/template/"):
            template = where.path.rpartition("/")[2]
            if template not in PLACES:
                raise Refused(404, "NoResultFound", "No result found")
            body = " ".join(f"(({place}))" for place in sorted(PLACES[template] - {"subject"} - self.lacking))
            return 200, {"id": template, "name": "Ours", "subject": "((subject))", "body": body}
        if method == "POST" and where.path in {f"/v2/notifications/{kind}" for kind in SAYS_AT_FIRST}:
            return 201, self._take(where.path.rpartition("/")[2], json.loads(raw))
        raise Refused(404, "NoResultFound", "No result found")

    def _take(self, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
        one = self._letter(asked) if kind == "letter" else self._message(kind, asked)
        self.taken.append(one)
        return {"id": one.id, "reference": one.reference, "uri": f"/v2/notifications/{one.id}"}

    def _letter(self, asked: dict[str, Any]) -> Taken:
        unknown = set(asked) - {"reference", "content", "postage"}
        if unknown or not asked.get("reference"):
            raise Refused(400, "ValidationError", f"reference is a required property {unknown}")
        if asked.get("postage", "second") not in {"first", "second", "economy", "europe", "rest-of-world"}:
            raise Refused(400, "ValidationError", "postage invalid")
        pdf = base64.b64decode(asked["content"], validate=True)
        if not pdf.startswith(b"%PDF-"):
            raise Refused(400, "BadRequestError", "Letter content is not a valid PDF")
        return self._new("letter", asked, "", {}, file=pdf, postage=asked.get("postage", "second"))

    def _message(self, kind: str, asked: dict[str, Any]) -> Taken:
        recipient = {"email": "email_address", "sms": "phone_number"}[kind]
        unknown = set(asked) - {recipient, "template_id", "personalisation", "reference"}
        if unknown:
            raise Refused(400, "ValidationError", f"Additional properties are not allowed ({unknown})")
        if KINDS.get(asked.get("template_id", "")) != kind:
            raise Refused(400, "BadRequestError", "Template not found")
        to = asked.get(recipient, "")
        if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", to):
            raise Refused(400, "ValidationError", "email_address Not a valid email address")
        if kind == "sms" and not phonenumbers.is_possible_number(phonenumbers.parse(to, "GB")):
            raise Refused(400, "ValidationError", "phone_number Not enough digits")
        words = asked.get("personalisation", {})
        if missing := PLACES[asked["template_id"]] - set(words):
            raise Refused(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
        file = b""
        if isinstance(upload := words.get("file"), dict):
            file = base64.b64decode(upload["file"], validate=True)
            if len(file) > 2 * 1024 * 1024:
                raise Refused(400, "BadRequestError", "File is too big")
            self._check_file(upload)
        return self._new(kind, asked, to, words, file=file)

    def _check_file(self, upload: dict[str, Any]) -> None:
        """What is asked of a file by e-mail besides its size."""
        name, weeks = upload.get("filename") or "", upload.get("retention_period")
        if len(name) > 100 or not re.search(r"\.(pdf|docx?|odt|rtf|txt|csv|xlsx|jpe?g|png)$", name):
            raise Refused(400, "BadRequestError", "`filename` must end with a file extension")
        period = re.fullmatch(r"(\d+) weeks?", weeks or "26 weeks")
        if not period or not 1 <= int(period[1]) <= 78:
            raise Refused(400, "BadRequestError", f"Unsupported value for retention_period '{weeks}'")
        if upload.get("confirm_email_before_download") not in {None, True, False}:
            raise Refused(400, "BadRequestError", "Unsupported value for confirm_email_before_download")

    def _new(self, kind: str, asked: dict[str, Any], to: str, words: dict[str, Any], **more: Any) -> Taken:
        reference = asked.get("reference", "")
        return Taken(str(uuid.uuid4()), kind, reference, to, words, status=SAYS_AT_FIRST[kind], **more)

    def _shown(self, one: Taken) -> dict[str, Any]:
        return {"id": one.id, "reference": one.reference, "type": one.kind, "status": one.status}
