"""Mail as it really arrives: broken, foreign, robotic, forged. Nothing raises, nothing is taken for a person's."""

import random
import time
from email.message import EmailMessage

import pytest

from shared.mail import inbound, mime
from shared.mail.inbound import Sort, read, reply_address, signed_references

SECRET = "a secret of at least thirty-two characters"
REF = "HAL-2026-0042-3"


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Amina Yusuf <Amina@Example.org>"
    made["To"] = "complaints@landlord.example"
    made["Subject"] = "Re: your letter"
    made["Message-ID"] = "<1@example.org>"
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content("It still leaks.\n")
    return made


def test_a_plain_answer() -> None:
    incoming = read(
        message(
            In_Reply_To="<9@landlord.example>", References="<8@x.example> <9@landlord.example>"
        ).as_bytes()
    )
    assert incoming.sort is Sort.PERSON
    assert incoming.sender == "amina@example.org"
    assert incoming.sender_name == "Amina Yusuf"
    assert incoming.text == "It still leaks."
    assert incoming.thread == ("<9@landlord.example>", "<8@x.example>")
    assert not incoming.damaged


def test_the_signed_address_names_its_case_and_no_other() -> None:
    address = reply_address("complaints@landlord.example", REF, SECRET)
    assert signed_references((address, address), SECRET) == (REF,)
    assert signed_references((address.upper(),), SECRET) == (REF,), "however a provider writes it"
    other = reply_address("complaints@landlord.example", "HAL-2026-0043-1", SECRET)
    assert signed_references((address, other), SECRET) == (REF, "HAL-2026-0043-1")
    forged = address.replace("0042-3", "0043-1")
    assert signed_references((forged,), SECRET) == ()
    assert signed_references((address,), SECRET + "!") == ()
    assert signed_references(("complaints@landlord.example", "", "+@", "a+b.c@d"), SECRET) == ()


@pytest.mark.parametrize(
    ("headers", "sort"),
    [
        ({"Auto_Submitted": "auto-replied"}, Sort.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated"}, Sort.PROGRAM),  # a web form, a scanner
        (
            {"Auto_Submitted": "auto-generated", "In_Reply_To": "<9@x.example>"},
            Sort.AUTO_REPLY,
        ),  # Microsoft 365
        ({"Precedence": "auto_reply"}, Sort.AUTO_REPLY),
        ({"Precedence": "bulk"}, Sort.BULK),
        ({"List_Unsubscribe": "<mailto:off@news.example>"}, Sort.BULK),
        ({"X_Auto_Response_Suppress": "All"}, Sort.PERSON),  # some programs put it on everything
        ({"X_Autoreply": "yes"}, Sort.AUTO_REPLY),
        ({"Auto_Submitted": "no"}, Sort.PERSON),
        ({"X_Redress_Origin": "1"}, Sort.LOOP),
        ({"From": "MAILER-DAEMON@mx.example"}, Sort.BOUNCE),
    ],
)
def test_robots_are_told_from_people(headers: dict[str, str], sort: Sort) -> None:
    assert read(message(**headers).as_bytes()).sort is sort


def test_quoted_letters_are_left_out_but_never_everything() -> None:
    made = message()
    made.set_content(
        "Not done yet.\n\nOn Mon, 23 Nov 2026 at 10:00, Halton Housing <c@x> wrote:\n> Dear Amina\n"
    )
    assert read(made.as_bytes()).text == "Not done yet."
    made.set_content("> all of it is quoted\n> really\n")
    assert "all of it" in read(made.as_bytes()).text


def test_html_alone_becomes_words_without_scripts() -> None:
    made = message()
    made.set_content("<p>It <b>leaks</b></p><script>alert(1)</script><p>again</p>", subtype="html")
    text = read(made.as_bytes()).text
    assert "It leaks" in text
    assert "again" in text
    assert "alert" not in text


def test_foreign_scripts_in_old_encodings() -> None:
    raw = (
        b"From: a@example.org\r\nTo: c@x.example\r\nSubject: =?windows-1256?B?x+HTx+HF?=\r\nMessage-ID: <2@x>\r\n"
        b"Content-Type: text/plain; charset=windows-1256\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "مرحبا".encode("windows-1256")
    )
    incoming = read(raw)
    assert incoming.text == "مرحبا"
    assert not incoming.damaged


def test_eight_bit_text_that_names_no_encoding_is_kept_as_well_as_it_can_be() -> None:
    raw = b"From: a@example.org\r\nMessage-ID: <3@x>\r\n\r\nCaf\xe9 is cold\r\n"
    assert read(raw).text == "Café is cold"


def test_files_come_with_their_bytes_and_their_names() -> None:
    made = message()
    made.add_attachment(b"%PDF-1.4 ...", maintype="application", subtype="pdf", filename="тест.pdf")
    made.add_attachment(b"TNEF....", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    parts = read(made.as_bytes()).parts
    assert [p.name for p in parts] == ["тест.pdf", "winmail.dat"]
    assert parts[0].content == b"%PDF-1.4 ..."


def test_an_answer_to_an_invitation_is_known() -> None:
    made = message()
    made.add_alternative("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR", subtype="calendar")
    assert read(made.as_bytes()).sort is Sort.CALENDAR


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.\n\nOn Mon, Halton\n<c@x.example> wrote:\n> Is it wet?\n", "Yes."),
        ("On Mon, Halton <c@x.example> wrote:\n> Is it wet?\n\nYes, all of it.\n", "Yes, all of it."),
        (
            "Hello\n\nOn Mon, Halton <c@x.example> wrote:\n> Is it wet?\nYes\n> Since when?\nMay\n",
            "Hello\n\nYes\nMay",
        ),
        ("It leaks\n________\nFrom: Halton\nSent: Monday\nTo: me\nSubject: s\n\nDear", "It leaks"),
        ("It leaks\n-----Original Message-----\nDear", "It leaks"),
        ("From: the landing it drips down.\nAll night.", "From: the landing it drips down.\nAll night."),
        ("> only\n> theirs", "> only\n> theirs"),
    ],
)
def test_answers_above_between_and_below_a_quoted_letter(text: str, own: str) -> None:
    made = message()
    made.set_content(text)
    assert read(made.as_bytes()).text == own


