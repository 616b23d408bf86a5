"""Amounts in yuan: one way to round them and one way to write them in capitals."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_CENT = Decimal("0.01")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_SECTIONS = ("", "万", "亿")


def yuan(value: Decimal | int | str) -> Decimal:
    """The amount with two places, halves away from zero; never a negative zero.

    Raise TypeError for a float, which has lost the amount already, and ValueError (Chinese, for users)
    for a text that is not an amount.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"An amount must be Decimal, int or str, not {type(value).__name__}")
    try:
        amount = Decimal(value)
        if not amount.is_finite():
            raise InvalidOperation
        return amount.quantize(_CENT, ROUND_HALF_UP) + 0
    except InvalidOperation:
        raise ValueError(f"“{str(value)[:20]}”不是金额，请写成数字，例如 3.50") from None


def capitals(amount: Decimal) -> str:
    """人民币大写, without the words 人民币: 10.05 -> "壹拾元零伍分"; ends with 整 after 元 and after 角.

    Zeros between two digits are written as one 零, zeros before 角 not at all: of the forms the rules for
    bills allow, one that can be read in one way only. Raise ValueError from 10**12 yuan on.
    """
    # cn2an 0.5.24 leaves out the 整 of 3.50 (叁元伍角), writes 100001000 as 壹亿壹仟元整, which is read as
    # 110,000,000, and -0.00 as 负零元整; hence these lines of our own.
    cents = int(yuan(amount).scaleb(2))
    whole, (jiao, fen) = abs(cents) // 100, divmod(abs(cents) % 100, 10)
    if whole >= 10**12:
        raise ValueError("金额太大，不能写成大写：应小于一万亿元")
    head = f"{_whole(whole)}元" if whole else ""
    if fen:
        tail = (f"{_DIGITS[jiao]}角" if jiao else "零" if whole else "") + f"{_DIGITS[fen]}分"
    elif jiao:
        tail = f"{_DIGITS[jiao]}角整"
    else:
        tail = "整" if whole else "零元整"
    return ("负" if cents < 0 else "") + head + tail


def _whole(number: int) -> str:
    text, gap = "", False
    digits = str(number)
    for place, digit in zip(reversed(range(len(digits))), digits, strict=True):
        section, power = divmod(place, 4)
        if digit == "0":
            gap = True
        else:
            text += ("零" if gap else "") + _DIGITS[int(digit)] + _PLACES[power]
            gap = False
        if power == 0 and number // 10**place % 10_000:
            text += _SECTIONS[section]
    return text
