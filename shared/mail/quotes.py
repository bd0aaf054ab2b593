"""Where in an answer its writer's own words stand, and where the letter begins that they answer."""

import re
import unicodedata
from dataclasses import dataclass

_CUT = re.compile(
    r"-{2,} ?(?:Original Message|الرسالة الأصلية|پیام اصلی|اصل پیغام|মূল বার্তা|मूल संदेश|原始郵件|原始邮件|邮件原件|"
    r"Wiadomość oryginalna|Oryginalna wiadomość)(?!\w).*",
    re.IGNORECASE,
)
# What is passed on is part of what its writer says, as evidence often: it is never cut off.
_PASSED_ON = re.compile(
    r"(?:-{2,} ?(?:Forwarded message|Wiadomość przekazana dalej|轉寄郵件|转发邮件|الرسالة المعاد توجيهها)(?!\w).*"
    r"|Begin forwarded message:)",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"(?:fwd?|wg|tr|pd|rv|转发|轉寄|轉發|إعادة توجيه|هدایت|بازارسال|فارورڈ|ফরোয়ার্ড|अग्रेषित)\s*[:：]",
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
# How Outlook and others begin what they quote: a head of From, Sent, To and Subject.
_FROM = (
    "From", "从", "发件人", "發件人", "寄件者", "من", "از", "فرستنده", "Od",
    "প্রেরক", "থেকে", "प्रेषक", "से", "द्वारा", "منجانب", "بھیجنے والا", "ارسال کنندہ",
)  # fmt: skip
_HEADS = (
    "Sent", "Date", "To", "Cc", "Subject", "发送时间", "日期", "收件人", "抄送", "主题",
    "傳送時間", "寄件日期", "日期", "收件者", "副本", "主旨", "التاريخ", "تم الإرسال", "إلى", "نسخة", "الموضوع",
    "تاریخ", "ارسال", "ارسال شده", "به", "گیرنده", "موضوع", "Wysłano", "Wysłane", "Data", "Do", "DW", "Temat",
    "পাঠানো", "পাঠানো হয়েছে", "প্রেরিত", "তারিখ", "প্রতি", "প্রাপক", "অনুলিপি", "বিষয়",
    "भेजा", "भेजा गया", "दिनांक", "तारीख", "तिथि", "प्रति", "सेवा में", "प्रतिलिपि", "विषय",
    "بھیجا", "بھیجا گیا", "بتاریخ", "بنام", "بخدمت", "کو", "نقل", "مضمون", "عنوان",
)  # fmt: skip


def _head(names: tuple[str, ...], then: str) -> re.Pattern[str]:
    written = "|".join(re.escape(unicodedata.normalize("NFC", name)) for name in sorted(names, key=len)[::-1])
    return re.compile(rf"(?:{written})\s?[:：]{then}", re.IGNORECASE)


_BEGINS = _head(_FROM, "")
_HEADER = _head(_HEADS, r"\s?.+")

_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None)
LONGEST = 600  # characters of a line that are looked at: what programs write is shorter


@dataclass(frozen=True, slots=True)
class Own:
    """The writer's words. `cut`: below them words were left out that no mark shows to be quoted."""

    words: str
    cut: bool


def is_forward(subject: str) -> bool:
    """Whether a subject says that the whole message is passed on."""
    return bool(_FORWARD.match(subject))


def own_words(text: str, *, forwards: bool = False) -> Own:
    """The writer's own words, above, between or below what they quote; all of it when nothing is left.

    `forwards`: what follows is passed on and no quotation, so that all of it counts.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if forwards:
        return Own(text, cut=False)
    lines = text.split("\n")
    own: list[str] = []
    left: list[str] = []
    for number, line in enumerate(lines):
        bare = _plain(line)
        after = [_plain(one) for one in lines[number + 1 : number + 6] if one.strip()]
        if _PASSED_ON.fullmatch(bare):
            own += lines[number:]
            break
        if _CUT.fullmatch(bare) or _starts_a_letter(bare, after):
            left = lines[number + 1 :]
            break
        if _introduces(bare, after):
            if not any(one.startswith(">") for one in after):
                left = lines[number + 1 :]
                break
            continue
        if not bare.startswith(">") and not (own and _ends_wrote(bare) and _quoted(after)):
            own.append(line)
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(own)).strip().rstrip("_").rstrip()
    cut = any(one.strip() and not one.lstrip().startswith(">") for one in left)
    return Own(words, cut) if words else Own(text, cut=False)


def _plain(line: str) -> str:
    """A line without the signs that programs put around names and dates: of direction, and of bold print."""
    plain = line[:LONGEST].translate(_DIRECTIONS).replace("*", "").strip()
    return unicodedata.normalize("NFC", plain)


def _introduces(bare: str, after: list[str]) -> bool:
    """Whether a line, or it and the next one together, says who wrote what follows."""
    if bare.endswith((":", "：")) or not after:
        return bool(_WROTE.fullmatch(bare))
    return bool(_WROTE.fullmatch(f"{bare} {after[0]}")) and not _WROTE.fullmatch(after[0])


def _starts_a_letter(bare: str, after: list[str]) -> bool:
    """Whether a line begins the head of a letter: two more lines of it follow, as no sentence has them."""
    return bool(_BEGINS.match(bare)) and sum(map(bool, map(_HEADER.fullmatch, after))) > 1


def _ends_wrote(bare: str) -> bool:
    return bare.endswith("wrote:") or bool(re.search(rf"{_ADDRESS}.*[:：]$", bare))


def _quoted(after: list[str]) -> bool:
    return bool(after) and after[0].startswith(">")
