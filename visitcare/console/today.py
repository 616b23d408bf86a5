"""The first page: what needs a person today, each number with a link to exactly its rows, and the week by place."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Sum

from elders.admin.classes import COMING, changes, coming_changes
from elders.admin.filters import short_of_facts
from elders.birthdays import soon_to_turn
from elders.completeness import with_short_files
from elders.coverage import AHEAD, uncovered
from elders.due import pauses_to_review, to_ask_again
from elders.models import ClassOverride, ClassPeriod, Elder, Household, Move, RegistrationForm, ScreenedPerson
from elders.rules import ADVANCED
from elders.screening import behind_words, waiting_in_open_rounds
from subsidies.admin.words import yuan_words
from subsidies.models import Settlement
from visitcare.kit.admin import CappedPaginator, rows_url
from visitcare.kit.admin.lists import MOST_COUNTED
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import Month, Week, next_monday, today
from visitcare.org.admin import without_password
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visits.admin.obligations import OWED
from visits.extra import overdue
from visits.models import CampaignElder, KeptBack, Obligation, OpenedWeek, Referral, Visit
from visits.progress import Progress, with_progress
from visits.rates import Rates, rate_words, rates, together
from visits.unreached import chains_seen_by

TOWN_DIGITS, VILLAGE_DIGITS = 9, 12
CLASSES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Task:
    """A number of things that wait, what to do with them, and where they are."""

    words: str
    count: int
    address: str
    note: str = ""
    urgent: bool = False
    mine: bool = True
    """Whether this person is the one to do it; others only watch."""

    @property
    def count_words(self) -> str:
        return f"{MOST_COUNTED} 以上" if self.count > MOST_COUNTED else str(self.count)


@dataclass(frozen=True, slots=True)
class Part:
    """One state of an area's bar: how many elders, how wide in percent, and where they are."""

    state: str
    words: str
    count: int
    percent: float
    address: str


@dataclass(slots=True)
class Area:
    """One village (or, for the county, one town) in a week: elders by class and progress."""

    code: str
    name: str
    filters: dict[str, str]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    month: Rates = field(default_factory=Rates)
    """How the elders of the month in which the week ends were visited."""
    widest: int = 1

    def count(self, *, risk_class: str = "", progress: str = "") -> int:
        return sum(
            n
            for (letter, state), n in self.counts.items()
            if risk_class in ("", letter) and progress in ("", state)
        )

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def owed(self) -> int:
        return self.total - self.count(progress=Progress.EXCUSED)

    @property
    def rate(self) -> str:
        """周达标率: met of those not excused."""
        return rate_words(self.count(progress=Progress.MET), self.owed)

    @property
    def parts(self) -> list[Part]:
        return [
            Part(
                state,
                str(words),
                count := self.count(progress=state),
                count * 100 / self.widest,
                self.url(progress=state),
            )
            for state, words in Progress.choices
        ]

    @property
    def by_class(self) -> list[tuple[int, str, int, str]]:
        """Of each class: how many met and not excused, each with its address."""
        return [
            (
                self.count(risk_class=letter, progress=Progress.MET),
                self.url(**{"class": letter, "progress": Progress.MET}),
                self.count(risk_class=letter) - self.count(risk_class=letter, progress=Progress.EXCUSED),
                self.url(**{"class": letter, "progress": OWED}),
            )
            for letter in CLASSES
        ]

    def url(self, **filters: str) -> str:
        return rows_url("visits.obligation", **self.filters, **filters)


def day_of(user: User, week: Week | None = None) -> dict[str, Any]:
    """The tasks, the money and the week of whoever looks; what a person may not see is not there."""
    found = [*reach_tasks(user), *money_tasks(user), *tasks(user), *life_tasks(user), *account_tasks(user)]
    mine = [task for task in found if task.mine]
    day: dict[str, Any] = {
        "tasks": mine,
        "waiting": [task for task in mine if task.count],
        "quiet": [task for task in mine if not task.count],
        "watched": [task for task in found if not task.mine and task.count],
    }
    if user.may(Right.SEE_SETTLEMENT):
        day["settlements"] = settlements(user, Month.of(today()).previous)
    if user.may(Right.SEE_REGISTRY):
        day |= week_by_place(user, week or Week.of(today()))
    return day