@pytest.mark.parametrize(
    "introduced",
    [
        "در تاریخ دوشنبه ۲۳ نوامبر ۲۰۲۶، ۱۰:۰۰ Halton Housing \u200e<c@x.example>\u200e نوشت:",
        "في الاثنين، 23 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Halton <c@x.example>:",
        "في ٢٣ نوفمبر ٢٠٢٦، الساعة ١٠:٠٠ ص، كتب Halton <c@x.example>:",
        "پیر، 23 نومبر، 2026 کو 10:00 AM پر Halton <c@x.example> نے لکھا:",
        "সোম, ২৩ নভে, ২০২৬ তারিখে ১০:০০ এ Halton <c@x.example> লিখেছেন:",
        "सोम, 23 नव॰ 2026 को 10:00 am बजे Halton <c@x.example> ने लिखा:",
        "Halton <c@x.example> 於 2026年11月23日 週一 上午10:00寫道：",
        "在 2026年11月23日 上午10:00，Halton <c@x.example> 写道：",
        "pon., 23 lis 2026 o 10:00 Halton <c@x.example> napisał(a):",
        "Wiadomość napisana przez Halton <c@x.example> w dniu 23 lis 2026, o godz. 10:00:",
    ],
)
def test_what_is_quoted_is_known_in_every_language_of_the_service(introduced: str) -> None:
    for text, own in (
        (f"Still wet\n\n{introduced}\n> Is it wet?\n", "Still wet"),
        (f"{introduced}\n> Is it wet?\n\nStill wet\n", "Still wet"),
        (f"Still wet\n\n{introduced}\n\nDear Amina,\nIs it wet?\n", "Still wet"),
    ):
        made = message()
        made.set_content(text)
        assert read(made.as_bytes()).text == own, text


