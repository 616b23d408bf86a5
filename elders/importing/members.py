"""The second sheet of a roster: the elders' families. It may come alone, too."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from elders.actions import write_member
from elders.importing.columns import LEFT_EMPTY, MEMBER_CELLS, MEMBER_COLUMNS, SEXES
from elders.importing.dwellings import Dwellings
from elders.importing.reading import only_said, read_short
from elders.importing.roster import Roster
from elders.judging import JudgingImporter
from elders.matching import elders_among_members
from elders.models import Household, HouseholdMember
from visitcare.kit.cells import read_choice, read_yes_no, required
from visitcare.kit.identity import parse_id_number
from visitcare.kit.sheets import Outcome, Row, Table
from visitcare.kit.weeks import today
from visitcare.org.importing import Importer, RowRefused, Taken, changes_of, join_words
from visitcare.org.models import Division, User


class RosterImporter(JudgingImporter):
    """One that finds the households of people."""

    dwellings: Dwellings


class MemberImporter(RosterImporter):
    """The second sheet 家庭成员."""

    note = LEFT_EMPTY
    noun = sheet = "家庭成员"
    columns = MEMBER_COLUMNS
    cells = MEMBER_CELLS
    can_plan = True

    def __init__(self, by: User) -> None:
        super().__init__(by)
        self.first: RosterImporter | None = None
        self.families: dict[UUID, list[HouseholdMember]] = {}

    def follow(self, first: Importer) -> None:
        assert isinstance(first, RosterImporter)  # whose second sheet this is
        self.first = first

    def prepare(self, table: Table) -> None:
        self.today = today()
        alone = Dwellings(self.by, Roster((), self.today, judges=False), plans=self.plans)
        self.dwellings = self.first.dwellings if self.first else alone

    def key(self, row: Row) -> str:
        return f"{self.sheet}：{row.text('姓名')}"

    def take(self, row: Row) -> Taken:
        number, code = required(row, "户编号"), required(row, "村(社区)代码")
        village = self.dwellings.village(code)
        household = self._home(village, number)
        if household is None:
            raise RowRefused(f"{village.path}没有户编号是 {number} 的户。请先在第一张表登记这户的老人。")
        required(row, "姓名")
        name, said = read_short(row, "姓名", 60), self._said(row)
        family = self._family(household)
        known = _same(family, name, said)
        changes = changes_of(HouseholdMember, known, said) if known else []
        warnings = self._elder_too(household, said, known)
        if self.plans:
            self._suppose(family, known or HouseholdMember(household=household, name=name), said)
        else:
            relation = said.pop("relation", known.relation if known else "")
            write_member(
                by=self.by, household=household, name=name, relation=relation, said=said, known=known
            )
        found: Outcome = "new" if known is None else "changed" if changes else "unchanged"
        words = join_words(*changes, *warnings)
        return Taken("warning", words, becomes=found) if warnings else Taken(found, words)

    def _said(self, row: Row) -> dict[str, Any]:
        """What the row says, and nothing of what it leaves empty."""
        said = only_said(
            {
                "relation": read_short(row, "与户主关系", 40),
                "sex": read_choice(row, "性别", SEXES),
                "health": read_short(row, "健康状况", 100),
                "lives_here": read_yes_no(row, "是否同住"),
                "visits_often": read_yes_no(row, "是否经常探访"),
            }
        )
        if row.text("居民身份证号码"):
            card = parse_id_number(row.cells["居民身份证号码"], today=self.today)
            said |= {"id_number": card.number, "birth_date": card.birth_date, "sex": card.sex}
        return said

    def _home(self, village: Division, number: str) -> Household | None:
        known = self.dwellings.roster.homes.get((village.code, number))
        return known or Household.objects.filter(village_code=village.code, number=number).first()

    def _family(self, household: Household) -> list[HouseholdMember]:
        """Who is on file; where nothing is stored, with those of the rows before."""
        if household.pk in self.families:
            return self.families[household.pk]
        family = list(HouseholdMember.objects.filter(household=household.pk))
        if self.plans:
            self.families[household.pk] = family
        return family

    def _elder_too(
        self, household: Household, said: Mapping[str, Any], known: HouseholdMember | None
    ) -> list[str]:
        """Nobody lives in two households: neither with an elder of this file nor with one who is registered."""
        number = said.get("id_number") or (known.id_number if known else "")
        lives_here = said.get("lives_here", known.lives_here if known else None)
        if not number or lives_here is False:
            return []
        here = self.dwellings.people.get(number)
        if here is None:
            return elders_among_members([number], household, by=self.by)
        elsewhere = "也在第一张表里登记为另一户的老人。一个人只算在一户，请核对住在哪里。"
        return [elsewhere] if here != household.pk else []

    def _suppose(
        self, family: list[HouseholdMember], member: HouseholdMember, said: Mapping[str, Any]
    ) -> None:
        """Go on as if the row were stored."""
        for field, value in said.items():
            setattr(member, field, value)
        if member not in family:
            family.append(member)
        book = self.dwellings.roster.book
        if book is not None and member.lives_here and member.birth_date:
            book.suppose_member(member.household_id, member.birth_date, member.health)


def _same(family: Iterable[HouseholdMember], name: str, said: Mapping[str, Any]) -> HouseholdMember | None:
    """The one of this name and relation; else the only one of this name where either says no relation, and whose number
    is no other one."""
    relation, number = said.get("relation", ""), said.get("id_number", "")
    named = [member for member in family if member.name == name]
    exact = next((member for member in named if member.relation == relation), None)
    likely = [
        member
        for member in named
        if not (relation and member.relation) and member.id_number in ("", number or member.id_number)
    ]
    return exact or (likely[0] if len(likely) == 1 else None)
