"""What mail systems say of mail that they could not deliver, as their makers write it."""

import pytest

from shared.mail.bounces import Failed
from shared.mail.inbound import Sort, read


def test_a_bounce_names_the_address_that_failed() -> None:
    raw = (
        b"From: Mail System <MAILER-DAEMON@mx.example>\r\nTo: c@landlord.example\r\nSubject: failed\r\n"
        b"Message-ID: <b1@mx.example>\r\nIn-Reply-To: <77@landlord.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: text/plain\r\n\r\nCould not deliver.\r\n"
        b"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; Amina@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
    )
    incoming = read(raw)
    assert incoming.sort is Sort.BOUNCE
    assert incoming.failed == (Failed("amina@example.org", for_good=True),)
    assert incoming.thread == ("<77@landlord.example>",)


def report(kind: str, action: str, status: str, returned: str = "") -> bytes:
    """A report of a mail system, as RFC 3464 has it."""
    return (
        "From: Mail System <MAILER-DAEMON@mx.example>\r\nTo: c@landlord.example\r\nMessage-ID: <r@mx.example>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--x\r\nContent-Type: message/{kind}\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; a@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"{returned}--x--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("kind", "action", "status", "sort", "failed"),
    [
        ("delivery-status", "failed", "5.1.1", Sort.BOUNCE, (Failed("a@example.org", True),)),
        ("delivery-status", "failed", "5.2.1", Sort.BOUNCE, (Failed("a@example.org", True),)),
        ("delivery-status", "failed", "5.2.2", Sort.BOUNCE, (Failed("a@example.org", False),)),  # full
        ("delivery-status", "failed", "4.4.7", Sort.BOUNCE, (Failed("a@example.org", False),)),
        ("delivery-status", "delayed", "4.4.1", Sort.AUTO_REPLY, ()),
        ("delivery-status", "delivered", "2.0.0", Sort.AUTO_REPLY, ()),
        ("disposition-notification", "", "", Sort.AUTO_REPLY, ()),  # it was read: nothing failed
    ],
)
def test_reports_say_whether_anything_failed_and_for_good(
    kind: str, action: str, status: str, sort: Sort, failed: tuple[Failed, ...]
) -> None:
    incoming = read(report(kind, action, status))
    assert (incoming.sort, incoming.failed) == (sort, failed)


@pytest.mark.parametrize(
    "part",
    [
        "--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <77@landlord.example>\r\n\r\nDear\r\n",
        "--x\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: s\r\nMessage-Id: <77@landlord.example>\r\n",
    ],
)
def test_a_bounce_tells_which_message_came_back_by_what_it_returns(part: str) -> None:
    assert read(report("delivery-status", "failed", "5.1.1", part)).returned == ("<77@landlord.example>",)


@pytest.mark.parametrize(
    ("status", "diagnostic", "for_good"),
    [
        ("5.1.1", "", True),
        ("5.1.1 (bad destination mailbox address)", "", True),
        ("5.1.10", "", True),  # Microsoft 365: the recipient was not found
        ("5.4.4", "", True),  # Postfix: the domain was not found
        ("5.0.0", "smtp; 550 5.1.1 <a@example.org>: Recipient address rejected", True),  # Exim
        ("5.0.0", "smtp; 550 Rejected by policy", False),
        ("5.1.8", "", False),  # it is our own address that they do not like
        ("5.1.90", "", False),  # Microsoft 365: too many for one day
        ("5.7.1", "", False),
    ],
)
def test_an_address_is_at_fault_only_where_the_report_says_so(
    status: str, diagnostic: str, for_good: bool
) -> None:
    raw = report("delivery-status", "failed", status).decode()
    raw = raw.replace("Action:", f"Diagnostic-Code: {diagnostic}\r\nAction:") if diagnostic else raw
    assert read(raw.encode()).failed == (Failed("a@example.org", for_good),)


def test_behind_a_forwarding_address_ours_is_the_one_that_failed() -> None:
    raw = report("delivery-status", "failed", "5.1.1").replace(
        b"Final-Recipient: rfc822; a@",
        b"Original-Recipient: rfc822;<Amina@example.org>\r\nFinal-Recipient: rfc822; b@",
    )
    assert read(raw).failed == (Failed("amina@example.org", True), Failed("b@example.org", True))


IN_WORDS = {
    "qmail": (
        "",
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<a@example.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 no such user\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <c@landlord.example>\n"
        "To: other@example.org\nMessage-ID: <77@landlord.example>\n\nDear 5.2.2\n",
    ),
    "Exim": (
        "X-Failed-Recipients: a@example.org\n",
        "This message was created automatically by mail delivery software.\n\n  a@example.org\n"
        "    host mx.example [192.0.2.1]\n    550 5.1.1 <a@example.org>: User unknown\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n"
        "Message-Id: <77@landlord.example>\nTo: other@example.org\n\nDear\n",
    ),
}


@pytest.mark.parametrize("maker", IN_WORDS)
def test_a_bounce_in_words_alone_is_understood(maker: str) -> None:
    header, words = IN_WORDS[maker]
    raw = f"From: Mail Delivery <Mailer-Daemon@mx.example>\n{header}Message-ID: <q@mx.example>\n\n{words}"
    incoming = read(raw.encode())
    assert (incoming.sort, incoming.returned) == (Sort.BOUNCE, ("<77@landlord.example>",))
    assert incoming.failed == (Failed("a@example.org", True),)


def test_who_marks_our_letter_as_spam_has_received_it() -> None:
    raw = report("feedback-report", "", "").replace(
        b"Final-Recipient: rfc822; a@example.org", b"Feedback-Type: abuse"
    )
    assert read(raw).sort is Sort.AUTO_REPLY
