"""What tests of short e-mails are written from: every template, and facts that would break a careless one."""

from shared.config import ROOT

NAMES = sorted(path.stem for path in (ROOT / "templates" / "email").glob("*.txt"))
FACTS: dict[str, object] = {
    "reference": "HAL-2026-0042-7",
    "link": "https://complaints.example/en/sign-in/abc_-123?x=1&y=2",
    "code": "123456",
    "minutes": 15,
    "hours": 48,
    "days": 28,
    "phone": "0303 333 0101",
    "name": "Sam <script>alert(1)</script>",
}
