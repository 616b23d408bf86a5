"""Papers and numbers of people as they are typed or come out of Excel: ID card, phone, bank card, age."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NoReturn

from visitcare.kit.masking import mask_id_number

MAX_AGE = 125
MOST_OF_PAPER = 40
_EXCEL_DIGITS = 15  # Excel keeps 15 digits of a number and turns the others into 0
_EXCEL_NUMBER = re.compile(r"[0-9]+\.[0-9]*(E\+?[0-9]+)?|[0-9]+E\+?[0-9]+")
_MOBILE = re.compile(r"1[0-9]{10}")
_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))?([2-9][0-9]{6,7})")
_SEPARATORS = re.compile(r"[-‐‑‒–—―−()]")
_CHINA = re.compile(r"^(?:(?:\+|00)86|86(?=1[0-9]{10}$))")


DISABILITY_KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
"""The 19th digit of a disability certificate, 1 to 7."""


class PaperError(ValueError):
    """What is wrong with a number and how to mend it: Chinese, for users, never with the whole number."""


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked 18-digit number; `converted` when it was given with the 15 digits of the old cards."""

    number: str
    birth_date: date
    sex: Literal["male", "female"]
    converted: bool


@dataclass(frozen=True, slots=True)
class CardNumber:
    """16 to 19 digits; `warning` is Chinese, empty when the number looks right."""

    number: str
    warning: str


def parse_id_number(raw: object, *, today: date) -> IdNumber:
    """The ID number in a cell or field (domain.md §6); PaperError tells what to mend.

    The region is not checked: people keep numbers of counties that no longer exist.
    """
    if isinstance(raw, float) or (isinstance(raw, int) and raw >= 10**_EXCEL_DIGITS):
        _refuse_excel_number("身份证号码")
    text = _plain(raw)
    if not text:
        raise PaperError("没有填写身份证号码，请填写 18 位号码")
    if _EXCEL_NUMBER.fullmatch(text):
        _refuse_excel_number("身份证号码")
    digits = text.removesuffix("X")
    if not _is_digits(digits):
        raise PaperError("身份证号码只能有数字，最后一位可以是 X，不能有汉字、* 或其他符号，请对照证件改正")
    converted = len(text) == 15 == len(digits)
    if not converted and len(text) != 18:
        count = f"{len(digits)} 位数字" + ("加 X" if text != digits else "")
        raise PaperError(f"身份证号码应为 18 位（旧证为 15 位数字），这里是 {count}，请对照证件改正")

    first17 = f"{text[:6]}19{text[6:]}" if converted else text[:17]
    check = check_digit(first17)
    checks = converted or text[17] == check
    if not checks and text.endswith("000"):
        _refuse_excel_number("身份证号码")
    masked = mask_id_number(text)
    birth_date = _birth_date(first17, masked, "第 7—12 位" if converted else "第 7—14 位", today)
    if not checks:
        raise PaperError(f"身份证号码 {masked} 的校验码不对，可能有一位写错，请对照证件逐位核对")
    return IdNumber(first17 + check, birth_date, "male" if int(first17[16]) % 2 else "female", converted)


def parse_other_paper(raw: object) -> str:
    """The number of a passport, a permit or another paper that is no ID card, as it is stored and looked up: half-width
    capitals without spaces. PaperError where it is too long to be one."""
    number = _plain(raw)
    if len(number) > MOST_OF_PAPER:
        raise PaperError(f"证件号码太长了，最多 {MOST_OF_PAPER} 位。请核对证件。")
    return number


@dataclass(frozen=True, slots=True)
class DisabilityNumber:
    """The number of a second-generation disability certificate: `kind` in words, `grade` 1 (gravest) to 4."""

    number: str
    kind: str
    grade: int


def parse_disability_number(raw: object, *, id_number: str) -> DisabilityNumber:
    """The number of a disability certificate: the holder's ID number, a digit for the kind, one for the grade, and B with
    a digit where it was issued anew. Checked against `id_number` where that is known; PaperError tells what to mend."""
    text = _plain(raw)
    body, _, issue = text.partition("B")
    if not (len(body) == 20 and _is_digits(body[:17]) and _is_digits(body[18:])) or (
        issue and not _is_digits(issue)
    ):
        raise PaperError(
            "残疾人证号码应为 20 位：身份证号码 18 位，再加类别和等级各 1 位。请对照残疾人证核对"
        )
    holder, kind, grade = body[:18], int(body[18]), int(body[19])
    if id_number and holder != id_number:
        raise PaperError(
            f"残疾人证号码的前 18 位（{mask_id_number(holder)}）和身份证号码（{mask_id_number(id_number)}）不一样，"
            "请核对是不是别人的残疾人证"
        )
    if not 1 <= kind <= len(DISABILITY_KINDS):
        raise PaperError(f"残疾人证号码第 19 位是残疾类别，应为 1—7，这里是 {kind}，请核对")
    if not 1 <= grade <= 4:
        raise PaperError(f"残疾人证号码第 20 位是残疾等级，应为 1—4，这里是 {grade}，请核对")
    return DisabilityNumber(text, DISABILITY_KINDS[kind - 1], grade)


