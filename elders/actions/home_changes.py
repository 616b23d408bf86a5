"""What somebody says anew of a household, and nothing that they have left as it was: written at once, or when the town
approves the form that it came with."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from elders.actions.households import remove_member, write_conditions, write_member
from elders.models import AssistanceItem, Elder, Household, HouseholdMember, Proposal, RegistrationForm
from visitcare.org.models import User
from visitcare.org.roles import Right


@dataclass(slots=True)
class MemberChange:
    """One of the family: `member` is the key of whoever is on file, `said` what is new, `gone` why they are no more."""

    said: dict[str, Any]
    member: UUID | None = None
    gone: str = ""


@dataclass(slots=True)
class HomeChanges:
    """`conditions` are fields of Household, `items` those of assistance by name with the yuan a month, `dropped` the
    names of those that are drawn no more."""

    conditions: dict[str, Any] = field(default_factory=dict)
    items: dict[str, Decimal | None] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    members: list[MemberChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.conditions or self.items or self.dropped or self.members)


def change_home(*, by: User, household: Household, changes: HomeChanges) -> None:
    """Write what has changed. Whoever has left the family meanwhile does not come back."""
    with transaction.atomic():
        Household.objects.select_for_update().get(pk=household.pk)
        assistance = None
        if changes.items or changes.dropped:
            known = dict(household.assistance.values_list("name", "monthly_amount"))
            kept = {name: amount for name, amount in known.items() if name not in changes.dropped}
            assistance = list((kept | changes.items).items())
        write_conditions(by=by, household=household, said=changes.conditions, assistance=assistance)
        members = household.members.in_bulk()
        for change in changes.members:
            member = members.get(change.member) if change.member else None
            if change.member and member is None:
                continue
            if not change.gone:
                _write_member(by, household, member, change.said)
            elif member:
                remove_member(by=by, member=member, reason=change.gone)


def _write_member(
    by: User, household: Household, member: HouseholdMember | None, said: Mapping[str, Any]
) -> None:
    others = dict(said)
    name = others.pop("name", member.name if member else "")
    relation = others.pop("relation", member.relation if member else "")
    write_member(by=by, household=household, name=name, relation=relation, said=others, known=member)


# What waits for the town


def home_waits(*, by: User, household: Household) -> bool:
    """Whether what this person says of a household holds only from the town's approval: where somebody is registered,
    the family decides on a class that the town has approved."""
    reviews = by.may(Right.REVIEW_REGISTRATION, household.place_id)
    return not reviews and household.elders.filter(status__in=Elder.REGISTERED).exists()


def propose_home(*, form: RegistrationForm, changes: HomeChanges) -> None:
    """Keep beside the form what is to hold of its household when the town approves it."""
    proposal = Proposal.objects.filter(form=form).first() or Proposal(form=form, content="{}")
    content = json.loads(proposal.content) | {"home": asdict(changes)}
    proposal.content = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)
    proposal.save()


def proposed_home(form: RegistrationForm) -> HomeChanges | None:
    """What of the household waits beside the form, if anything does."""
    proposal = Proposal.objects.filter(form=form).first()
    said = json.loads(proposal.content).get("home") if proposal else None
    if said is None:
        return None
    amount = AssistanceItem._meta.get_field("monthly_amount")
    return HomeChanges(
        conditions=_read(Household, said["conditions"]),
        items={name: amount.to_python(text) for name, text in said["items"].items()},
        dropped=said["dropped"],
        members=[
            MemberChange(
                said=_read(HouseholdMember, one["said"]),
                member=UUID(one["member"]) if one["member"] else None,
                gone=one["gone"],
            )
            for one in said["members"]
        ],
    )


def _read(model: type[Household | HouseholdMember], said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: model._meta.get_field(name).to_python(value) for name, value in said.items()}  # type: ignore[union-attr]