def reach_tasks(user: User) -> Iterable[Task]:
    """Elders whom nobody has reached for longer than their class allows: before everything else."""
    if not user.may(Right.SEE_REGISTRY):
        return
    follows = user.may(Right.FOLLOW_UP)
    yield Task(
        "位没联系上的老人",
        sum(chain.is_alert for chain in chains_seen_by(user).values()),
        rows_url("visits.unreachedelder", step="town"),
        "过了时限，村里也没找到，要镇里找；不愿意的，问问意愿",
        urgent=follows,
        mine=follows,
    )


def tasks(user: User) -> Iterable[Task]:
    """What waits for somebody. The counts are those of the lists they link to."""
    if not user.may(Right.SEE_REGISTRY):
        return
    visits = Visit.objects.visible_to(user)
    follows, reviews = user.may(Right.FOLLOW_UP), user.may(Right.REVIEW_VISIT)
    arranges = user.may(Right.ARRANGE_ROUNDS)
    yield Task(
        "户没有人去探访",
        _count(uncovered(Household.objects.visible_to(user))),
        rows_url("elders.household", uncovered="any"),
        f"没有网格员、{AHEAD.days} 天内没有，或者网格员不在又没人代班：登记任职，或者安排代班",
        urgent=arranges,
        mine=arranges,
    )
    yield Task(
        "位老人的加访，日子过了还没做到",
        _count(overdue(CampaignElder.objects.visible_to(user))),
        rows_url("visits.campaignelder", progress="overdue"),
        "去过的请补录，没去的请赶紧去看看",
        urgent=follows,
        mine=follows,
    )
    pending = visits.filter(state=Visit.State.PENDING)
    yield Task(
        "条有疑点的探访等审核",
        _count(pending.filter(flagged=True)),
        rows_url("visits.visit", flagged="yes"),
        "一条一条看",
        urgent=reviews,
        mine=reviews,
    )
    yield Task(
        "条没有疑点的探访还没通过",
        _count(pending.filter(flagged=False)),
        rows_url("visits.visit", flagged="no"),
        "到时间自动通过；导入的要人工通过",
        mine=reviews,
    )
    yield Task(
        "条探访本人请求复核",
        _count(visits.filter(recheck__isnull=False, recheck__answered_at=None)),
        rows_url("visits.visit", state="recheck"),
        "重新审核，或者写明为什么维持",
        mine=reviews,
    )
    yield Task(
        "条手机记录没收下，要看一看",
        _count(KeptBack.objects.visible_to(user).filter(state__in=KeptBack.OPEN)),
        rows_url("visits.keptback"),
        "改好了再处理一次，或者写明为什么不收",
        urgent=reviews,
        mine=reviews,
    )
    forms = RegistrationForm.objects.visible_to(user)
    decides = user.may(Right.REVIEW_REGISTRATION)
    yield Task(
        "张登记表等批准",
        _count(forms.filter(state=RegistrationForm.State.SUBMITTED)),
        rows_url("elders.registrationform"),
        urgent=decides,
        mine=decides,
    )
    yield Task(
        "个类别变化待确认",
        _count(changes(ClassPeriod.objects.visible_to(user).filter(acknowledged_at=None))),
        rows_url("elders.classperiod"),
        "看一看，不确认也照样执行",
        mine=user.may(Right.APPROVE_ELDER),
    )
    yield from class_tasks(user)
    waiting = Referral.objects.visible_to(user).filter(state=Referral.State.OPEN)
    yield Task(
        "件隐患或需求超期",
        _count(waiting.filter(due_on__lt=today())),
        rows_url("visits.referral", state="overdue"),
        urgent=follows,
        mine=follows,
    )
    yield Task(
        "位老人资料不全",
        _count(short_of_facts(Elder.objects.visible_to(user))),
        rows_url("elders.elder", missing="yes"),
        "补上可能会变类别",
        mine=user.may(Right.REGISTER_ELDER),
    )
    yield Task(
        "位老人的一户一档不全",
        _count(with_short_files(Elder.objects.visible_to(user).registered())),
        rows_url("elders.elder", file="short"),
        "打开档案，看还缺哪几项",
        mine=user.may(Right.REGISTER_ELDER),
    )
    yield from screening_tasks(user)


