"""What visits found, until it is solved."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.models import Referral, Visit

SEEN_SOLVED = "探访时看到已经解决"


def solve_referral(*, by: User, referral: Referral, outcome: str) -> None:
    """Close a referral, saying what was done."""
    require(by, Right.FOLLOW_UP, referral.village_code)
    if not outcome.strip():
        raise ValueError("请写处理结果：做了什么，谁做的。")
    with transaction.atomic():
        changed = Referral.objects.filter(pk=referral.pk, state=Referral.State.OPEN).update(
            state=Referral.State.SOLVED,
            solved_by=by,
            solved_at=timezone.now(),
            solved_in=None,
            outcome=outcome,
        )
        if not changed:
            raise ValueError("这件事已经办结了，不用再办。")
        record(
            by=by,
            verb="solve_referral",
            words=f"办结：{referral.summary}",
            reason=outcome,
            about=referral,
            where=referral.household.place,
        )


def answer_referrals(*, by: User, visit: Visit, answers: Mapping[UUID, bool]) -> None:
    """A visit tells which findings of before it are solved; those that are not stay open, whatever an earlier visit saw."""
    solved = [referral for referral, is_solved in answers.items() if is_solved]
    asked = Referral.objects.filter(pk__in=solved, household=visit.household_id, state=Referral.State.OPEN)
    asked.filter(opened_at__lte=visit.started_at).update(
        state=Referral.State.SOLVED,
        solved_by=by,
        solved_at=visit.started_at,
        solved_in=visit,
        outcome=SEEN_SOLVED,
    )
    if unsolved := answers.keys() - set(solved):
        open_still = Referral.objects.filter(
            pk__in=unsolved, household=visit.household_id, state=Referral.State.OPEN
        )
        open_still.filter(solved_in__started_at__lt=visit.started_at).update(solved_in=None)


def reopen_solved_in(visits: Iterable[UUID]) -> None:
    """What these visits saw solved waits again, for they count no more. It stays known that they said so."""
    solved = Referral.objects.filter(solved_in__in=list(visits), state=Referral.State.SOLVED)
    solved.exclude(visit__state=Visit.State.WITHDRAWN).update(
        state=Referral.State.OPEN, solved_by=None, solved_at=None, outcome=""
    )


def close_solved_in(visits: Iterable[UUID]) -> None:
    """These visits count after all: what they saw solved and nobody has answered since is."""
    said = Visit.objects.filter(pk=OuterRef("solved_in"))
    Referral.objects.filter(solved_in__in=list(visits), state=Referral.State.OPEN).update(
        state=Referral.State.SOLVED,
        solved_by=Subquery(said.values("entered_by")),
        solved_at=Subquery(said.values("started_at")),
        outcome=SEEN_SOLVED,
    )
