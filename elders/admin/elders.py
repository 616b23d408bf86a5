"""老人: the list to find somebody, the page with everything about them, and the registration of somebody new."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from elders import actions
from elders.admin.elder_doors import DOORS
from elders.admin.moves import MOVING, move_badge
from elders.admin.words import (
    class_badge,
    form_badge,
    form_facts,
    judge,
    periods_on,
    status_badge,
    why_now,
    why_of_period,
)
from elders.due import pauses_to_review, refusing, to_ask_again, with_last_asked, with_pause_due
from elders.forms import NewElderForm, form_data
from elders.models import (
    ActivePeriod,
    Assessment,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    Move,
    Pause,
    RegistrationForm,
    Residence,
)
from elders.rules import FACT_WORDS
from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.kit.admin import (
    Choice,
    Facts,
    Link,
    OfficeRequest,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    day,
    link,
    page_url,
)
from visitcare.kit.encryption import blind_index, tail_index
from visitcare.kit.identity import PaperError, age_on, parse_id_number
from visitcare.kit.masking import mask_phone
from visitcare.kit.weeks import today
from visitcare.org.actions import ensure_group
from visitcare.org.filters import places
from visitcare.org.roles import Right

TAIL = 4
PARTS = (RegistrationForm, Assessment, Consent, Residence, Move, ActivePeriod, Pause, ClassPeriod)


# Filters


class ClassFilter(Choice):
    title = "类别"
    parameter_name = "class"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(str(value), str(words)) for value, words in ClassPeriod.RiskClass.choices]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(Exists(periods_on(today()).filter(elder=OuterRef("pk"), risk_class=value)))


class MissingFilter(Choice):
    """Elders whose class could be another one if more were known."""

    title = "资料"
    parameter_name = "missing"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "资料不全")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return short_of_facts(rows)


def short_of_facts(elders: "QuerySet[Elder]") -> "QuerySet[Elder]":
    """Those whose present class might be another one if something were known that is not."""
    return elders.filter(merged_into=None).filter(
        Exists(periods_on(today()).filter(elder=OuterRef("pk")).exclude(verdict__missing=[]))
    )


class PauseFilter(Choice):
    title = "暂停"
    parameter_name = "pause"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("review", "快到期或已到期，要复核")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return pauses_to_review(rows)


class WishesFilter(Choice):
    title = "探访意愿"
    parameter_name = "wishes"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("refused", "拒绝探访"), ("ask_again", "拒绝探访，该再问")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return to_ask_again(rows) if value == "ask_again" else refusing(rows)


class FilesFilter(Choice):
    """Second files of one person are looked for only by whoever wants to see them."""

    title = "档案"
    parameter_name = "files"
    initial = "own"
    all_words = "连同已并入别处的"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("own", "一人一份"), ("merged", "已并入别处的")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(merged_into__isnull=value == "own")


class HouseholdFilter(Link):
    title = "户"
    parameter_name = "household"

    def find(self, value: str) -> str:
        found = Household.objects.visible_to(self.request.user).filter(pk=value).first()
        return str(found) if found else ""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(household=value)


@admin.register(Elder)
class ElderAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    add_right = Right.REGISTER_ELDER
    add_form = NewElderForm
    add_words = "登记老人"
    add_template = "admin/elders/register.html"
    list_display = ("name", "class_now", "sex_and_age", "place", "status_words", "masked_id", "lacks")
    list_filter = (
        *places("household__place__code"),
        by_field("status", "状态", Elder.Status.choices),
        ClassFilter,
        MissingFilter,
        PauseFilter,
        WishesFilter,
        FilesFilter,
        HouseholdFilter,
    )
    search_hint = "姓名、村名，或证件号后四位、完整证件号"
    list_select_related = ("household__place",)
    ordering = ("household__place", "household", "birth_date", "pk")
    doors = (*DOORS, *MOVING)

    # List

    def get_list_display(self, request: OfficeRequest) -> Sequence[str]:
        """With the day that the filter is about."""
        days = {"pause": "pause_due_on", "wishes": "last_asked_on"}
        return (*self.list_display, *(column for name, column in days.items() if request.GET.get(name)))

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        now = periods_on(today()).filter(elder=OuterRef("pk"))
        return with_last_asked(with_pause_due(rows)).annotate(
            risk_class=Subquery(now.values("risk_class")[:1]),
            missing=Subquery(now.values("verdict__missing")[:1]),
        )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        text = term.upper()
        if len(text) == TAIL and text[:3].isdecimal() and (text[3].isdecimal() or text[3] == "X"):
            return rows.filter(id_number_tail=tail_index("id_number", text))
        try:
            number = parse_id_number(term, today=today()).number
        except PaperError:
            paper = blind_index("id_number", "".join(text.split()))
            return rows.filter(
                Q(name__icontains=term) | Q(household__place__path__icontains=term) | Q(id_number_index=paper)
            )
        return rows.filter(id_number_index=blind_index("id_number", number))

    @admin.display(description="现在的类别")
    def class_now(self, elder: Elder) -> str:
        return class_badge(elder.risk_class)  # type: ignore[attr-defined]

    @admin.display(description="性别、年龄")
    def sex_and_age(self, elder: Elder) -> str:
        return f"{elder.get_sex_display()}，{age_on(elder.birth_date, today())} 岁"

    @admin.display(description="村（居）/组")
    def place(self, elder: Elder) -> str:
        return elder.household.place.path

    @admin.display(description="状态")
    def status_words(self, elder: Elder) -> str:
        return status_badge(elder)

    @admin.display(description="证件号码")
    def masked_id(self, elder: Elder) -> str:
        return elder.masked_id_number or elder.get_paper_kind_display()

    @admin.display(description="还缺的资料")
    def lacks(self, elder: Elder) -> str:
        return "、".join(FACT_WORDS[name] for name in elder.missing or ())  # type: ignore[attr-defined]

    @admin.display(description="暂停到期")
    def pause_due_on(self, elder: Elder) -> Any:
        return elder.pause_due or "已到期"  # type: ignore[attr-defined]

    @admin.display(description="上次问")
    def last_asked_on(self, elder: Elder) -> Any:
        return elder.asked_on  # type: ignore[attr-defined]

    # Registration

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, RegistrationForm]:
        by = request.user
        with transaction.atomic():
            household = said.get("known")
            if household is not None:
                actions.fill_address(by=by, household=household, address=said["address"])
            else:
                village = said["village"]
                place = ensure_group(by=by, village=village, text=said["group"]) if said["group"] else village
                household = actions.open_household(
                    by=by, place=place, address=said["address"], number=said["number"].strip()
                )
            form = actions.register_elder(by=by, household=household, data=form_data(said))
            actions.submit_form(by=by, form=form)
        return f"{form.elder.name}的登记表已提交，等镇民政负责人批准。", form

    # Page

    def place_code(self, elder: Elder) -> str:
        return elder.household.place_id

    def badges(self, elder: Elder) -> Iterable[str]:
        period = periods_on(today()).filter(elder=elder).first()
        coming = elder.class_periods.filter(starts_on__gt=today()).order_by("starts_on").first()
        if period or not coming:
            yield class_badge(period.risk_class if period else None)
        if coming:
            yield class_badge(coming.risk_class)
            yield badge(f"{day(coming.starts_on)}起")
        yield status_badge(elder)

    def subheading(self, elder: Elder) -> str:
        place = elder.household.place.path
        words = f"{self.sex_and_age(elder)}，{place} {elder.household.address}，{self.masked_id(elder)}"
        pause = elder.pauses.order_by("-starts_on").first() if elder.status == Elder.Status.PAUSED else None
        if pause:
            until = (
                f"到{day(pause.due_on)}" if pause.ends_on else f"还没定哪天回来，{day(pause.due_on)}要复核"
            )
            words += f"；{day(pause.starts_on)}起{pause.get_reason_display()}，{until}"
        return words

    def sections(self, request: OfficeRequest, elder: Elder) -> Iterable[Section]:
        yield from self._files(request, elder)
        yield from self._class(elder)
        yield Facts(
            "联系",
            rows=[
                ("联系电话", elder.masked_phone or "—"),
                ("紧急联系人", f"{elder.emergency_name} {elder.get_emergency_sex_display()}".strip() or "—"),
                ("紧急联系人电话", mask_phone(elder.emergency_phone) or "—"),
                ("户籍地址", elder.hukou_address or "—"),
                ("证件类型", elder.get_paper_kind_display()),
                ("出生日期", elder.birth_date),
                ("户", link(elder.household, page_url(elder.household))),
                *(
                    [("注销", f"{elder.get_close_reason_display()}，{day(elder.closed_on)}")]
                    if elder.closed_on
                    else []
                ),
            ],
        )
        form = elder.forms.filter(state=RegistrationForm.State.APPROVED).first() or elder.forms.first()
        if form:
            yield from form_facts(form)
        yield from self._history(elder)

    def _files(self, request: OfficeRequest, elder: Elder) -> Iterable[Section]:
        """The other files of the same person: the one this went into, or those that came into this one."""
        of_person = Elder.objects.filter(Q(pk=elder.merged_into_id) | Q(merged_into=elder))
        visible = set(
            Elder.objects.visible_to(request.user).filter(pk__in=of_person).values_list("pk", flat=True)
        )
        rows = [
            (
                link(one, page_url(one)) if one.pk in visible else one.name,
                one.household.place.path,
                one.masked_id_number,
                status_badge(one),
                one.closed_on or "—",
            )
            for one in of_person.select_related("household__place")
        ]
        if rows:
            gone = elder.merged_into_id is not None
            yield Table(
                "这份档案已并入另一份" if gone else "并入的档案",
                "" if gone else "同一个人的另一份档案。那一份的登记、类别和探访都在那里，没有改动。",
                heads=("姓名", "村（居）/组", "证件号码", "状态", "注销日期"),
                rows=rows,
            )

    def _class(self, elder: Elder) -> Iterable[Section]:
        now = periods_on(today()).filter(elder=elder).select_related("acknowledged_by").first()
        coming = elder.class_periods.filter(starts_on__gt=today()).select_related("acknowledged_by").first()
        if now:
            yield why_of_period(elder, now)
        if coming:
            yield why_of_period(elder, coming)
        if not now and not coming and (verdict := judge(elder, today())):
            words = f"{elder.name}现在没有类别" if not verdict.in_scope else f"{elder.name}按今天的资料"
            note = (
                ""
                if verdict.in_scope
                else "按今天的资料，不在探访范围。资料有变化，会从下一个星期一起自动变。"
            )
            yield why_now(words, verdict, note=note)

    def _history(self, elder: Elder) -> Iterable[Section]:
        yield Table(
            "类别的历史",
            heads=("类别", "起", "止", "依据", "资料截至", "镇里确认"),
            rows=[
                (
                    class_badge(period.risk_class),
                    link(period.starts_on, page_url(period)),
                    period.ends_on or "—",
                    "、".join(period.codes),
                    period.judged_on,
                    period.acknowledged_by or "—",
                )
                for period in elder.class_periods.select_related("acknowledged_by")
            ],
            empty="还没有类别。",
        )
        yield Table(
            "登记表",
            heads=("登记日期", "状态", "登记人", "审批人", "审批意见"),
            rows=[
                (
                    link(form.registered_on, page_url(form)),
                    form_badge(form),
                    form.made_by,
                    form.decided_by or "—",
                    form.decision_reason,
                )
                for form in elder.forms.select_related("made_by", "decided_by")
            ],
        )
        yield Table(
            "能力评估",
            heads=("评估日期", "程度", "总分", "标准", "评估人", "说明"),
            rows=[
                (a.assessed_on, a.get_level_display(), a.score, a.standard, a.assessor, a.mismatch_reason)
                for a in elder.assessments.all()
            ],
            empty="没有评估过。评估要由专业机构按 GB/T 42195-2022 做。",
        )
        yield Table(
            "探访意愿",
            heads=("起", "意愿", "原因", "签字人"),
            rows=[(c.since, c.get_kind_display(), c.reason, c.signed_by) for c in elder.consents.all()],
        )
        yield from self._stays(elder)
        pauses = elder.pauses.all()
        if pauses:
            yield Table(
                "暂停",
                heads=("起", "止", "原因"),
                rows=[(p.starts_on, p.ends_on or "还没回来", p.get_reason_display()) for p in pauses],
            )

    def _stays(self, elder: Elder) -> Iterable[Section]:
        stays = list(elder.residences.select_related("household__place"))
        if len(stays) > 1:
            yield Table(
                "住处",
                "每次探访归老人当天住的村，补贴也由那个镇结算。",
                heads=("起", "止", "村（居）/组", "地址"),
                rows=[
                    (
                        one.starts_on or "登记时",
                        one.ends_on or "现在",
                        one.household.place.path,
                        one.household.address or "—",
                    )
                    for one in stays
                ],
            )
        moves = elder.moves.select_related("household__place", "village", "proposed_by")
        if moves:
            yield Table(
                "迁移",
                heads=("从哪天起", "从", "到", "状态", "原因", "提出人"),
                rows=[
                    (
                        link(move.starts_on, page_url(move)),
                        move.household.place.path,
                        move.village.path,
                        move_badge(move),
                        "；".join(filter(None, (move.reason, move.decision_reason))),
                        move.proposed_by,
                    )
                    for move in moves
                ],
            )

    def closing(self, request: OfficeRequest, elder: Elder) -> Iterable[Section]:
        parts = (former(model, elder=elder) for model in PARTS)
        yield from traces(request, elder, *parts, where=elder.household.place_id)
