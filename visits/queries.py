"""What the worker pages read: a fixed number of queries, however many households there are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Concat

from elders.models import (
    Assignment,
    CarePlan,
    Elder,
    Household,
    Pause,
    RegistrationForm,
    Residence,
    Sex,
    round_within,
    stand_ins_of,
    stood_in_for,
)
from visitcare.kit.arrays import array_of
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import Month, Week, midnight, today
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy
from visits.cards import BACK_FOR, Card, CardElder, Found, Record, result_words
from visits.chains import Chain
from visits.extra import extra_asked, extra_due
from visits.models import Flag, Mode, OpenedWeek, Photo, PlannedVisit, Referral, Visit, VisitedElder
from visits.rules import HOME, STILL_TAKEN, Due, kind_of, kinds_and_days
from visits.unreached import by_urgency, chain_of, tried_in_vain

# Whose households


def field_households(user: User) -> "QuerySet[Household]":
    """The households this person may record visits for: those of their field postings, those named to them, and those
    of a worker for whom they stand in."""
    return Household.objects.visible_to(user).filter(
        _served(user) | _named(user) | stood_in_for(user, today())
    )


def round_of(user: User) -> "QuerySet[Household]":
    """The households this person is to visit: without those named to somebody else, except for a cadre, who watches
    over the whole village."""
    own = _served(user)
    if not user.may(Right.SEE_REGISTRY):
        others = Assignment.objects.served(today()).exclude(worker=user).values("household")
        own &= ~Q(pk__in=others)
    return Household.objects.visible_to(user).filter(own | _named(user) | stood_in_for(user, today()))


def _served(user: User) -> Q:
    """Of households: in the places of the person's field postings."""
    return in_areas("place__code", user.areas_with(Right.LOG_VISIT))


def _named(user: User) -> Q:
    """Of households: named to the person."""
    return Q(pk__in=Assignment.objects.served(today()).filter(worker=user).values("household"))


def _whose_round(user: User) -> Case:
    """Of elders: the name of the one in whose place this person goes to their household today, else ""."""
    day = today()
    own = _named(user) | _served(user)
    theirs = [
        (stand_in.absent.name, Household.objects.filter(round_within(stand_in, day)).exclude(own))
        for stand_in in stand_ins_of(user, day)
    ]
    return Case(
        *(When(household__in=households, then=Value(name)) for name, households in theirs),
        default=Value(""),
        output_field=CharField(),
    )


def care_plans(elders: Iterable[Elder]) -> list[CarePlan]:
    """What was last agreed with each of some elders (notice part 3: 个性化制定关爱服务内容), in their order."""
    ids = [elder.pk for elder in elders]
    latest = (
        CarePlan.objects.filter(elder__in=ids)
        .select_related("elder")
        .order_by("elder_id", "-agreed_on")
        .distinct("elder_id")
    )
    return sorted(latest, key=lambda plan: ids.index(plan.elder_id))


# The week


def week_is_open(week: Week) -> bool:
    return OpenedWeek.objects.filter(monday=week.monday).exists()


def cards_of_week(user: User, week: Week, day: date) -> list[Card]:
    """A card for each household of the person's round, as of a day of the week; one statement for all that is known of
    them, however many there are, beside those for policy and person."""
    policy = care_policy(week.monday)
    cards: dict[UUID, Card] = {}
    for row in _elders(user, week, day):
        card = cards.get(row["household"])
        if card is None:
            card = cards[row["household"]] = Card(
                household=row["household"],
                place_code=row["household__place"],
                place_words=row["household__place__name"],
                address=row["household__address"],
                day=day,
                policy=policy,
                found={UUID(one["id"]): _found(one) for one in row["found"]},
                stood_in_for=row["stood_in_for"],
            )
        card.elders.append(_card_elder(row))
        if row["tried"]:
            card.chains = sorted([*card.chains, _chain(row, policy)], key=by_urgency)
    return list(cards.values())