def screening_tasks(user: User) -> Iterable[Task]:
    """排摸: whom the villages have not looked at, and what the looking has led to."""
    decides = user.may(Right.REVIEW_REGISTRATION)
    behind = behind_words(user, today())
    yield Task(
        "人排摸还没看",
        _count(waiting_in_open_rounds(user)),
        rows_url("elders.screenedperson", open="yes", result="waiting"),
        f"排摸：还有 {behind}" if behind else "各村都做完了",
        urgent=decides and "超期" in behind,
        mine=decides,
    )
    yield Task(
        "个排摸结果要办",
        _count(ScreenedPerson.objects.visible_to(user).to_do()),
        rows_url("elders.screenedperson", follow="any"),
        "没找到的先找；再更新登记、注销、登记新发现的",
        urgent=decides,
        mine=decides,
    )


def class_tasks(user: User) -> Iterable[Task]:
    """What is about to happen to classes, and what somebody has to decide about them."""
    decides, reviews = user.may(Right.APPROVE_ELDER), user.may(Right.REVIEW_REGISTRATION)
    monday = next_monday(today())
    yield Task(
        f"人的类别从下周一（{monday.month}月{monday.day}日）起变",
        _count(coming_changes(ClassPeriod.objects.visible_to(user))),
        rows_url("elders.classperiod", todo=COMING),
        "每个人为什么变，点开就看到",
        mine=decides,
    )
    yield Task(
        "位老人 30 天内满 80 岁",
        _count(soon_to_turn(Elder.objects.visible_to(user), ADVANCED)),
        rows_url("elders.elder", turns=ADVANCED),
        "独居、空巢的，从生日后的星期一起是 A 类",
        mine=reviews,
    )
    overrides = ClassOverride.objects.visible_to(user)
    yield Task(
        "项手工调整等批准",
        _count(overrides.filter(state=ClassOverride.State.PROPOSED)),
        rows_url("elders.classoverride", state=ClassOverride.State.PROPOSED),
        "要由提出人以外的负责人批准",
        urgent=decides,
        mine=decides,
    )
    yield Task(
        "项手工调整该复核",
        _count(overrides.due_for_review(today())),
        rows_url("elders.classoverride", review="due"),
        "还合适就继续，不合适就结束",
        urgent=decides,
        mine=decides,
    )


def life_tasks(user: User) -> Iterable[Task]:
    """What the lives of elders ask for: a move to take in, a pause that runs out, a refusal to ask about again."""
    if not user.may(Right.SEE_REGISTRY):
        return
    moves = Move.objects.visible_to(user).filter(state=Move.State.WAITING)
    takes_in = user.may(Right.APPROVE_ELDER)
    yield Task(
        "位老人迁入待接收",
        _count(moves.filter(in_areas("village__code", user.areas_with(Right.SEE_REGISTRY)))),
        rows_url("elders.move", state=Move.State.WAITING, direction="in"),
        "接收以前，仍由原来的村探访",
        urgent=takes_in,
        mine=takes_in,
    )
    elders = Elder.objects.visible_to(user)
    yield Task(
        "位老人的暂停要复核",
        _count(pauses_to_review(elders)),
        rows_url("elders.elder", pause="review"),
        "七天内到期，或者已经到期：回来了就结束，没回来就续办",
        mine=user.may(Right.REVIEW_REGISTRATION),
    )
    yield Task(
        "位拒绝探访的老人该再问",
        _count(to_ask_again(elders)),
        rows_url("elders.elder", wishes="ask_again"),
        "上次问过三个月了",
        mine=user.may(Right.REVIEW_REGISTRATION),
    )


