"""A worker's correction of their own record: a new one takes its place, the old one stays readable."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

from django.db import transaction

from elders.models import Residence
from visitcare.audit.actions import record
from visitcare.kit.positions import Position
from visitcare.kit.weeks import local_day
from visitcare.org.models import User
from visits.actions.logging import log_visit, take_back
from visits.actions.records import Finding, Logged, joined
from visits.models import Flag, Visit

CORRECTED = "已更正，见新记录"
LASTING = ("corrected", "conflict", "clock_wrong", "same_photo", "far", "outside_county")
"""Flags that a correction does not answer: they stay until a person decides."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What a correction keeps of the record it mends, or else it tells of another contact: the household and the day. Of
    the kind it does not depend: 上门 for 电话 is a slip of the finger."""

    households: frozenset[UUID]
    day: date

    @classmethod
    def of(cls, elders: Sequence[UUID], started_at: datetime) -> Self:
        """That of a record of these elders."""
        day = local_day(started_at)
        homes = Residence.objects.on(day).filter(elder__in=elders).values_list("household", flat=True)
        return cls(frozenset(homes), day)


def correct_visit(
    *,
    by: User,
    visit: Visit,
    visit_id: UUID,
    elders: Sequence[UUID],
    mode: str,
    outcome: str,
    started_at: datetime,
    received_at: datetime | None = None,
    agreed: bool | None = None,
    notes: Mapping[str, str] | None = None,
    findings: Sequence[Finding] = (),
    answers: Mapping[UUID, bool] | None = None,
    phone_said: datetime | None = None,
    position: Position | None = None,
    vouched: bool = False,
) -> Logged:
    """Put a new visit, `visit_id`, in the place of `visit`, which is withdrawn. The same correction again answers
    with what is stored.

    What was written and the correction does not speak of stays. A correction is as timely as the record it mends, where
    it is of the same contact. What the old record found goes with it; what the town is to look at stays so, however
    often it is corrected.

    Raise VisitRefused when the town has reviewed the old record meanwhile, it is not `by`'s own or the new one cannot
    be; VisitConflict and NotAllowed as log_visit does.
    """
    with transaction.atomic():
        old = Visit.objects.select_for_update().get(pk=visit.pk)
        is_new = not Visit.objects.filter(pk=visit_id).exists()
        if is_new:
            take_back(
                by,
                old,
                why=CORRECTED,
                refusal="这条已经审核过或撤回了，不能再更正。有问题请打电话给镇里。",
            )
        logged = log_visit(
            by=by,
            visit_id=visit_id,
            worker=by,
            elders=elders,
            mode=mode,
            outcome=outcome,
            started_at=started_at,
            received_at=_arrival(old, elders, started_at) or received_at,
            agreed=agreed,
            notes=notes,
            findings=findings,
            answers=answers,
            phone_said=phone_said,
            position=position,
            vouched=vouched,
        )
        if is_new:
            _carry_over(by, old, logged.visit, notes or {})
    return logged


def _arrival(old: Visit, elders: Sequence[UUID], started_at: datetime) -> datetime | None:
    """When the old record came in, where the correction tells of the same contact and was not later."""
    was = Contact(frozenset([old.household_id]), local_day(old.started_at))
    is_same = Contact.of(elders, started_at) == was
    return old.received_at if is_same and started_at <= old.received_at else None


def _carry_over(by: User, old: Visit, new: Visit, said: Mapping[str, str]) -> None:
    kept = {
        name: joined(words, new.notes.get(name, ""))
        for name, words in _own_notes(old).items()
        if name not in said
    }
    flags = _flags_for(old, new)
    Flag.objects.bulk_create(
        flags, update_conflicts=True, unique_fields=["visit", "code"], update_fields=["words", "other_visit"]
    )
    if kept or flags:
        new.notes, new.flagged = new.notes | kept, new.flagged or bool(flags)
        new.save(update_fields=["notes", "flagged"])
    record(
        by=by,
        verb="correct_visit",
        words=f"更正 {old} 的记录",
        about=old,
        where=new.household.place,
        data={"old": str(old.pk), "new": str(new.pk)},
    )


def _flags_for(old: Visit, new: Visit) -> list[Flag]:
    """What the town is to look at in the new record because of the old one."""
    lasting = {
        flag.code: Flag(visit=new, code=flag.code, words=flag.words, other_visit_id=flag.other_visit_id)
        for flag in old.flags.filter(code__in=LASTING)
    }
    if old.state == Visit.State.RETURNED:
        words = f"退回后更正的；退回时说：{old.review_reason}"
        lasting["corrected"] = Flag(visit=new, code="corrected", words=words, other_visit=old)
    return list(lasting.values())


def _own_notes(visit: Visit) -> dict[str, str]:
    """What was written beside the findings: their words stand in the notes too, below it."""
    found: dict[str, list[str]] = defaultdict(list)
    for area, words in visit.referrals.exclude(words="").values_list("area", "words"):
        found[area].append(words)
    own = {name: _above(said, found[name]) for name, said in visit.notes.items()}
    return {name: said for name, said in own.items() if said}


def _above(said: str, found: Sequence[str]) -> str:
    """What stands above the words of findings, in whatever order these follow (see Record.all_notes)."""
    for words in found:
        if said == words:
            return ""
        if said.endswith(f"\n{words}"):
            return _above(said.removesuffix(f"\n{words}"), found)
    return said