def _elders(user: User, week: Week, day: date) -> Iterable[dict[str, Any]]:
    """The elders of the round who are active or paused, with this week's obligation, plan, pause and contacts, what was
    tried in vain, what campaigns ask for, and what is asked at their household."""
    pauses = Pause.objects.filter(elder=OuterRef("pk"), starts_on__lte=day).order_by("-starts_on")
    pauses = pauses.filter(Q(ends_on=None) | Q(ends_on__gte=day - timedelta(days=BACK_FOR)))
    planned = PlannedVisit.objects.filter(elder=OuterRef("pk"), monday=week.monday, day__lte=day)
    contacts = VisitedElder.objects.filter(
        elder=OuterRef("pk"),
        started_at__gte=week.opens_at,
        started_at__lt=week.ends_at,
        visit__state__in=[Visit.State.VALID, Visit.State.PENDING],
        countable=True,
    )
    asked = Referral.objects.filter(_is_asked(), household=OuterRef("household")).order_by("due_on", "pk")
    return (
        Elder.objects.filter(
            household__in=round_of(user), status__in=[Elder.Status.ACTIVE, Elder.Status.PAUSED]
        )
        .annotate(
            owed=FilteredRelation("obligations", condition=Q(obligations__monday=week.monday)),
            pause=Subquery(pauses.values("reason")[:1]),
            pause_ends_on=Subquery(pauses.values("ends_on")[:1]),
            home_by_now=_count(planned.filter(mode=Mode.HOME)),
            greeting_by_now=_count(planned.exclude(mode=Mode.HOME)),
            contacts=array_of(contacts, at="started_at", mode="visit__mode"),
            tried=tried_in_vain(),
            extra=extra_asked(day),
            stood_in_for=_whose_round(user),
            found=array_of(asked, "id", "area", "kinds", "words"),
        )
        .order_by("household__place", "household__number", "household", "birth_date", "pk")
        .values(
            *("id", "name", "sex", "birth_date", "phone", "emergency_name", "emergency_phone"),
            *("household", "household__address", "household__place", "household__place__name"),
            *("owed__risk_class", "owed__home_required", "owed__greeting_required"),
            *("pause", "pause_ends_on", "home_by_now", "greeting_by_now", "contacts"),
            *("tried", "extra", "stood_in_for", "found"),
        )
    )


def _count(rows: "QuerySet[PlannedVisit]") -> Subquery:
    return Subquery(rows.order_by().values("elder").annotate(n=Count("pk")).values("n"))


def _card_elder(row: dict[str, Any]) -> CardElder:
    owed = row["owed__risk_class"]
    return CardElder(
        id=row["id"],
        name=row["name"],
        is_woman=row["sex"] == Sex.FEMALE,
        birth_date=row["birth_date"],
        phone=row["phone"],
        risk_class=owed or "",
        required=Due(row["owed__home_required"], row["owed__greeting_required"]) if owed else None,
        by_now=Due(row["home_by_now"] or 0, row["greeting_by_now"] or 0),
        pause=Pause.Reason(row["pause"]).label if row["pause"] else "",
        pause_ends_on=row["pause_ends_on"],
        done=_done(row["contacts"]),
        extra=extra_due(row["extra"]),
    )


def _done(contacts: Iterable[dict[str, Any]]) -> Due:
    """What has been done in the week: on how many days by kind."""
    seen = kinds_and_days((contact["mode"], datetime.fromisoformat(contact["at"])) for contact in contacts)
    home = sum(kind == HOME for kind, _ in seen)
    return Due(home, len(seen) - home)


def _chain(row: dict[str, Any], policy: CarePolicy) -> Chain:
    contact, phone = row["emergency_name"], row["emergency_phone"]
    return chain_of(row["id"], row["name"], contact, phone, tried=row["tried"], policy=policy)


def _found(row: dict[str, Any]) -> Found:
    referral = Referral(area=row["area"], kinds=row["kinds"], words=row["words"])
    return Found(referral.area, referral.get_area_display(), referral.short)


# One household, to be planned


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A contact of a household's plan, with the names of those it is for; `done`: as many of its kind have been made."""

    day: date
    mode: str
    names: tuple[str, ...]
    done: bool


def planned_of(household: Household, week: Week) -> list[PlannedContact]:
    """A household's plan of a week, day by day; the first of a kind are the first to be done."""
    rows = PlannedVisit.objects.filter(elder__household=household, monday=week.monday).order_by(
        "day", "mode", "elder__birth_date", "elder"
    )
    made = _made_of(household, week)
    found: list[PlannedContact] = []
    for (day, mode), its in groupby(rows.values_list("day", "mode", "elder__name"), key=itemgetter(0, 1)):
        kind = kind_of(mode)
        found.append(PlannedContact(day, mode, tuple(name for _, _, name in its), made[kind] > 0))
        made[kind] -= 1
    return found


def _made_of(household: Household, week: Week) -> Counter[str]:
    """On how many days of a week each kind of contact was made with somebody of the household."""
    rows = VisitedElder.objects.filter(
        elder__household=household,
        countable=True,
        started_at__gte=week.opens_at,
        started_at__lt=week.ends_at,
        visit__state__in=[Visit.State.VALID, Visit.State.PENDING],
    )
    contacts = kinds_and_days(rows.values_list("visit__mode", "started_at"))
    return Counter(kind for kind, _ in contacts)


# One household, to be recorded


