"""A roster, one elder a row (contracts.md, *Elders*): household, elder, registration form."""

from collections.abc import Collection, Mapping
from typing import Any

from elders.actions import FormData
from elders.importing.columns import ELDER_CELLS, ELDER_COLUMNS, LEFT_EMPTY, SEXES
from elders.importing.dwellings import Dwellings
from elders.importing.known import NO_REASON, Past, differences, fill_in
from elders.importing.members import MemberImporter, RosterImporter
from elders.importing.reading import read_form, read_person, read_short
from elders.importing.registering import Registrations
from elders.importing.roster import Roster
from elders.models import (
    ActivePeriod,
    ClassPeriod,
    Elder,
    Household,
    Residence,
    SeriousIllness,
)
from visitcare.kit.cells import required
from visitcare.kit.sheets import Row, Table
from visitcare.kit.weeks import today
from visitcare.org.importing import FieldChange, Keys, RowRefused, Rows, Taken, join_words
from visitcare.org.models import User
from visitcare.org.roles import Right


class ElderImporter(RosterImporter):
    noun = "老人"
    note = LEFT_EMPTY
    second_sheet = MemberImporter
    parts = (ActivePeriod, ClassPeriod, Residence)
    derived = (ClassPeriod,)
    can_plan = True
    columns = ELDER_COLUMNS
    cells = ELDER_CELLS

    def __init__(self, by: User, *, approve: bool = False) -> None:
        super().__init__(by)
        self.approve = approve

    def prepare(self, table: Table) -> None:
        self.today = today()
        self.roster = Roster(table.rows, self.today, judges=self.plans and self.approve)
        self.dwellings = Dwellings(self.by, self.roster, plans=self.plans)
        self.registrations = Registrations(self.by, self.roster, plans=self.plans, approve=self.approve)
        self.illnesses = dict(SeriousIllness.objects.values_list("name", "id"))
        self.seen: dict[str, int] = {}

    def key(self, row: Row) -> str:
        return row.text("姓名")

    def take(self, row: Row) -> Taken:
        self.dwellings.begin()
        self.roster.begin()
        try:
            taken = self._take(row)
        except Exception:
            self.dwellings.drop()
            raise
        self.dwellings.keep()
        return taken

    def _take(self, row: Row) -> Taken:
        person = read_person(row, self.today)
        self._once_in_file(row, person)
        village = self.dwellings.village(required(row, "村(社区)代码"))
        known = self.roster.elder(person)
        if known and not self.by.may(Right.REGISTER_ELDER, known.household.place_id):
            # Nothing of the record is told: not whose it is, nor where.
            raise RowRefused("这位老人在您管的地区以外登记过。请先和市民政局核对，不要重复登记。")
        if known and known.merged_into_id:
            raise RowRefused(f"{known.name}的这份档案已并入另一份（证件号码不同）。请按那一份的号码填。")
        household = self.dwellings.household(row, village, known)
        improved = self.dwellings.fill_address(household, read_short(row, "居住地址", 200))
        if known:
            self._refuse_elsewhere_or_closed(known, household)
        data = read_form(row, person, self.illnesses, self.today)
        past = Past.of(known, data.registered_on)
        fill_in(data, past)
        said, disputed = self.dwellings.conditions_of(row, household)
        warnings = (
            self._warnings(row, data)
            + self.dwellings.elsewhere(row, household)
            + disputed
            + self.dwellings.name_worker(row, household, data.registered_on)
        )
        improved += self.dwellings.improve(household, said)
        if known:
            outcome, changes = self._renew(row, household, data, past, known, improved)
        else:
            outcome, changes = self._enter(row, household, data, improved)
        self.dwellings.people[person["id_number"]] = household.pk
        words = join_words(*changes, *warnings)
        return Taken("warning", words, becomes=outcome) if warnings else Taken(outcome, words)  # type: ignore[arg-type]

    def _enter(
        self, row: Row, household: Household, data: FormData, improved: list[FieldChange]
    ) -> tuple[str, list[object]]:
        """What becomes of a row on somebody new. Of a home that is new with the row nothing is changed."""
        self.registrations.store(row.number, household, data, None)
        return "new", [one for one in improved if one.old]

    def _renew(
        self,
        row: Row,
        household: Household,
        data: FormData,
        past: Past,
        known: Elder,
        improved: list[FieldChange],
    ) -> tuple[str, list[object]]:
        """What becomes of a row on somebody known, and what it changes."""
        changes = differences(data, past)
        is_newer = all(form.registered_on != data.registered_on for form in known.forms.all())
        if is_newer or changes:
            data.changed = {"new_form"} if is_newer else {one.name for one in changes}
            self.registrations.store(row.number, household, data, known)
            version = [f"{data.registered_on} 的新登记表"] if is_newer else []
            return "changed", [*version, *changes, *improved]
        if self.registrations.approve_waiting(row.number, known, data):
            return "changed", ["批准登记表", *improved]
        return "changed" if improved else "unchanged", [*improved]

    def finish(self) -> Mapping[int, str]:
        words = "现在不在探访范围（没有一类符合），先存着，符合后自动入册"
        return dict.fromkeys(self.registrations.finish(), words)

    # Taking back

    @classmethod
    def opened_by(cls, was: Rows) -> Keys:
        """Who came into scope: duties and visits rest on that."""
        before = was.get(Elder, {})
        now = Elder.objects.filter(pk__in=before, status=Elder.Status.ACTIVE).values_list("pk", flat=True)
        in_scope = (Elder.Status.ACTIVE, Elder.Status.PAUSED)
        return {Elder: [pk for pk in now if before[pk].status not in in_scope]}

    @classmethod
    def taken_back(cls, *, by: User, was: Rows, opened: Keys, touched: Collection[Any]) -> None:
        for period in ActivePeriod.objects.filter(elder__in=opened.get(Elder, ()), ends_on=None):
            ClassPeriod.objects.filter(elder=period.elder_id, starts_on__gte=period.starts_on).delete()
            if period.pk not in was.get(ActivePeriod, {}):
                period.delete()
        super().taken_back(by=by, was=was, opened=opened, touched=touched)

    # What is refused and warned of

    def _once_in_file(self, row: Row, person: dict[str, Any]) -> None:
        number = person["id_number"]
        key = number or f"{person['name']} {person['birth_date']}"
        if key in self.seen:
            what = "证件号码" if number else "人（没有证件号码，姓名和出生日期一样）"
            raise RowRefused(f"和第 {self.seen[key]} 行是同一个{what}。一个人只能登记一次，请删掉一行。")
        self.seen[key] = row.number

    def _refuse_elsewhere_or_closed(self, known: Elder, household: Household) -> None:
        if known.household_id != household.pk:
            raise RowRefused(
                f"{known.name}已在{known.household.place.path}的另一户登记（{known.get_status_display()}）。"
                "请先核对；搬家请办迁移，不要重复登记。"
            )
        if known.status == Elder.Status.CLOSED:
            raise RowRefused(f"{known.name}已于 {known.closed_on} 注销。要恢复请办重新入册，不要重复登记。")

    def _warnings(self, row: Row, data: FormData) -> list[str]:
        found = []
        said = row.text("性别")
        if said and said in SEXES and SEXES[said] != data.person["sex"]:
            found.append("性别和身份证号码不一致，按身份证登记")
        if data.consent_reason == NO_REASON:
            found.append(f"不愿意原因空着，先记作“{NO_REASON}”，请问清楚再补")
        return found
