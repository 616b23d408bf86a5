"""Where the people of a roster live: villages, groups, households, their conditions, and who visits them."""

from datetime import date
from typing import Any
from uuid import UUID

from elders.actions import assign_worker, fill_address, open_household, write_conditions
from elders.importing.reading import read_short
from elders.importing.roster import Roster
from elders.models import Assignment, Elder, Household
from visitcare.kit.cells import group_name, read_yes_no
from visitcare.kit.identity import parse_mobile
from visitcare.kit.sheets import Row
from visitcare.org.actions import ensure_group, require
from visitcare.org.importing import FieldChange, changes_of
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import FIELD_ROLES, Right
from visitcare.org.workers import find_village


class Dwellings:
    """Finds or makes what the rows name; where it `plans`, it only goes on as if it had."""

    def __init__(self, by: User, roster: Roster, *, plans: bool) -> None:
        self.by, self.roster, self.plans = by, roster, plans
        self.villages: dict[str, Division] = {}
        self.assigned: dict[UUID, User] = {}
        self.places: dict[tuple[str, str], Division] = {}
        self.conditions: dict[UUID, dict[str, Any]] = {}
        self.people: dict[str, UUID] = {}
        """The elders of the rows so far by their number, with their households."""
        self.begin()

    # A row

    def begin(self) -> None:
        """The next row is about to be judged."""
        self.new_places: dict[tuple[str, str], Division] = {}
        self.new_homes: dict[tuple[str, str], Household] = {}
        self.new_conditions: dict[UUID, dict[str, Any]] = {}
        self.filled: Household | None = None

    def keep(self) -> None:
        """The row was taken. Only now: one that is refused takes its new group back with it."""
        self.places |= self.new_places
        self.roster.homes |= self.new_homes
        for household, said in self.new_conditions.items():
            self.conditions.setdefault(household, {}).update(said)

    def drop(self) -> None:
        """The row was refused."""
        if self.filled:
            self.filled.address = ""

    # What it names

    def village(self, code: str) -> Division:
        if code not in self.villages:
            self.villages[code] = find_village(code, self.by, Right.REGISTER_ELDER)
        return self.villages[code]

    def household(self, row: Row, village: Division, known: Elder | None) -> Household:
        number = read_short(row, "户编号", 40)
        place = self._place(village, row.text("村民小组"))
        if number:
            household = self.roster.homes.get((village.code, number))
        else:
            # Without a number a row is a household of its own: the one this person has, or a new one.
            household = known.household if known and not known.household.number else None
        if household is None:
            household = self._open(place, number, read_short(row, "居住地址", 200))
            if number:
                self.new_homes[village.code, number] = household
        return household

    def _open(self, place: Division, number: str, address: str) -> Household:
        if self.plans:
            return Household(place=place, number=number, address=address)
        return open_household(by=self.by, place=place, number=number, address=address)

    def fill_address(self, household: Household, address: str) -> list[FieldChange]:
        if household.address or not address:
            return []
        changes = changes_of(Household, household, {"address": address})
        self.filled = household
        if self.plans:
            household.address = address
        else:
            fill_address(by=self.by, household=household, address=address)
        return changes

    def _place(self, village: Division, group: str) -> Division:
        if not group:
            return village
        known = self.places.get((village.code, group))
        place = known or self._group(village, group)
        self.new_places[village.code, group] = place
        return place

    def _group(self, village: Division, group: str) -> Division:
        if not self.plans:
            return ensure_group(by=self.by, village=village, text=group)
        name = group_name(group)
        there = village.children.filter(name=name).first()
        return there or Division(code=village.code, name=name, path=f"{village.path}{name}", parent=village)

    def elsewhere(self, row: Row, household: Household) -> list[str]:
        """A household has one dwelling: a row that says another one does not move it."""
        said, group = row.text("居住地址"), row.text("村民小组")
        found = []
        if said and said != household.address:
            found.append(f"居住地址和这户已登记的“{household.address}”不同，没有改")
        if group and group_name(group) != household.place.name:
            found.append(f"村民小组和这户已登记的“{household.place.path}”不同，没有改")
        return found

    def name_worker(self, row: Row, household: Household, since: date) -> list[str]:
        """An exception is stored only where the worker named is not the group's own (domain.md §6)."""
        if not row.text("网格员手机号"):
            return []
        mobile = parse_mobile(row.cells["网格员手机号"])
        worker = self.roster.worker(mobile)
        if worker is None:
            return ["没有这个手机号的网格员，先按本组的网格员。请先导入探访人员"]
        codes = [household.place_id, household.place_id[:12]]
        if Posting.objects.filter(user=worker, place__in=codes, role__in=FIELD_ROLES).exists():
            return []
        current = self._assigned(household)
        if current is None and self.plans:
            require(self.by, Right.REVIEW_REGISTRATION, household.place_id)
            self.assigned[household.pk] = worker
        elif current is None:
            assign_worker(by=self.by, household=household, worker=worker, starts_on=since)
        elif current != worker:
            return [f"这户已指定{current.name}探访，没有改。要换人请在后台办理"]
        return []

    def _assigned(self, household: Household) -> User | None:
        current = (
            Assignment.objects.filter(household=household.pk, ends_on=None).select_related("worker").first()
        )
        return current.worker if current else self.assigned.get(household.pk)

    def conditions_of(self, row: Row, household: Household) -> tuple[dict[str, Any], list[str]]:
        """What a row says of the dwelling, and what it says otherwise than a row of the same household before it, in
        words. An empty cell says nothing, and takes nothing back."""
        said = {
            "water_safe": read_yes_no(row, "饮水是否安全"),
            "power_safe": read_yes_no(row, "生活用电是否安全"),
            "housing_safe": read_yes_no(row, "住房是否安全"),
            "age_friendly": read_short(row, "家庭环境适老化情况", 100),
        }
        said = {name: value for name, value in said.items() if value not in (None, "")}
        before = self.conditions.get(household.pk, {})
        new = {name: value for name, value in said.items() if name not in before}
        self.new_conditions[household.pk] = new
        disputed = [name for name, value in said.items() if before.get(name, value) != value]
        labels = "、".join(str(Household._meta.get_field(name).verbose_name) for name in disputed)  # type: ignore[union-attr]
        return new, [f"{labels}和同一户的另一行不同，没有改"] if disputed else []

    def improve(self, household: Household, said: dict[str, Any]) -> list[FieldChange]:
        """Write what is new of the dwelling."""
        changes = changes_of(Household, household, said)
        if changes and not self.plans:
            write_conditions(by=self.by, household=household, said=said)
        return changes