def people_of(household: Household) -> list[Elder]:
    """Its elders, eldest first: those in the registry, then those who have left it a few days ago. Each carries
    `pause` (a reason, or None), `unable` (cannot speak or hear) and `moved_on` (the last day here, or None)."""
    day = today()
    within = Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))
    of_elder = {"elder": OuterRef("pk")}
    forms = RegistrationForm.objects.filter(**of_elder, state=RegistrationForm.State.APPROVED)
    left = Residence.objects.filter(**of_elder, household=household, ends_on__gte=day - STILL_TAKEN).exclude(
        elder__household=household
    )
    present = Q(status__in=[Elder.Status.ACTIVE, Elder.Status.PAUSED])
    return list(
        Elder.objects.filter(present | Q(closed_on__gte=day - STILL_TAKEN), merged_into=None)
        .annotate(moved_on=Subquery(left.order_by("-ends_on").values("ends_on")[:1]))
        .filter(Q(household=household) | Q(moved_on__isnull=False))
        .annotate(
            pause=Subquery(Pause.objects.filter(within, **of_elder).values("reason")[:1]),
            unable=Subquery(forms.order_by("-registered_on").values("cannot_speak_or_hear")[:1]),
        )
        .only("name", "sex", "birth_date", "status", "closed_on", "household")
        .order_by(
            F("moved_on").asc(nulls_first=True), F("closed_on").asc(nulls_first=True), "birth_date", "pk"
        )
    )


def recorded_today(household: Household) -> list[Visit]:
    """What anybody has recorded at this household today: a second contact of a kind is not paid again."""
    visits = Visit.objects.filter(household=household, state__in=[Visit.State.PENDING, Visit.State.VALID])
    return list(
        visits.filter(started_at__gte=midnight(today())).select_related("worker").order_by("started_at")
    )


def _is_asked() -> Q:
    """Open referrals; what was found by a record that its worker took back is asked no more."""
    return Q(state=Referral.State.OPEN) & ~Q(visit__state=Visit.State.WITHDRAWN)


def open_referrals(household: Household, *, also: Iterable[UUID] = ()) -> list[Referral]:
    """What to ask at this household. `also` names what a form has answered already: sent twice, it must say the same
    both times, though the first time has solved it."""
    asked = _is_asked() | Q(pk__in=list(also))
    return list(Referral.objects.filter(asked, household=household).order_by("due_on", "pk"))


# My records


def recheck_words(path: str) -> Case:
    """What has become of a request at the end of a path; null where there is none."""
    said = Concat(Value("镇里复核过了："), f"{path}__answer", output_field=CharField())
    return Case(
        When(**{f"{path}__answered_at__isnull": False}, then=said),
        When(**{f"{path}__asked_at__isnull": False}, then=Value("已经请求复核，等镇里答复。")),
        output_field=CharField(),
    )


RECORD = (
    *("id", "names", "started_at", "mode", "outcome", "found", "imported", "state", "review_reason"),
    *("doubts", "photos_kept", "rechecked"),
)
"""What a record says of a visit."""


def returned_visits(user: User) -> "QuerySet[Visit, dict[str, Any]]":
    """What the town has sent back to its worker, latest first."""
    return own_visits(user).filter(state=Visit.State.RETURNED)[:50]


def own_visits(user: User) -> "QuerySet[Visit, dict[str, Any]]":
    """The person's own visits, latest first, as `records` reads them: with `names`, whether something was `found`, the
    words of `doubts` and the keys of `photos_kept`."""
    photos_kept = Photo.objects.filter(visit=OuterRef("pk"), forgotten=False)
    return (
        Visit.objects.filter(worker=user)
        .annotate(
            names=ArrayAgg("elders__name", order_by="elders__birth_date"),
            found=Exists(Referral.objects.filter(visit=OuterRef("pk"))),
            doubts=ArraySubquery(Flag.objects.filter(visit=OuterRef("pk")).order_by("pk").values("words")),
            photos_kept=ArraySubquery(photos_kept.values("pk")),
            rechecked=recheck_words("recheck"),
        )
        .order_by("-started_at", "pk")
        .values(*RECORD)
    )


def in_month(visits: "QuerySet[Visit, Any]", month: Month) -> "QuerySet[Visit, Any]":
    return visits.filter(started_at__gte=month.starts_at, started_at__lt=month.ends_at)


def states_of_month(user: User, month: Month) -> dict[str, int]:
    """How many of the person's visits of a month are in each state."""
    visits = in_month(Visit.objects.filter(worker=user), month).order_by()
    return dict(visits.values_list("state").annotate(Count("pk")))


def has_visits_before(user: User, moment: datetime) -> bool:
    return Visit.objects.filter(worker=user, started_at__lt=moment).exists()


def records(visits: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Visits of `own_visits` as rows of a list."""
    return [record_of(visit) for visit in visits]


def record_of(row: Mapping[str, Any]) -> Record:
    return Record(
        id=row["id"],
        names="、".join(row["names"]),
        started_at=row["started_at"],
        mode=Mode(row["mode"]).label,
        result=result_words(row["outcome"], found=row["found"], imported=row["imported"]),
        state=row["state"],
        state_words=Visit.State(row["state"]).label,
        reason=row["review_reason"],
        doubts=tuple(row["doubts"]) if row["state"] == Visit.State.PENDING else (),
        photos=tuple(row["photos_kept"]),
        recheck=row["rechecked"],
    )