@pytest.mark.parametrize(
    "head",
    [
        "From: Halton <c@x.example>\nSent: 23 November 2026 10:00\nTo: Amina\nSubject: s",
        "*From:* Halton <c@x.example>\n*Sent:* 23 November 2026 10:00\n*To:* Amina\n*Subject:* s",
        "प्रेषक: Halton <c@x.example>\nभेजा गया: सोमवार 23 नवंबर 2026 10:00\nप्रति: Amina\nविषय: शिकायत",
        "से: Halton\nदिनांक: 23 नवंबर 2026\nसेवा में: Amina\nविषय: शिकायत",
        "প্রেরক: Halton <c@x.example>\nপাঠানো হয়েছে: সোমবার 23 নভেম্বর 2026 10:00\nপ্রাপক: Amina\nবিষয়: অভিযোগ",
        "থেকে: Halton\nতারিখ: 23 নভেম্বর 2026\nপ্রতি: Amina\nবিষয়়: অভিযোগ",
        "منجانب: Halton <c@x.example>\nبھیجا گیا: پیر 23 نومبر 2026 10:00\nبنام: Amina\nموضوع: شکایت",
        "از: Halton\nتاریخ: 23 نومبر 2026\nبخدمت: Amina\nعنوان: شکایت",
        "از: Halton\nارسال شده: دوشنبه ۲ آذر\nبه: Amina\nموضوع: شکایت",
        "من: Halton\nتم الإرسال: الاثنين\nإلى: Amina\nالموضوع: شكوى",
        "寄件者：Halton\n寄件日期：2026年11月23日\n收件者：Amina\n主旨：投訴",
        "Od: Halton\nWysłano: poniedziałek\nDo: Amina\nTemat: skarga",
    ],
)
def test_the_head_of_a_quoted_letter_is_known_and_what_is_below_it_is_left_out(head: str) -> None:
    made = message()
    made.set_content(f"Still wet\n\n{head}\n\nDear Amina,\nIs it wet?\n")
    incoming = read(made.as_bytes())
    assert (incoming.text, incoming.cut) == ("Still wet", True)


def test_what_is_passed_on_is_never_cut_off() -> None:
    head = "From: Bob\nSent: Monday\nTo: me\nSubject: visit\n\nI will not come.\n"
    inline = message()
    inline.set_content(f"See this\n\n---------- Forwarded message ---------\n{head}")
    by_subject = message(Subject="FW: visit")
    by_subject.set_content(f"See this\n\n{head}")
    for made in (inline, by_subject):
        incoming = read(made.as_bytes())
        assert incoming.text.endswith("I will not come.")
        assert not incoming.cut


def test_lines_marked_as_quoted_are_left_out_without_a_doubt() -> None:
    made = message()
    made.set_content("Yes\n\nOn Mon, 23 Nov 2026 at 10:00, Halton <c@x.example> wrote:\n> Is it wet?\n")
    assert not read(made.as_bytes()).cut


def test_the_signed_address_in_a_quoted_letter_names_the_case_too() -> None:
    address = reply_address("complaints@landlord.example", REF, SECRET)
    made = message()
    made.set_content(f"Still wet\n\n> To answer by e-mail, write to this address:\n> {address}\n")
    incoming = read(made.as_bytes())
    assert incoming.text == "Still wet"
    assert signed_references(incoming.named, SECRET) == (REF,)
    made.set_content(f"about {REF}, or {address.replace('0042-3', '0043-1')}\n")
    assert signed_references(read(made.as_bytes()).named, SECRET) == ()


def test_a_sentence_of_a_person_is_not_taken_for_a_quotation() -> None:
    for text in (
        "आपने मुझे 23 नवंबर को लिखा:\nहम आएंगे।\nआप नहीं आए।",
        "他在11月23日寫道：\n我們會來。",
        "Napisała:\nwoda",
        "On 3 March your officer wrote:\nWe will come.\nNobody came.",
        "This came to me.\nFrom: the council\nDate: 3 March\nThey say no. I say yes.",
    ):
        made = message()
        made.set_content(text)
        assert read(made.as_bytes()).text == text


@pytest.mark.parametrize(
    ("named", "codec", "text"),
    [
        ("gb2312", "gb18030", "墙上有霉，镕先生"),  # programs say gb2312 and send more than it has
        ("big5", "big5hkscs", "牆上發霉，啲水"),
        ("iso-2022-jp", "iso2022_jp", "壁にカビがあります"),
        ("shift_jis", "cp932", "壁にカビ①"),
        ("ks_c_5601-1987", "cp949", "벽에 곰팡이가 똠"),
        ("utf-7", "utf-7", "Wand ist naß £5"),
        ("windows-1254", "cp1254", "duvar ıslak ş"),
        ("koi8-r", "koi8-r", "стена мокрая"),
    ],
)
def test_words_in_the_encodings_that_programs_still_send(named: str, codec: str, text: str) -> None:
    head = f"From: a@example.org\r\nMessage-ID: <8@x>\r\nContent-Type: text/plain; charset={named}\r\n\r\n"
    incoming = read(head.encode() + text.encode(codec))
    assert (incoming.text, incoming.damaged) == (text, False)


