"""排摸: a round is opened with the lists of all its villages, people are looked at, the round is closed."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from elders.models import Elder, HouseholdMember, ScreenedPerson, ScreeningRound
from elders.screening import AGE, AHEAD, years_before
from visitcare.audit.actions import record
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import MAX_AGE
from visitcare.kit.weeks import today
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right

LONGEST = 365
"""Days from opening to the date by which all is to be done."""

Result, Source = ScreenedPerson.Result, ScreenedPerson.Source


class ScreeningClosed(ValueError):
    """The round is over; what was just said was not taken."""


# The round


def open_screening(*, by: User, town: Division, name: str, due_on: date) -> ScreeningRound:
    """Open a town's round and write the lists of all its villages, in a fixed number of statements. Raise ValueError
    (Chinese) while another one is open, for a name that was used, or a day that cannot be."""
    require(by, Right.REVIEW_REGISTRATION, town.code)
    name, day = name.strip(), today()
    if not name:
        raise ValueError("请给这次排摸起个名字，例如：2026年四季度排摸。")
    if due_on < day:
        raise ValueError(f"限期 {due_on} 已经过了。请填今天或以后的日期。")
    if (due_on - day).days > LONGEST:
        raise ValueError(f"限期 {due_on} 太远了，最多一年。请核对年份。")
    with transaction.atomic():
        try:
            with transaction.atomic():
                opened = ScreeningRound.objects.create(town=town, name=name, opened_on=day, due_on=due_on)
        except IntegrityError:
            raise ValueError(_why_not(town, name)) from None
        listed = _fill_list(opened, day)
        record(
            by=by,
            verb="open_screening",
            words=f"开始{town.name}{name}，名单 {listed} 人，限 {due_on} 做完",
            about=opened,
            where=town,
            data={"people": listed},
        )
        return opened


def _why_not(town: Division, name: str) -> str:
    going_on = ScreeningRound.objects.open().filter(town=town).first()
    if going_on:
        return f"{town.name}的“{going_on}”还没有结束，不能再开一次。请先结束那一次。"
    return f"{town.name}已经有过“{name}”。请换一个名字。"


def close_screening(*, by: User, screening: ScreeningRound) -> int:
    """End a round. Whoever was not looked at stays so; return how many they are."""
    require(by, Right.REVIEW_REGISTRATION, screening.town_id)
    with transaction.atomic():
        screening = _locked(screening.pk)
        screening.closed_on = today()
        screening.save(update_fields=["closed_on"])
        left = screening.people.waiting().count()
        record(
            by=by,
            verb="close_screening",
            words=f"结束{screening.town.name}{screening}" + (f"，{left} 人没有看" if left else "，都看过了"),
            about=screening,
            where=screening.town,
            data={"waiting": left},
        )
        return left


def refresh_screenings(*, by: User) -> int:
    """Put whoever was registered, or came of age, since onto the lists of the open rounds; return how many. The
    nightly run does this; again, and nothing more happens."""
    added = 0
    for pk in ScreeningRound.objects.open().values_list("pk", flat=True):
        with transaction.atomic():
            try:
                screening = _locked(pk)
            except ScreeningClosed:
                continue
            new = _fill_list(screening, today())
            if new:
                record(
                    by=by,
                    verb="refresh_screening",
                    words=f"{screening.town.name}{screening}的名单增加 {new} 人",
                    about=screening,
                    where=screening.town,
                    data={"people": new},
                )
            added += new
    return added


def _locked(pk: UUID) -> ScreeningRound:
    """The open round, which nobody closes, and in which nobody else answers, until this is stored."""
    rounds = ScreeningRound.objects.select_for_update(of=("self",), no_key=True).select_related("town")
    screening = rounds.get(pk=pk)
    if screening.closed_on:
        raise ScreeningClosed(
            f"“{screening}”已在 {screening.closed_on} 结束，这一条没有收下。有情况请打电话给镇民政办。"
        )
    return screening


# Its list


def _fill_list(screening: ScreeningRound, day: date) -> int:
    """Write whoever is to be on the list and is not; return how many."""
    rows = [*_elders(screening), *_members(screening, day)]
    return len(ScreenedPerson.objects.bulk_create(rows))


def _elders(screening: ScreeningRound) -> Iterator[ScreenedPerson]:
    """The registered elders, but for those who were met, or listed as a member, before they were registered."""
    listed = ScreenedPerson.objects.filter(round=screening)
    met = listed.filter(
        source=Source.MET,
        name=OuterRef("name"),
        birth_year=OuterRef("birth_date__year"),
        village_code=OuterRef("household__village_code"),
    )
    elders = Elder.objects.registered().filter(
        ~Exists(listed.filter(elder=OuterRef("pk"))),
        ~Exists(listed.filter(id_number_index=OuterRef("id_number_index"))),
        ~Exists(listed.filter(member__id_number_index=OuterRef("id_number_index"))),
        ~Exists(met),
        household__place__code__startswith=screening.town_id,
    )
    for elder in elders.select_related("household"):
        yield _row(screening, elder, source=Source.ELDER, elder=elder)


def _members(screening: ScreeningRound, day: date) -> Iterator[ScreenedPerson]:
    """The family members who live there and are 60, or turn 60 within 90 days, and have no file of their own."""
    listed = ScreenedPerson.objects.filter(round=screening)
    with_file = Elder.objects.registered().filter(id_number_index=OuterRef("id_number_index"))
    members = HouseholdMember.objects.exclude(lives_here=False).filter(
        ~Exists(listed.filter(member=OuterRef("pk"))),
        ~Exists(listed.filter(id_number_index=OuterRef("id_number_index"))),
        ~Exists(with_file),
        birth_date__lte=years_before(day + AHEAD, AGE),
        household__place__code__startswith=screening.town_id,
    )
    for member in members.select_related("household"):
        yield _row(screening, member, source=Source.MEMBER, member=member)


def _row(screening: ScreeningRound, one: Elder | HouseholdMember, **what: Any) -> ScreenedPerson:
    assert one.birth_date is not None  # members without one are not asked for
    return ScreenedPerson(
        round=screening,
        place_id=one.household.place_id,
        household=one.household,
        name=one.name,
        sex=one.sex,
        birth_year=one.birth_date.year,
        birth_date=one.birth_date,
        address=one.household.address,
        **what,
    )


# What is found


def screen_person(*, by: User, person: ScreenedPerson, result: str, note: str = "") -> ScreenedPerson:
    """What somebody found of a person. Until the round is closed it can be said anew: the last word counts, and the
    history keeps the others. Raise ValueError (Chinese) for an answer that is none."""
    require(by, Right.SCREEN, person.place_id)
    if result not in ScreenedPerson.ANSWERS:
        raise ValueError("没有点是什么情况。请点一个按钮。")
    note = note.strip()
    if result == Result.CHANGED and not note:
        raise ValueError("情况有变化的，请写几个字：变了什么。例如：中风了，不能下床。")
    with transaction.atomic():
        _locked(person.round_id)
        person = ScreenedPerson.objects.select_related("place").get(pk=person.pk)
        if person.is_met:
            raise ValueError(f"{person.name}是新发现的，不用再选。写错了的，请撤回再写。")
        person.result, person.note = result, note
        person.looked_by, person.looked_on = by, today()
        person.save(update_fields=["result", "note", "looked_by", "looked_on"])
        record(
            by=by,
            verb="screen_person",
            words=f"排摸{person.name}：{person.get_result_display()}",
            about=person,
            where=person.place,
        )
        return person


def meet_person(
    *,
    by: User,
    place: Division,
    name: str,
    sex: str,
    birth_year: int,
    birth_date: date | None = None,
    id_number: str = "",
    address: str = "",
    lives_alone: bool | None = None,
    note: str = "",
) -> ScreenedPerson:
    """Write down somebody old of whom the list knows nothing. Raise ValueError (Chinese) where no round is open, for
    an age that cannot be, or for somebody who stands on the village's list already."""
    require(by, Right.SCREEN, place.code)
    _check_age(birth_year)
    with transaction.atomic():
        screening = ScreeningRound.objects.open().filter(town=place.town_code).first()
        if screening is None:
            raise ScreeningClosed("现在没有排摸，这一位没有收下。新发现的老人请打电话告诉镇民政办。")
        screening = _locked(screening.pk)
        if twin := _twin(screening, place, name, birth_year, id_number):
            raise ValueError(_twin_words(twin, id_number))
        person = ScreenedPerson.objects.create(
            round=screening,
            place=place,
            source=Source.MET,
            name=name,
            sex=sex,
            birth_year=birth_year,
            birth_date=birth_date,
            id_number=id_number,
            address=address,
            lives_alone=lives_alone,
            note=note.strip(),
            result=Result.NEW,
            looked_by=by,
            looked_on=today(),
        )
        record(by=by, verb="meet_person", words=f"排摸新发现{name}", about=person, where=place)
        return person


