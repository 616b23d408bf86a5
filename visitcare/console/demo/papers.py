"""Numbers that nobody has: ID cards of region 320699, phones 199000xxxxx, cards of a bank number never given out."""

from datetime import date

from visitcare.console.demo.chance import Chance
from visitcare.kit.identity import check_digit

REGION = "320699"
PHONES = "199000"
CARDS = "699900"
RESERVED_PHONES = 100
"""The first numbers are kept for the demo accounts, which are typed by hand."""
_STRIDE = 7_919
"""Prime, so that all 100,000 numbers come up once, in an order that does not look like counting."""


class Papers:
    """Gives out every number once."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._ids: set[str] = set()
        self._phones = 0

    def id_number(self, birth_date: date, sex: str) -> str:
        while True:
            order = self._chance.number(0, 499) * 2 + (sex == "male")
            first17 = f"{REGION}{birth_date:%Y%m%d}{order:03}"
            if first17 not in self._ids:
                self._ids.add(first17)
                return first17 + check_digit(first17)

    def mobile(self) -> str:
        while True:
            self._phones += 1
            number = self._phones * _STRIDE % 100_000
            if number >= RESERVED_PHONES:
                return f"{PHONES}{number:05}"

    def card(self, *, right: bool = True) -> str:
        """16 to 19 digits; with `right` false the last digit is wrong, as in passbook numbers."""
        body = CARDS + "".join(
            str(self._chance.number(0, 9)) for _ in range(self._chance.pick((16, 19, 19)) - len(CARDS) - 1)
        )
        digit = _luhn_digit(body)
        return f"{body}{digit if right else (digit + 1) % 10}"


def _luhn_digit(body: str) -> int:
    doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in body[::-2])
    return -(doubled + sum(map(int, body[-2::-2]))) % 10
