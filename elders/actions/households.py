"""The file 一户一档 itself: the household, its members, condition and help, and who visits it where that is not the
group's own."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction

from elders.models import Assignment, AssistanceItem, Household, HouseholdMember
from visitcare.audit.actions import record
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right


def open_household(*, by: User, place: Division, address: str = "", number: str = "") -> Household:
    """A new file 一户一档."""
    require(by, Right.REGISTER_ELDER, place.code)
    with transaction.atomic():
        household = Household.objects.create(place=place, address=address, number=number)
        record(by=by, verb="open_household", words=f"建户：{household}", about=household, where=place)
        return household


def fill_address(*, by: User, household: Household, address: str) -> None:
    """Add the address where a household has none; one that is registered stays (moving is another matter)."""
    if household.address or not address:
        return
    require(by, Right.REGISTER_ELDER, household.place_id)
    with transaction.atomic():
        household.address = address
        household.save(update_fields=["address"])
        record(
            by=by,
            verb="fill_address",
            words=f"补登居住地址：{household}",
            about=household,
            where=household.place,
        )


def write_conditions(
    *,
    by: User,
    household: Household,
    said: Mapping[str, Any],
    assistance: Sequence[tuple[str, Decimal | None]] | None = None,
) -> set[str]:
    """Write how a household lives and who helps it (annex 3, parts 3 and 4): `said` are fields of Household,
    `assistance` all its items by name with the yuan a month, None to leave them. Return the names of what changed."""
    require(by, Right.REGISTER_ELDER, household.place_id)
    with transaction.atomic():
        household = (
            Household.objects.select_for_update(of=("self",)).select_related("place").get(pk=household.pk)
        )
        changed = {name: value for name, value in said.items() if getattr(household, name) != value}
        for name, value in changed.items():
            setattr(household, name, value)
        if changed:
            household.save(update_fields=list(changed))
        names = set(changed)
        if assistance is not None and _write_assistance(household, dict(assistance)):
            names.add("assistance")
        if names:
            record(
                by=by,
                verb="write_conditions",
                words=f"登记家庭条件和帮扶：{household}",
                about=household,
                where=household.place,
                data={"changed": sorted(names)},
            )
        return names


def _write_assistance(household: Household, wanted: Mapping[str, Decimal | None]) -> bool:
    """Make the items those wanted; whether anything changed."""
    known = {item.name: item for item in household.assistance.all()}
    gone = [item.pk for name, item in known.items() if name not in wanted]
    changed = [
        name for name, amount in wanted.items() if name not in known or known[name].monthly_amount != amount
    ]
    AssistanceItem.objects.filter(pk__in=gone).delete()
    for name in changed:
        AssistanceItem.objects.update_or_create(
            household=household, name=name, defaults={"monthly_amount": wanted[name]}
        )
    return bool(gone or changed)


def write_member(
    *,
    by: User,
    household: Household,
    name: str,
    relation: str,
    said: Mapping[str, Any],
    known: HouseholdMember | None = None,
) -> Literal["new", "changed", "unchanged"]:
    """Write a family member (annex 3, part 2): `known`, or the one of this name and relation, or somebody new; `said`
    are the other fields. Return `new`, `changed` or `unchanged`."""
    require(by, Right.REGISTER_ELDER, household.place_id)
    known = known or household.members.filter(name=name, relation=relation).first()
    member = known or HouseholdMember(household=household)
    wanted = {"name": name, "relation": relation, **said}
    changed = {
        field: value for field, value in wanted.items() if known is None or getattr(known, field) != value
    }
    if known and not changed:
        return "unchanged"
    with transaction.atomic():
        for field, value in changed.items():
            setattr(member, field, value)
        member.save()
        record(
            by=by,
            verb="write_member",
            words=f"登记家庭成员{name}（{relation or '没有写关系'}）",
            about=household,
            where=household.place,
            data={"changed": sorted(changed)},
        )
    return "changed" if known else "new"


def remove_member(*, by: User, member: HouseholdMember, reason: str) -> None:
    """Take a family member off the file, as one who moved out, died, or was written down by mistake. Raise ValueError
    (Chinese) without a reason."""
    household = member.household
    require(by, Right.REGISTER_ELDER, household.place_id)
    if not reason.strip():
        raise ValueError("删去家庭成员要写原因。")
    with transaction.atomic():
        member.delete()
        record(
            by=by,
            verb="remove_member",
            words=f"删去家庭成员{member.name}（{member.relation or '没有写关系'}）",
            reason=reason.strip(),
            about=household,
            where=household.place,
        )


def assign_worker(*, by: User, household: Household, worker: User, starts_on: date) -> Assignment:
    """Name a worker for one household from a day on (domain.md §6: a dated household exception). Who visits whom is
    the town's to say: whoever registers is paid for visits, too."""
    require(by, Right.REVIEW_REGISTRATION, household.place_id)
    with transaction.atomic():
        assignment = Assignment.objects.create(household=household, worker=worker, starts_on=starts_on)
        record(
            by=by,
            verb="assign_worker",
            words=f"自 {starts_on} 起由{worker.name}探访这户",
            about=household,
            where=household.place,
        )
        return assignment
