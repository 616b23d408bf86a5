"""How visits, weeks and findings read in the admin's lists."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from elders.models import Elder, Household
from visitcare.kit.admin import Link, OfficeRequest, Table, badge, link, moment, page_url
from visitcare.kit.positions import Position, distance_words
from visitcare.org.models import Division, User
from visits.models import Inquiry, Referral, Visit
from visits.progress import Excuse, Progress

STATE_TONES = {
    Visit.State.PENDING: "wait",
    Visit.State.VALID: "ok",
    Visit.State.INVALID: "bad",
    Visit.State.RETURNED: "mind",
    Visit.State.WITHDRAWN: "plain",
}
PROGRESS_TONES = {
    Progress.MET: "ok",
    Progress.OPEN: "wait",
    Progress.MISSED: "bad",
    Progress.EXCUSED: "plain",
}
MAP = "https://uri.amap.com/marker"
FLAG_WORDS = {
    "second_contact": "同一天第二次",
    "paused_elder": "住院或外出期间",
    "elder_not_active": "老人不在册",
    "phone_only": "意愿是仅电话",
    "not_assigned": "不是责任网格员",
    "odd_hour": "时间太早或太晚",
    "burst": "两户挨得太近",
    "too_fast": "两户之间太快",
    "far": "离这户平时的位置远",
    "outside_county": "位置不在本县（市）",
    "same_photo": "照片用过",
    "same_words": "内容一字不差",
    "late": "录入太晚",
    "corrected": "退回后又记的",
    "clock_wrong": "手机时间不准",
    "conflict": "同一编号有两种内容",
    "correction_waits": "有一条更正没收下",
}


def in_villages_like(term: str) -> Q:
    """Of rows with a village of then, by its name: where somebody lives now is not told by what is found."""
    villages = Division.objects.filter(level=Division.Level.VILLAGE, path__icontains=term)
    return Q(village_code__in=villages.values("code"))


def state_badge(visit: Visit) -> SafeString:
    return badge(visit.get_state_display(), STATE_TONES[Visit.State(visit.state)])


def progress_badge(progress: str, reason: str) -> SafeString:
    """The state, and of an excuse the reason."""
    why = f"：{Excuse(reason).label}" if reason else ""
    return badge(f"{Progress(progress).label}{why}", PROGRESS_TONES[Progress(progress)])


def names(elders: Iterable[Any]) -> str:
    return "、".join(elder.name for elder in elders)


def flags_words(visit: Visit) -> SafeString:
    """The flags of a visit in words, one a line."""
    return format_html_join("", "<div>{}</div>", ((flag.words,) for flag in visit.flags.all())) or SafeString(
        "—"
    )


def place_words(position: Position, usual: Position | None) -> SafeString:
    """Where it was, in words, and a link to a map of others: none is built in, and the link tells that map no more than
    these numbers."""
    where = f"{position.longitude},{position.latitude}"
    distance = f"离这户平时{distance_words(position.metres_to(usual))}，" if usual else ""
    return format_html(
        '北纬 {}°，东经 {}°（百米以内不分）；{}<a href="{}" target="_blank" rel="noreferrer">到高德地图上看</a>',
        position.latitude,
        position.longitude,
        distance,
        f"{MAP}?position={where}&coordinate=wgs84",
    )


def visits_table(
    title: str, visits: Sequence[Visit], *, empty: str, more: tuple[str, str] | None = None, note: str = ""
) -> Table:
    """Some visits, with `visited__elder`, `flags` and `worker` at hand."""
    return Table(
        title,
        note,
        heads=("时间", "老人", "方式", "结果", "探访人", "疑点", "审核"),
        rows=[
            (
                link(moment(visit.started_at), page_url(visit)),
                names(visited.elder for visited in visit.visited.all()),
                visit.get_mode_display(),
                visit.get_outcome_display(),
                visit.worker.name,
                flags_words(visit) if visit.flagged else "",
                format_html("{} {}", state_badge(visit), visit.review_reason),
            )
            for visit in visits
        ],
        empty=empty,
        more=more,
    )


def with_people(visits: "QuerySet[Visit]") -> "QuerySet[Visit]":
    """Visits with whatever a row of them shows."""
    return visits.select_related("worker").prefetch_related("visited__elder", "flags")


def referrals_table(
    title: str, referrals: Iterable[Referral], *, empty: str, more: tuple[str, str] | None = None
) -> Table:
    return Table(
        title,
        heads=("发现", "方面", "情况", "由谁办", "限期", "状态", "处理结果"),
        rows=[
            (
                link(moment(referral.opened_at), page_url(referral)),
                referral.get_area_display(),
                referral.summary,
                referral.get_owner_display(),
                referral.due_on,
                referral.get_state_display(),
                referral.outcome,
            )
            for referral in referrals
        ],
        empty=empty,
        more=more,
    )


def inquiries_table(title: str, inquiries: Iterable[Inquiry], *, empty: str) -> Table:
    """What people found out about an elder whom nobody reached; with `by` at hand."""
    return Table(
        title,
        heads=("时间", "谁", "哪一步", "结果", "情况"),
        rows=[
            (
                moment(inquiry.at),
                inquiry.by.name,
                inquiry.get_step_display(),
                badge("知道平安", "ok") if inquiry.safe else badge("还没有消息", "mind"),
                inquiry.words,
            )
            for inquiry in inquiries
        ],
        empty=empty,
    )


def elder_link(request: OfficeRequest, elder: Elder) -> SafeString:
    """The name with the way to the file; of who has moved away since the name alone, for the file went along."""
    if Elder.objects.visible_to(request.user).filter(pk=elder.pk).exists():
        return link(elder.name, page_url(elder))
    return format_html("{}（已迁出，档案在现在的村）", elder.name)


class ElderFilter(Link):
    """The rows of one elder, also of one who has moved away since."""

    title = "老人"
    parameter_name = "elder"
    path = "elder"

    def find(self, value: str) -> str:
        found = Elder.objects.ever_within(self.request.user).filter(pk=value).first()
        return found.name if found else ""

    def narrow(self, rows: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        return rows.filter(**{self.path: value})


class HouseholdFilter(Link):
    """The rows of one household."""

    title = "户"
    parameter_name = "household"

    def find(self, value: str) -> str:
        found = Household.objects.visible_to(self.request.user).filter(pk=value).first()
        return str(found) if found else ""

    def narrow(self, rows: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        return rows.filter(household=value)


class WorkerFilter(Link):
    """The visits of one worker."""

    title = "探访人"
    parameter_name = "worker"

    def find(self, value: str) -> str:
        found = User.objects.visible_to(self.request.user).filter(pk=value).first()  # type: ignore[attr-defined]
        return found.name if found else ""

    def narrow(self, rows: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        return rows.filter(worker=value)