def test_headers_sent_as_they_are_or_encoded_in_pieces() -> None:
    raw = "From: Şule Öz <s@example.org>\r\nSubject: دیوار هنوز خیس است\r\nMessage-ID: <9@x>\r\n\r\nwet".encode()
    assert (read(raw).subject, read(raw).sender_name) == ("دیوار هنوز خیس است", "Şule Öz")
    pieces = b"Subject: =?utf-8?B?2K/bjNmI2KfYsQ==?=\r\n =?utf-8?B?INiu24zYsw==?=\r\nFrom: s@example.org\r\n\r\nwet"
    assert read(pieces).subject == "دیوار خیس"


def test_a_message_in_html_with_a_line_of_plain_text_below_is_read_whole() -> None:
    raw = (
        b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<p>The <b>wall</b> is wet</p>\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nSent through a list\r\n--x--\r\n"
    )
    assert set(read(raw).text.split("\n")) == {"The wall is wet", "Sent through a list"}
    said_twice = message()
    said_twice.add_alternative("<p>It still <i>leaks</i>.</p>", subtype="html")
    assert read(said_twice.as_bytes()).text == "It still leaks."
    only_html = message()
    only_html.set_content("\n")
    only_html.add_alternative("<p>wet</p>", subtype="html")
    assert read(only_html.as_bytes()).text == "wet"


def test_pictures_within_the_text_are_files_and_seals_are_not() -> None:
    made = message()
    made.set_content("<p>Look: <img src='cid:1'></p>", subtype="html")
    made.add_related(b"\x89PNG...", "image", "png", cid="<1>", filename="wall.png")
    assert [(p.name, p.content) for p in read(made.as_bytes()).parts] == [("wall.png", b"\x89PNG...")]
    signed = (
        b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=sha-256;"
        b' protocol="application/pkcs7-signature"; boundary=x\r\n\r\n'
        b"--x\r\nContent-Type: text/plain\r\n\r\nwet\r\n--x\r\nContent-Type: application/pkcs7-signature;"
        b" name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n--x--\r\n"
    )
    incoming = read(signed)
    assert (incoming.text, incoming.parts, incoming.damaged) == ("wet", (), False)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=utf-8''%D8%AF%DB%8C%D9%88%D8%A7%D8%B1.jpg", "دیوار.jpg"),
        ("attachment; filename*0*=utf-8''%D8%AF%DB%8C; filename*1*=%D9%88%D8%A7%D8%B1.jpg", "دیوار.jpg"),
        ('attachment; filename="=?utf-8?B?2K/bjNmI2KfYsS5qcGc=?="', "دیوار.jpg"),
        ("attachment; filename*=no-such''%FF.jpg", None),
        ('attachment; filename="a.jpg', "a.jpg"),
    ],
)
def test_names_of_files_however_they_are_encoded(header: str, name: str | None) -> None:
    raw = f"From: a@example.org\r\nContent-Type: image/jpeg\r\nContent-Disposition: {header}\r\n\r\nx"
    (part,) = read(raw.encode()).parts
    assert part.content == b"x"
    assert part.name == name or (name is None and part.name)


def test_a_message_within_a_message_is_a_file_and_not_the_writers_words() -> None:
    inner = message(From="Landlord <l@example.org>", Subject="Old letter")
    inner.set_content("You owe us money.\n")
    outer = message()
    outer.add_attachment(inner)
    incoming = read(outer.as_bytes())
    assert incoming.text == "It still leaks."
    ((name, kind, content),) = [(p.name, p.media_type, p.content) for p in incoming.parts]
    assert (name, kind) == ("message-1.eml", "message/rfc822")
    assert b"You owe us money." in content


def test_a_name_of_an_encoding_that_is_wrong_does_not_spoil_the_words() -> None:
    for named in ("iso-8859-1", "us-ascii", "windows-1252", "utf-16", "idna", "base64", "x-unknown"):
        head = (
            f"From: a@example.org\r\nMessage-ID: <4@x>\r\nContent-Type: text/plain; charset={named}\r\n\r\n"
        )
        assert read(head.encode() + "নমস্কার café".encode()).text == "নমস্কার café", named