def check_digit(first17: str) -> str:
    """The 18th character, "0".."9" or "X", by ISO 7064 MOD 11-2; ValueError unless given 17 digits."""
    if len(first17) != 17 or not _is_digits(first17):
        raise ValueError("A check digit is computed from 17 digits")
    total = sum(int(digit) << (17 - place) for place, digit in enumerate(first17))
    return "10X98765432"[total % 11]


def parse_mobile(raw: object) -> str:
    """A mobile number of mainland China as 11 digits; PaperError otherwise."""
    number, _ = _phone_digits(raw, "手机号码")
    if not _MOBILE.fullmatch(number):
        raise PaperError(f"手机号码应为 11 位数字，以 1 开头，{_counted(number)}，请核对")
    return number


def parse_phone(raw: object) -> str:
    """A mobile number as 11 digits or a landline as "0513-83211234" or "83211234"; PaperError otherwise."""
    number, lost_zero = _phone_digits(raw, "电话号码")
    for candidate in (number, f"0{number}") if lost_zero else (number,):
        if _MOBILE.fullmatch(candidate):
            return candidate
        if landline := _LANDLINE.fullmatch(candidate):
            return "-".join(part for part in landline.groups() if part)
    raise PaperError(
        "电话号码应为 11 位手机号码，或 7 至 8 位固定电话（可加区号，如 0513-），"
        f"一格只写一个；{_counted(number)}，请核对"
    )


def parse_card_number(raw: object) -> CardNumber:
    """A bank card or passbook number; PaperError unless it has 16 to 19 digits and was kept as text."""
    if isinstance(raw, float) or (isinstance(raw, int) and raw >= 10**_EXCEL_DIGITS):
        _refuse_excel_number("卡号")
    number = _SEPARATORS.sub("", _plain(raw))
    if not number:
        raise PaperError("没有填写卡号，请填写 16 至 19 位卡号")
    if _EXCEL_NUMBER.fullmatch(number):
        _refuse_excel_number("卡号")
    if not _is_digits(number) or not 16 <= len(number) <= 19:
        raise PaperError(f"卡号应为 16 至 19 位数字，{_counted(number)}，请对照银行卡或存折改正")
    if _passes_luhn(number):
        return CardNumber(number, "")
    if number[_EXCEL_DIGITS:].strip("0") == "" and len(number) >= 18:
        return CardNumber(number, "卡号末尾都是 0，可能被 Excel 改成过数字，请对照银行卡或存折核对")
    return CardNumber(number, "卡号没有通过校验：存折账号可以不管，银行卡请再核对一遍")


def age_on(birth_date: date, day: date) -> int:
    """Years completed on the day; someone born on 29 February is a year older on 1 March of a common year."""
    before_birthday = day.month * 32 + day.day < birth_date.month * 32 + birth_date.day
    return day.year - birth_date.year - before_birthday


def birthday(birth_date: date, years: int) -> date:
    """The day on which someone turns that many years old, by the same rule as `age_on`."""
    year = birth_date.year + years
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def born_to_turn(years: int, first: date, last: date) -> tuple[date, date]:
    """The first and the last birth date of those who turn that many years old between two days, both included."""
    around = timedelta(days=2)  # leap days on either side
    earliest, latest = birthday(first, -years) - around, birthday(last, -years) + around
    days = (earliest + timedelta(days=n) for n in range((latest - earliest).days + 1))
    born = [day for day in days if first <= birthday(day, years) <= last]
    return (born[0], born[-1]) if born else (latest, earliest)


def _birth_date(first17: str, masked: str, where: str, today: date) -> date:
    try:
        birth_date = date(int(first17[6:10]), int(first17[10:12]), int(first17[12:14]))
    except ValueError:
        raise PaperError(f"身份证号码 {masked} 的{where}（出生日期）不是真实的日期，请对照证件改正") from None
    if birth_date > today:
        raise PaperError(f"身份证号码 {masked} 的{where}（出生日期）晚于今天，请对照证件改正")
    if (age := age_on(birth_date, today)) > MAX_AGE:
        raise PaperError(
            f"按身份证号码 {masked} 的{where}（出生日期）已满 {age} 岁，超过 {MAX_AGE} 岁，请对照证件改正"
        )
    return birth_date


def _phone_digits(raw: object, name: str) -> tuple[str, bool]:
    """What is left without spaces, dashes and +86, and whether an area code has lost its 0 on the way."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = _SEPARATORS.sub("", _plain(raw))
    number = _CHINA.sub("", text)
    if not number:
        raise PaperError(f"没有填写{name}，请补上")
    return number, isinstance(raw, int) or number != text


def _plain(raw: object) -> str:
    """As text, in half-width capitals, without spaces and invisible marks (chat programs paste such)."""
    text = unicodedata.normalize("NFKC", "" if raw is None else str(raw)).upper()
    return "".join(char for char in text if not char.isspace() and unicodedata.category(char) != "Cf")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _counted(number: str) -> str:
    return f"这里是 {len(number)} 位数字" if _is_digits(number) else "这里有数字以外的字符"


def _passes_luhn(number: str) -> bool:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(doubled)) % 10 == 0


def _refuse_excel_number(name: str) -> NoReturn:
    raise PaperError(f"{name}被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入{name}")
