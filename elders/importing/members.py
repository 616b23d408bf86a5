"""The second sheet of a roster: the elders' families. It may come alone, too."""

from typing import Any

from elders.actions import write_member
from elders.importing.columns import MEMBER_CELLS, MEMBER_COLUMNS, SEXES
from elders.importing.dwellings import Dwellings
from elders.importing.reading import read_short
from elders.importing.roster import Roster
from elders.judging import JudgingImporter
from elders.models import Household, HouseholdMember
from visitcare.kit.cells import read_choice, read_yes_no, required
from visitcare.kit.identity import parse_id_number
from visitcare.kit.sheets import Row, Table
from visitcare.kit.weeks import today
from visitcare.org.importing import FieldChange, Importer, RowRefused, Taken, join_words
from visitcare.org.models import Division, User


class RosterImporter(JudgingImporter):
    """One that finds the households of people."""

    dwellings: Dwellings


class MemberImporter(RosterImporter):
    """The second sheet 家庭成员."""

    noun = sheet = "家庭成员"
    columns = MEMBER_COLUMNS
    cells = MEMBER_CELLS
    can_plan = True

    def __init__(self, by: User) -> None:
        super().__init__(by)
        self.first: RosterImporter | None = None
        self.said: dict[tuple[Any, str, str], dict[str, Any] | None] = {}

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
        card = None
        if row.text("居民身份证号码"):
            card = parse_id_number(row.cells["居民身份证号码"], today=self.today)
        said = {
            "sex": card.sex if card else read_choice(row, "性别", SEXES) or "",
            "id_number": card.number if card else "",
            "birth_date": card.birth_date if card else None,
            "health": read_short(row, "健康状况", 100),
            "lives_here": read_yes_no(row, "是否同住"),
            "visits_often": read_yes_no(row, "是否经常探访"),
        }
        required(row, "姓名")
        name, relation = read_short(row, "姓名", 60), read_short(row, "与户主关系", 40)
        before = self._before(household, name, relation, said)
        if self.plans:
            self._suppose(household, said)
        else:
            write_member(by=self.by, household=household, name=name, relation=relation, said=said)
        if before is None:
            return Taken("new")
        changes = [
            FieldChange(HouseholdMember, field, before[field], value)
            for field, value in said.items()
            if before[field] != value
        ]
        return Taken("changed" if changes else "unchanged", join_words(*changes))

    def _home(self, village: Division, number: str) -> Household | None:
        known = self.dwellings.roster.homes.get((village.code, number))
        return known or Household.objects.filter(village_code=village.code, number=number).first()

    def _before(
        self, household: Household, name: str, relation: str, said: dict[str, Any]
    ) -> dict[str, Any] | None:
        """What was known of the person, from a row before this one too."""
        key = household.pk, name, relation
        if key not in self.said:
            self.said[key] = _said_of_member(household, name, relation, said)
        before, self.said[key] = self.said[key], said
        return before

    def _suppose(self, household: Household, said: dict[str, Any]) -> None:
        book = self.dwellings.roster.book
        if book is not None and said["lives_here"] and said["birth_date"]:
            book.suppose_member(household.pk, said["birth_date"], said["health"])


def _said_of_member(
    household: Household, name: str, relation: str, said: dict[str, Any]
) -> dict[str, Any] | None:
    """What is stored of the fields that a row says."""
    known = (
        None
        if household._state.adding
        else HouseholdMember.objects.filter(household=household, name=name, relation=relation).first()
    )
    return {field: getattr(known, field) for field in said} if known else None
