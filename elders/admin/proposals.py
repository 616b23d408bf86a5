"""What of a household waits beside a form, as the town reads it before it approves: old → new."""

from collections.abc import Iterator
from typing import Any

from elders.actions import MemberChange
from elders.actions.home_changes import proposed_home
from elders.models import AssistanceItem, Household, HouseholdMember, RegistrationForm
from visitcare.audit.words import changed_words, value_words

NOTHING = "—"


def proposed_home_rows(form: RegistrationForm) -> Iterator[tuple[str, str]]:
    """Label and change of everything that approving the form writes of the household."""
    changes = proposed_home(form)
    if changes is None:
        return
    home: Household = form.elder.household
    for name, new in changes.conditions.items():
        field = _field(Household, name)
        yield field.verbose_name, f"{value_words(field, getattr(home, name))} → {value_words(field, new)}"
    amount = _field(AssistanceItem, "monthly_amount")
    known = {
        name: value_words(amount, value) for name, value in home.assistance.values_list("name", amount.name)
    }
    for name, value in changes.items.items():
        yield f"补贴“{name}”（每月元）", f"{known.get(name, NOTHING)} → {value_words(amount, value)}"
    for name in changes.dropped:
        yield f"补贴“{name}”（每月元）", f"{known.get(name, NOTHING)} → {NOTHING}"
    members = home.members.in_bulk()
    for change in changes.members:
        yield _of_member(change, members.get(change.member) if change.member else None)


def _of_member(change: MemberChange, known: HouseholdMember | None) -> tuple[str, str]:
    fields = [(_field(HouseholdMember, name), value) for name, value in change.said.items()]
    if known is None and change.member:
        return "家庭成员", "已经从这户删去，不会再写进去"
    if known is None:
        words = (f"{field.verbose_name} {value_words(field, value)}" for field, value in fields)
        return "新的家庭成员", "，".join(words)
    if change.gone:
        return f"家庭成员{known.name}", f"删去（{change.gone}）"
    words = (changed_words(field, getattr(known, field.name), value) for field, value in fields)
    return f"家庭成员{known.name}", "，".join(words)


def _field(model: type[Household | HouseholdMember | AssistanceItem], name: str) -> Any:
    return model._meta.get_field(name)
