"""Moving to another village or group (domain.md §6): the file and its history go along; village, workers and paying town
change from a day on. Between towns the old one hands over and the new one takes in."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from elders.actions.classification import judge_household
from elders.models import Assignment, AssistanceItem, Elder, Household, HouseholdMember, Move, Residence
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right

MOST_AHEAD = 60
"""Days from today to a move that can be settled already."""
DAY = timedelta(days=1)
OF_A_MEMBER = ("name", "relation", "sex", "id_number", "birth_date", "health", "lives_here", "visits_often")
OF_THE_PEOPLE = (
    *("has_pension", "pension_monthly", "has_assistance"),
    *("helping_bodies", "helping_other", "help_responsible", "help_measures"),
)


def propose_move(
    *,
    by: User,
    elder: Elder,
    whole_household: bool,
    village: Division,
    starts_on: date,
    reason: str,
    address: str = "",
) -> Move:
    """Ask a village to take in an elder, or all of the household, from a day on. Return the elder's own move.

    A move counts from its day, or from the day on which it is carried out where that is later: before, visits have been
    made and paid where the elder was. Raise ValueError (Chinese) for what cannot be.
    """
    require(by, Right.APPROVE_ELDER, elder.household.place_id)
    if not today() <= starts_on <= today() + timedelta(days=MOST_AHEAD):
        raise ValueError(
            f"迁移从今天起，最晚 {MOST_AHEAD} 天以内；填的是 {starts_on}。已经搬走的填今天：以前的探访仍归原来的村。"
        )
    if village.level != Division.Level.VILLAGE or not village.active:
        raise ValueError(f"{village.path}现在不能迁入。请选一个村（居）。")
    if not reason.strip():
        raise ValueError("迁移要写原因。")
    with transaction.atomic():
        movers = _lock_movers(elder, whole_household)
        party = uuid4()
        moves = {
            one.pk: Move.objects.create(
                party=party,
                elder=one,
                household=elder.household,
                village=village,
                address=address.strip(),
                starts_on=starts_on,
                reason=reason.strip(),
                proposed_by=by,
            )
            for one in movers
        }
        for one in movers:
            record(
                by=by,
                verb="propose_move",
                words=f"{one.name}要从 {starts_on} 起迁到{village.path}",
                reason=reason.strip(),
                about=one,
                where=elder.household.place,
            )
        return moves[elder.pk]


def _lock_movers(elder: Elder, whole_household: bool) -> list[Elder]:
    rows = Elder.objects.select_for_update().order_by("pk")
    chosen = rows.filter(household=elder.household_id) if whole_household else rows.filter(pk=elder.pk)
    movers = list(chosen.exclude(status=Elder.Status.CLOSED))
    if not any(one.pk == elder.pk and one.status in Elder.REGISTERED for one in movers):
        raise ValueError(f"{elder.name}不在册，或者刚才已经迁走，不能办迁移。请刷新看看。")
    busy = Move.objects.open().filter(elder__in=movers).select_related("elder", "village").first()
    if busy:
        raise ValueError(
            f"{busy.elder.name}已经有一次迁移在办（到{busy.village.path}，{busy.get_state_display()}）。请先办完或撤回那一次。"
        )
    return movers


def accept_move(
    *, by: User, move: Move, place: Division, address: str = "", joins: Household | None = None
) -> None:
    """Take in all who move together: into a household that is here already, or a new one at a group (or the village).
    What is due is carried out at once, the rest by the nightly run on its day."""
    require(by, Right.APPROVE_ELDER, move.village_id)
    if place.village_code != move.village_id:
        raise ValueError(f"这次迁到{move.village.path}，{place.path}不在那里。")
    if joins and joins.village_code != move.village_id:
        raise ValueError(f"这次迁到{move.village.path}，选的户在{joins.place.path}。")
    if joins and joins.pk == move.household_id:
        raise ValueError("选的是现在住的这一户。请选另一户，或者新建一户。")
    with transaction.atomic():
        party = _lock_party(move, Move.State.WAITING)
        home = joins or Household.objects.create(place=place, address=address.strip() or move.address)
        for one in party:
            one.state, one.to_household, one.decided_by = Move.State.ACCEPTED, home, by
            one.save(update_fields=["state", "to_household", "decided_by"])
            record(
                by=by,
                verb="accept_move",
                words=f"接收{one.elder.name}：{home}，从 {max(one.starts_on, today())} 起",
                about=one.elder,
                where=home.place,
            )
        if move.starts_on <= today():
            _carry_out(by, party)


def _lock_party(move: Move, *states: str) -> list[Move]:
    rows = Move.objects.select_for_update(of=("self",)).filter(party=move.party, state__in=states)
    party = list(rows.select_related("elder", "household__place", "village").order_by("elder"))
    if not party:
        raise ValueError("这次迁移刚才已经办过，或者已经撤回。请刷新看看。")
    return party


def send_back_move(*, by: User, move: Move, reason: str) -> None:
    """The new town says why it does not take them in; they stay where they are."""
    require(by, Right.APPROVE_ELDER, move.village_id)
    states = [Move.State.WAITING]
    _give_up(by, move, states, Move.State.SENT_BACK, reason, verb="send_back_move")


def withdraw_move(*, by: User, move: Move, reason: str) -> None:
    """The old town takes back what has not been carried out."""
    require(by, Right.APPROVE_ELDER, move.household.place_id)
    _give_up(by, move, Move.OPEN, Move.State.WITHDRAWN, reason, verb="withdraw_move")


def _give_up(
    by: User, move: Move, states: Sequence[str], state: Move.State, reason: str, *, verb: str
) -> None:
    words = state.label
    if not reason.strip():
        raise ValueError(f"{words}要写原因。")
    with transaction.atomic():
        for one in _lock_party(move, *states):
            one.state, one.decided_by, one.decision_reason = state, by, reason.strip()
            one.save(update_fields=["state", "decided_by", "decision_reason"])
            for where in _once_a_town(one.household.place, one.village):
                record(
                    by=by,
                    verb=verb,
                    words=f"{words}{one.elder.name}到{one.village.path}的迁移",
                    reason=reason.strip(),
                    about=one.elder,
                    where=where,
                )


def _once_a_town(old: Division, new: Division) -> list[Division]:
    """Where an act is told, so that whoever reads the audit of either town finds it, and nobody twice."""
    return list({place.town_code: place for place in (old, new)}.values())


def carry_out_moves(*, by: User) -> int:
    """Let everybody move whose day has come, also days ago; the nightly run does this. Return how many elders."""
    due = Move.objects.filter(state=Move.State.ACCEPTED, starts_on__lte=today())
    count = 0
    for party in list(due.order_by("party").values_list("party", flat=True).distinct()):
        count += _carry_out_party(by, party)
    return count


def astray() -> QuerySet[Elder]:
    """Whose household is not the one that their open residence says: nobody, unless somebody wrote past the actions."""
    at_home = Residence.objects.filter(elder=OuterRef("pk"), household=OuterRef("household"), ends_on=None)
    return Elder.objects.filter(~Exists(at_home))


def _carry_out_party(by: User, party: UUID) -> int:
    with transaction.atomic():
        rows = Move.objects.select_for_update(of=("self",)).filter(party=party, state=Move.State.ACCEPTED)
        moves = list(rows.select_related("elder", "household__place", "village").order_by("elder"))
        if moves:  # another run may have been a moment faster
            _carry_out(by, moves)
        return len(moves)


def _carry_out(by: User, party: Sequence[Move]) -> None:
    day, old, new = today(), party[0].household, party[0].to_household
    assert new is not None  # the database says so of what is accepted
    elders = Elder.objects.select_for_update().filter(pk__in=[move.elder_id for move in party])
    for elder in elders.order_by("pk"):
        current = Residence.objects.get(elder=elder, ends_on=None)
        if current.starts_on == day:
            raise ValueError(f"{elder.name}今天刚迁来，同一天不能再迁。请明天再办，或者把日期填成明天。")
        current.ends_on = day - DAY
        current.save(update_fields=["ends_on"])
        Residence.objects.create(elder=elder, household=new, starts_on=day)
        elder.household = new
        elder.save(update_fields=["household"])
        for where in _once_a_town(old.place, new.place):
            record(
                by=by,
                verb="carry_out_move",
                words=f"{elder.name}自 {day} 起住{new}，从{old.place.path}迁来",
                about=elder,
                where=where,
            )
    Move.objects.filter(pk__in=[move.pk for move in party]).update(state=Move.State.DONE)
    if not Elder.objects.filter(household=old).exclude(status=Elder.Status.CLOSED).exists():
        _leave_empty(old, new, day)
    for household in (old.pk, new.pk):
        judge_household(household, by=by)


def _leave_empty(old: Household, new: Household, day: date) -> None:
    """Nobody stays: the family goes along on paper, and whoever was named to visit the old door no longer is."""
    known = set(new.members.values_list("name", "relation"))
    for member in old.members.all():
        if (member.name, member.relation) not in known:
            said = {name: getattr(member, name) for name in OF_A_MEMBER}
            HouseholdMember.objects.create(household=new, **said)
    _take_along(old, new)
    named = Assignment.objects.filter(household=old)
    named.filter(starts_on__gte=day).delete()
    named.in_force(day).update(ends_on=day - DAY)


def _take_along(old: Household, new: Household) -> None:
    """Pension, assistance and help are the people's and go along where nothing is known of the new household; the
    condition of a dwelling stays with it."""
    unknown = [name for name in OF_THE_PEOPLE if getattr(new, name) in (None, "")]
    for name in unknown:
        setattr(new, name, getattr(old, name))
    new.save(update_fields=unknown)
    if not new.assistance.exists():
        for item in old.assistance.all():
            AssistanceItem.objects.create(household=new, name=item.name, monthly_amount=item.monthly_amount)
