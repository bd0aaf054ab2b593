"""Where in an answer its writer's own words stand, and where the letter begins that they answer."""

import re

_CUT = re.compile(
    r"-{2,} ?(?:Original Message|Forwarded message|الرسالة الأصلية|پیام اصلی|原始郵件|原始邮件|邮件原件|"
    r"Wiadomość oryginalna|Oryginalna wiadomość)\b.*",
    re.IGNORECASE,
)
_ADDRESS = r"<[^<>\s@]+@[^<>\s@]+>"
# How the usual programs introduce what they quote, in the languages of the service: with an address or the
# time in it, so that no sentence of a person is taken for one.
_WROTE = re.compile(
    rf"(?=.*(?:\d[:.]\d\d|{_ADDRESS}))On .{{5,300}} wrote:"
    rf"|(?=.*\d)(?=.*{_ADDRESS}).{{10,300}}"
    r"(?:نوشت|نوشته است|نے لکھا|লিখেছেন|लिखा|寫道|写道|napisał\(a\)|napisała|napisał|كتب|كتبت)\s*[:：]"
    rf"|في .{{5,300}}(?:بواسطة|كتبت?)\s.{{0,200}}{_ADDRESS}\s*[:：]"
    rf"|Wiadomość napisana przez .{{0,200}}{_ADDRESS}.{{0,100}}:",
    re.IGNORECASE,
)
_FROM = ("From:", "从:", "发件人:", "發件人:", "寄件者:", "من:", "از:", "Od:", "প্রেরক:", "प्रेषक:", "منجانب:")
_HEADER = re.compile(
    r"(?:Sent|Date|To|Cc|Subject|发送时间|收件人|主题|傳送時間|寄件日期|收件者|主旨|التاريخ|إلى|الموضوع|تم الإرسال|"
    r"تاریخ|به|موضوع|Wysłano|Data|Do|Temat)\s?[:：] .+",
    re.IGNORECASE,
)

_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None)
LONGEST = 600  # characters of a line that are looked at: what programs write is shorter


def own_words(text: str) -> str:
    """The writer's own words, above, between or below what they quote; all of it when nothing is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    own: list[str] = []
    for number, line in enumerate(lines):
        bare = _plain(line)
        after = [_plain(one) for one in lines[number + 1 : number + 6] if one.strip()]
        if _CUT.fullmatch(bare) or _starts_a_letter(bare, after):
            break
        if _introduces(bare, after):
            if not any(one.startswith(">") for one in after):
                break
            continue
        if not bare.startswith(">") and not (own and _ends_wrote(bare) and _quoted(after)):
            own.append(line)
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(own)).strip().rstrip("_").rstrip()
    return words or text.strip()


def _plain(line: str) -> str:
    """A line without the invisible signs of direction that programs put around names and dates."""
    return line[:LONGEST].translate(_DIRECTIONS).strip()


def _introduces(bare: str, after: list[str]) -> bool:
    """Whether a line, or it and the next one together, says who wrote what follows."""
    if bare.endswith((":", "：")) or not after:
        return bool(_WROTE.fullmatch(bare))
    return bool(_WROTE.fullmatch(f"{bare} {after[0]}")) and not _WROTE.fullmatch(after[0])


def _starts_a_letter(bare: str, after: list[str]) -> bool:
    """Whether a line begins the head of a letter: two more lines of it follow, as no sentence has them."""
    return bare.replace("：", ":").startswith(_FROM) and sum(map(bool, map(_HEADER.fullmatch, after))) > 1


def _ends_wrote(bare: str) -> bool:
    return bare.endswith("wrote:") or bool(re.search(rf"{_ADDRESS}.*[:：]$", bare))


def _quoted(after: list[str]) -> bool:
    return bool(after) and after[0].startswith(">")