@pytest.mark.parametrize("named", ["no\0name", "punycode", '"punycode."'])
def test_a_name_of_an_encoding_keeps_no_message_out_and_nobody_waiting(named: str) -> None:
    raw = (
        "From: a@example.org\r\nMessage-ID: <4@x>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset={named}\r\n\r\n{'wet' * 200_000}-{'b9' * 200_000}\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<p>wet</p>\r\n--b--\r\n"
    )
    started = time.monotonic()
    assert read(raw.encode()).text.startswith("wetwet")
    assert time.monotonic() - started < 5


def test_what_no_database_takes_is_left_out() -> None:
    raw = b"From: A\x00b <a@example.org>\r\nSubject: x\x00y \xff\r\nMessage-ID: <5@x>\r\n\r\nwet\x00 wall\x07 \xff"
    incoming = read(raw)
    for text in (incoming.text, incoming.subject, incoming.sender, incoming.sender_name):
        assert "\x00" not in text
        text.encode()  # no halves of letters
    assert incoming.text.startswith("wet wall")


def test_ten_thousand_recipients_and_a_thousand_files_end_in_good_time() -> None:
    signed = reply_address("complaints@landlord.example", REF, SECRET)
    many = message(To=", ".join([*(f"a{n}@example.org" for n in range(10_000)), signed]))
    started = time.monotonic()
    assert signed_references(read(many.as_bytes()).to, SECRET) == (REF,)
    block = b'--x\r\nContent-Type: image/png; name="a.png"\r\n\r\nx\r\n'
    head = b'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
    files = read(head + block * 1000 + b"--x--\r\n")
    assert len(files.parts) == mime.MOST_PARTS
    assert files.damaged
    assert time.monotonic() - started < 20


def test_messages_nested_without_end_are_kept_with_what_can_be_read() -> None:
    head = b"From: Amina <a@example.org>\r\nSubject: deep\r\nMessage-ID: <6@x>\r\nMIME-Version: 1.0\r\n"
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3000)
    )
    incoming = read(head + deep + b"Content-Type: text/plain\r\n\r\nwet\r\n")
    assert (incoming.sender, incoming.subject, incoming.message_id) == ("a@example.org", "deep", "<6@x>")
    assert incoming.damaged


def test_what_is_too_big_is_cut_and_says_so() -> None:
    raw = message().as_bytes() + b"drip " * (inbound.MAX_RAW // 5 + 1)
    incoming = read(raw)
    assert incoming.damaged
    assert incoming.text.startswith("It still leaks.")
    assert len(incoming.text) <= inbound.MAX_TEXT


AWKWARD = [
    b"",
    b"\x00\xff\xfe",
    b"not a message at all",
    b"From: \xff\xfe\r\n\r\n\xff",
    b"From: =?utf-8?b?!!!?= <a@b>\r\nSubject: =?x?q?\r\n\r\nhello",
    b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x',
    b"Content-Type: text/plain; charset=no-such-charset\r\n\r\nhello",
    b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n!!!not base64!!!",
    b"Message-ID: no brackets\r\nIn-Reply-To: garbage\r\nReferences: <<<>>>\r\n\r\nx",
    b"To: " + b"a@b, " * 5000 + b"\r\n\r\nx",
    b"Content-Disposition: attachment; filename*=utf-8''%FF%FE\r\nContent-Type: image/png\r\n\r\nx",
]


@pytest.mark.parametrize("raw", AWKWARD, ids=range(len(AWKWARD)))
def test_no_message_is_too_broken_to_be_kept(raw: bytes) -> None:
    incoming = read(raw)
    assert incoming.message_id.startswith("<")
    assert isinstance(incoming.text, str)


def test_thrown_about_bytes_never_raise() -> None:
    rng = random.Random(7)  # noqa: S311 - the same bytes at every run
    made = message()
    made.add_attachment(b"x" * 200, maintype="image", subtype="png", filename="a.png")
    whole = bytearray(made.as_bytes())
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(rng.randint(1, 30)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        read(bytes(broken[: rng.randrange(1, len(broken))]))
