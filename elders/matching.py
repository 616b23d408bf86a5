"""Is this person on file already? Asked before a new record is made, and answered as far as the asker may know.

An ID number is never looked up by parts: only its blind indexes stand in the database. Numbers that differ from the
typed one in a digit are written out instead (some 170 of them) and looked up in one statement.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, Value, When

from elders.models import Elder, Household, HouseholdMember
from visitcare.kit.encryption import blind_index, tail_index
from visitcare.kit.identity import PaperError, check_digit, parse_id_number
from visitcare.kit.masking import mask_id_number
from visitcare.kit.spoken import date_words
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User

TAIL = 4
LENGTH = 18
DIGITS = "0123456789"
MOST_MATCHES = 20


# Finding somebody by what is known of them


def by_number(term: str) -> Q | None:
    """The condition for elders with these last four characters or this whole ID number; None where it is neither."""
    text = plain(term)
    if len(text) == TAIL and text[:3].isdecimal() and (text[3].isdecimal() or text[3] == "X"):
        return Q(id_number_tail=tail_index("id_number", text))
    try:
        return Q(id_number_index=blind_index("id_number", parse_id_number(term, today=today()).number))
    except PaperError:
        return None


def by_name(term: str) -> Q:
    """The condition for elders with this name or part of a name, or with another paper of this number."""
    name, number = ways_by_name(term)
    return name | number


def ways_by_name(term: str) -> tuple[Q, Q]:
    """The two ways of `by_name`. Names are compared letter by letter: Chinese has no capitals, and folding what has none
    costs as much as the rest of the search."""
    return Q(name__contains=term), Q(id_number_index=blind_index("id_number", plain(term)))


def plain(text: str) -> str:
    """A number as it is compared: half-width capitals without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


# Near matches


class _Ranked(StrEnum):
    @property
    def rank(self) -> int:
        return list(type(self)).index(self)


class Likeness(_Ranked):
    """In what a record is like the person who is being registered; the likest first."""

    SAME_NUMBER = "same_number"
    SAME_NAME_AND_BIRTH = "same_name_and_birth"
    ONE_DIGIT_OFF = "one_digit_off"


class Nearness(_Ranked):
    """Where the record lies, seen from the household that is being registered; the nearest first."""

    HOUSEHOLD = "household"
    VILLAGE = "village"
    COUNTY = "county"


LIKE_WORDS = {
    Likeness.SAME_NUMBER: "证件号码相同",
    Likeness.SAME_NAME_AND_BIRTH: "同名，同一天出生",
    Likeness.ONE_DIGIT_OFF: "证件号码只差一位",
}


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is being registered, as far as it has been typed; `place` is the code of the village or group."""

    number: str = ""
    name: str = ""
    birth_date: date | None = None
    place: str = ""
    household: UUID | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A record that may be of the same person. `words` say no more of it than the asker may know."""

    record: Elder | HouseholdMember
    likeness: Likeness
    nearness: Nearness
    is_seen: bool
    words: str

    @property
    def key(self) -> str:
        """What stands on a page for the record: the same at every look, and not its key."""
        return blind_index("match", f"{self.likeness}:{self.record.pk}") or ""

    @property
    def is_asked(self) -> bool:
        """Whether somebody has to look at it. A family member of the very household who is registered as an elder now
        is what one expects; an open record with the same number is refused anyway."""
        if isinstance(self.record, HouseholdMember):
            return self.nearness != Nearness.HOUSEHOLD
        return self.likeness != Likeness.SAME_NUMBER or self.record.merged_into_id is not None

    @property
    def as_data(self) -> dict[str, str]:
        """For the audit: which record, by its key."""
        return {
            "record": self.record._meta.label,
            "id": str(self.record.pk),
            "likeness": self.likeness.value,
        }


def near_matches(sought: Sought, *, by: User) -> list[Match]:
    """The records that may be of the same person: in the household, in the village, in the county, each of them the
    likest first. Elders of any status count, and family members; of those that `by` may not see, only that there is
    one. Where there are too many, the likest are kept."""
    number = plain(sought.number)
    same = blind_index("id_number", _as_stored(number))
    off = {blind_index("id_number", one) for one in one_digit_off(number)}
    alike = Q(id_number_index__in=[index for index in (same, *off) if index])
    if sought.name and sought.birth_date:
        alike |= Q(name=sought.name, birth_date=sought.birth_date)
    ranks = {"likeness": _likeness(sought, same), "nearness": _nearness(sought)}
    found: list[Match] = []
    for model in (Elder, HouseholdMember):
        rows: Any = model._default_manager.filter(alike).annotate(**ranks)
        rows = rows.select_related("household__place__parent").order_by(*ranks, "pk")[:MOST_MATCHES]
        seen = _seen(model, [row.pk for row in rows], by)
        found += [_match(row, sought.place, row.pk in seen) for row in rows]
    return sorted(found, key=lambda match: (match.nearness.rank, match.likeness.rank))


