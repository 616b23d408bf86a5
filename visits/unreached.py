"""Elders whom nobody has reached since an attempt failed (domain.md §2). Derived: a chain progresses by time alone, and
ends with whatever takes its attempts away, comes after them or answers for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject, TruncDate
from django.utils import timezone

from elders.models import ClassPeriod, Consent, Elder, Pause
from visitcare.kit.arrays import array_of
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import SHANGHAI, today
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy
from visits.chains import Answer, Attempt, Chain
from visits.models import Inquiry, Visit, VisitedElder
from visits.rules.reaching import FAILED

NOT_TAKEN_BACK = (Visit.State.PENDING, Visit.State.VALID, Visit.State.RETURNED)
"""An attempt that the town has sent back did happen: it is to be written better."""
SUCCESSFUL = (Visit.State.PENDING, Visit.State.VALID)
LOOKS_BACK = timedelta(days=30)
"""An older attempt counts where the town has been told of it: longer than any class may wait."""


def chains_of(elders: "QuerySet[Elder] | Iterable[UUID]") -> dict[UUID, Chain]:
    """The open chains of some elders, the longest overdue first; one statement, and one for the policy."""
    policy, now = care_policy(today()), timezone.now()
    whom: Any = elders.values("pk") if isinstance(elders, QuerySet) else list(elders)
    attempts = _open_attempts(Q(elder__in=whom))
    lately = attempts.filter(started_at__gte=now - LOOKS_BACK).values_list(*_OF_ELDER, "said")
    told = attempts.filter(started_at__lt=now - LOOKS_BACK, alert__isnull=False).values_list(
        *_OF_ELDER, "said"
    )
    tried: dict[tuple[UUID, str, str, str], list[dict[str, Any]]] = {}
    for elder, name, contact, phone, said in lately.union(told, all=True):
        tried.setdefault((elder, name, contact, phone), []).append(said)
    chains = [chain_of(*of_elder, tried=attempts, policy=policy) for of_elder, attempts in tried.items()]
    return {chain.elder: chain for chain in sorted(chains, key=by_urgency)}


def tried_in_vain() -> ArraySubquery:
    """The same of each elder of a statement about elders: the attempts, as `chain_of` reads them."""
    remembered = Q(started_at__gte=timezone.now() - LOOKS_BACK) | Q(alert__isnull=False)
    return ArraySubquery(_open_attempts(Q(elder=OuterRef("pk"))).filter(remembered).values("said"))


def by_urgency(chain: Chain) -> tuple[datetime, UUID]:
    """What chains are sorted by: the longest overdue first."""
    return chain.alert_at, chain.elder


def chains_seen_by(user: User) -> dict[UUID, Chain]:
    """Those of all elders of the places that a person of an office looks after."""
    places = in_areas("household__place__code", user.areas_with(Right.SEE_REGISTRY))
    return chains_of(Elder.objects.filter(places))


_OF_ELDER = ("elder", "elder__name", "elder__emergency_name", "elder__emergency_phone")


def _open_attempts(whose: Q) -> "QuerySet[Any]":
    """The failed attempts that nothing has answered: no later success, nobody who knows the elder to be safe, and the
    elder has been owed contacts ever since. `said` is what a chain tells of each."""
    of_elder = {"elder": OuterRef("elder")}
    successes = VisitedElder.objects.filter(
        **of_elder, countable=True, visit__state__in=SUCCESSFUL, started_at__gte=OuterRef("started_at")
    )
    known_safe = Inquiry.objects.filter(**of_elder, covers_until__gte=OuterRef("started_at"))
    pauses = Pause.objects.filter(**of_elder, starts_on__lte=today()).filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("day"))
    )
    asked = Inquiry.objects.filter(**of_elder, safe=False, at__gte=OuterRef("started_at")).order_by("at")
    letters = ClassPeriod.objects.on(today()).filter(**of_elder)
    return (
        VisitedElder.objects.filter(
            whose,
            elder__status=Elder.Status.ACTIVE,
            countable=False,
            visit__outcome__in=FAILED,
            visit__state__in=NOT_TAKEN_BACK,
        )
        .annotate(day=TruncDate("started_at", tzinfo=SHANGHAI))
        .filter(~Exists(successes), ~Exists(known_safe), ~Exists(pauses), ~Exists(_refusals()))
        .annotate(
            said=JSONObject(
                key="pk",
                at="started_at",
                outcome="visit__outcome",
                letter=Subquery(letters.values("risk_class")[:1]),
                answers=array_of(asked, "step", "words", "at", who="by__name"),
            )
        )
    )


def _refusals() -> "QuerySet[Consent]":
    """Refusals to be visited that were in force on the day of the attempt or have come since."""
    answers = Consent.objects.filter(elder=OuterRef("elder"), since__lte=today())
    taken_back = Consent.objects.filter(
        elder=OuterRef("elder"), since__gt=OuterRef("since"), since__lte=OuterRef(OuterRef("day"))
    )
    return answers.filter(~Exists(taken_back), kind=Consent.Kind.REFUSED)


def chain_of(
    elder: UUID,
    name: str,
    contact: str,
    phone: str,
    *,
    tried: Iterable[Mapping[str, Any]],
    policy: CarePolicy,
) -> Chain:
    """The chain of an elder by the attempts that are open; `contact` and `phone` are of the emergency contact."""
    attempts = sorted(tried, key=lambda one: (datetime.fromisoformat(one["at"]), one["key"]))
    letter = attempts[0]["letter"] or ""
    return Chain(
        elder=elder,
        name=name,
        risk_class=letter,
        hours=policy.alert_hours(letter),
        now=timezone.now(),
        attempts=[Attempt(one["key"], datetime.fromisoformat(one["at"]), one["outcome"]) for one in attempts],
        answers=[
            Answer(said["step"], said["words"], datetime.fromisoformat(said["at"]), said["who"])
            for said in attempts[0]["answers"]
        ],
        contact=contact,
        phone=phone,
    )