def _check_age(birth_year: int) -> None:
    year = today().year
    if not year - MAX_AGE <= birth_year <= year:
        raise ValueError(f"出生年份 {birth_year} 不对。请填四位数的年份，例如 1950。")
    if year - birth_year < AGE:
        raise ValueError(f"{birth_year} 年生的还不到 {AGE} 岁，这次不用登记。年份写错了的，请改正。")


def _twin(
    screening: ScreeningRound, place: Division, name: str, birth_year: int, id_number: str
) -> ScreenedPerson | None:
    """Whoever on the village's list is this person: by number where one is given, else by name and year of birth."""
    people = screening.people.filter(village_code=place.village_code)
    if not id_number:
        return people.filter(name=name, birth_year=birth_year).first()
    index = blind_index("id_number", id_number)
    numbered = people.filter(
        Q(id_number_index=index) | Q(elder__id_number_index=index) | Q(member__id_number_index=index)
    )
    return numbered.first()


def _twin_words(twin: ScreenedPerson, id_number: str) -> str:
    known = f"名单里已经有{twin.name}（{twin.birth_year} 年生）"
    if id_number:
        return f"{known}，是这个身份证号码。不用再写。"
    return f"{known}，不用再写。真是同名同岁的另一个人，请填身份证号码。"


def take_back_person(*, by: User, person: ScreenedPerson) -> None:
    """Take somebody newly met off the list again, who was written down by mistake; the history keeps it."""
    require(by, Right.SCREEN, person.place_id)
    with transaction.atomic():
        _locked(person.round_id)
        if not person.is_met:
            raise ValueError(f"{person.name}是名单上原来就有的，不能撤回。请改选情况。")
        record(
            by=by,
            verb="take_back_person",
            words=f"撤回排摸新发现的{person.name}",
            about=person,
            where=person.place,
        )
        person.delete()