def _likeness(sought: Sought, same: str | None) -> Case:
    """The rank of the likest that applies."""
    ways = [When(id_number_index=same, then=Likeness.SAME_NUMBER.rank)] if same else []
    if sought.name and sought.birth_date:
        alike = Q(name=sought.name, birth_date=sought.birth_date)
        ways.append(When(alike, then=Likeness.SAME_NAME_AND_BIRTH.rank))
    return Case(*ways, default=Value(Likeness.ONE_DIGIT_OFF.rank))


def _nearness(sought: Sought) -> Case:
    """The rank of the nearest that applies."""
    ways = [When(household=sought.household, then=Nearness.HOUSEHOLD.rank)] if sought.household else []
    if sought.place:
        ways.append(When(household__village_code=sought.place[:12], then=Nearness.VILLAGE.rank))
    return Case(*ways, default=Value(Nearness.COUNTY.rank))


def _as_stored(number: str) -> str:
    try:
        return parse_id_number(number, today=today()).number
    except PaperError:
        return number


def _seen(model: type[Any], keys: list[UUID], by: User) -> set[UUID]:
    return (
        set(model.objects.visible_to(by).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    )


def _match(row: Any, place: str, is_seen: bool) -> Match:
    likeness, nearness = list(Likeness)[row.likeness], list(Nearness)[row.nearness]
    words = _words(row) if is_seen else _words_unseen(row, place)
    return Match(row, likeness, nearness, is_seen, f"{words}，{LIKE_WORDS[likeness]}。")


def _words(row: Elder | HouseholdMember) -> str:
    home = row.household
    where = f"{home.place.path} {home.address}".strip()
    number = mask_id_number(row.id_number)
    born = f"{date_words(row.birth_date, today=today())}生" if row.birth_date else ""
    if isinstance(row, Elder):
        state = "已并入另一份档案" if row.merged_into_id else row.get_status_display()
        return "，".join(filter(None, (row.name, born, number, where, state)))
    heads = "、".join(home.elders.order_by("birth_date").values_list("name", flat=True)) or home.address
    return "，".join(filter(None, (row.name, born, number, f"是{where}{heads}这户的家庭成员")))


def _words_unseen(row: Elder | HouseholdMember, place: str) -> str:
    what = "一位老人" if isinstance(row, Elder) else "一户的家庭成员"
    return f"{_elsewhere(row.household.place, place)}有{what}"


def _elsewhere(division: Division, place: str) -> str:
    if place and division.code[:12] == place[:12]:
        return "本村别的组"
    return "本镇别的村" if place and division.code[:9] == place[:9] else "别的镇"


# Numbers one digit off


def one_digit_off(number: str) -> set[str]:
    """The right ID numbers that somebody may have meant: one digit or two neighbours of the number are different.

    The check digit gives away any single slip. Where it does not fit, one digit of the eighteen is wrong, or two have
    changed places. Where it fits, the other number has a check digit of its own, as a brother's or a neighbour's has:
    its first seventeen digits are one slip away.
    """
    number = _as_stored(number)
    body, last = number[:17], number[17:]
    if len(number) != LENGTH or not _is_digits(body) or last not in (*DIGITS, "X"):
        return set()
    if check_digit(body) == last:
        return {other + check_digit(other) for other in _slips(body)}
    fitting = {other + last for other in _slips(body) if check_digit(other) == last}
    fitting.add(body + check_digit(body))
    swapped = body[:16] + last + body[16]
    if _is_digits(swapped) and check_digit(swapped[:17]) == swapped[17]:
        fitting.add(swapped)
    return fitting


def _slips(text: str) -> Iterator[str]:
    """The text with one digit changed, or with two different neighbours exchanged."""
    for place, digit in enumerate(text):
        for other in DIGITS:
            if other != digit:
                yield text[:place] + other + text[place + 1 :]
    for place in range(len(text) - 1):
        if text[place] != text[place + 1]:
            yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def elders_among_members(numbers: Iterable[str], household: Household | None, *, by: User) -> list[str]:
    """Family members who are elders of other households, in words: nobody lives in two."""
    indexes = {blind_index("id_number", _as_stored(plain(number))) for number in numbers if number}
    elders = Elder.objects.filter(id_number_index__in=indexes, merged_into=None)
    elders = elders.exclude(status=Elder.Status.CLOSED).select_related("household__place")
    if household:
        elders = elders.exclude(household=household)
    seen = _seen(Elder, [elder.pk for elder in elders], by)
    return [
        f"家庭成员{elder.name}自己也登记为老人：{_words(elder)}。一个人只算在一户，请核对住在哪里。"
        if elder.pk in seen
        else "有一位家庭成员，已经在别处登记为老人。一个人只算在一户，请核对住在哪里。"
        for elder in elders
    ]