def money_tasks(user: User) -> Iterable[Task]:
    """Settlements that wait for this person: drafts of months that are over, or what the towns have handed in."""
    for right, state, words in (
        (Right.ASSESS_SETTLEMENT, Settlement.State.DRAFT, "份结算草稿要考核上报"),
        (Right.APPROVE_SETTLEMENT, Settlement.State.ASSESSED, "份结算等批准"),
    ):
        if user.may(right):
            found = Settlement.objects.visible_to(user).filter(state=state)
            yield Task(words, _count(found), rows_url("subsidies.settlement", state=state), urgent=True)


def account_tasks(user: User) -> Iterable[Task]:
    """Accounts that cannot be used yet, for whoever can mend that."""
    if user.may(Right.ISSUE_PASSWORD):
        accounts = User.objects.visible_to(user)  # type: ignore[attr-defined]
        yield Task(
            "个账号还没发初始密码", _count(without_password(accounts)), rows_url("org.user", sign_in="none")
        )


def _count(rows: QuerySet) -> int:
    return CappedPaginator(rows, 1).count


def settlements(user: User, month: Month) -> dict[str, Any]:
    """Where a month's settlements stand: one town's own, or how many of each state."""
    found = Settlement.objects.visible_to(user).filter(month=month.first)
    states = dict(found.order_by().values_list("state").annotate(Count("pk")))
    sums = found.aggregate(total=Sum("total"), paid=Sum("paid_count"))
    only = found.select_related("town").first() if sum(states.values()) == 1 else None
    return {
        "month": month.words,
        "only": only,
        "states": [
            (words, states[state], rows_url("subsidies.settlement", month=month.label, state=state))
            for state, words in Settlement.State.choices
            if state in states
        ],
        "total": yuan_words(sums["total"]),
        "paid": sums["paid"] or 0,
        "address": rows_url("subsidies.settlement", month=month.label),
    }


def week_by_place(user: User, week: Week) -> dict[str, Any]:
    """A week's obligations by village, or by town for people of the county; in the order of the codes."""
    by_village = all(len(area) >= TOWN_DIGITS for area in user.areas_with(Right.SEE_REGISTRY))
    digits = VILLAGE_DIGITS if by_village else TOWN_DIGITS
    counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    obligations = with_progress(Obligation.objects.visible_to(user).filter(monday=week.monday))
    for code, letter, progress in obligations.order_by().values_list(
        "village_code", "risk_class", "progress"
    ):
        counts[code[:digits]][letter, progress] += 1
    month = Month.of(week.sunday)
    of_month = rates(user.areas_with(Right.SEE_REGISTRY), month.first, month.last, digits=digits)
    codes = sorted({*counts, *of_month} if counts else ())
    names = dict(Division.objects.filter(code__in=codes).values_list("code", "name"))
    level = "village" if by_village else "town"
    areas = [
        Area(
            code,
            names.get(code, code),
            {"week": week.label, level: code},
            counts[code],
            of_month.get(code, Rates()),
        )
        for code in codes
    ]
    everything = Area(
        "", "合计", {"week": week.label}, sum(counts.values(), Counter()), together(of_month.values())
    )
    for area in areas:
        area.widest = max(area.total for area in areas) or 1
    everything.widest = everything.total or 1
    return {
        "week": week,
        "month_words": f"{month.first.month}月",
        "is_this_week": week == Week.of(today()),
        "is_open": OpenedWeek.objects.filter(monday=week.monday).exists(),
        "areas": areas,
        "everything": everything,
        "level_words": "村（居）" if by_village else "镇（园区、街道）",
        "progress": Progress.choices,
    }
