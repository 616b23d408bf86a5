"""老人: the list to find somebody, the page with everything about them, and the registration of somebody new."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.html import format_html

from elders import actions
from elders.admin.assessments import a_year_ago
from elders.admin.elder_doors import DOORS
from elders.admin.filters import (
    ANY,
    BirthdayFilter,
    ClassFilter,
    FileFilter,
    FilesFilter,
    HouseholdFilter,
    MissingFilter,
    PauseFilter,
    SuggestionFilter,
    WishesFilter,
)
from elders.admin.moves import MOVING, move_badge
from elders.admin.override_doors import OVERRIDABLE, open_override
from elders.admin.papers import PrintForm, print_all
from elders.admin.words import (
    cause_words,
    class_badge,
    form_badge,
    form_facts,
    home_sections,
    judge,
    letter_words,
    override_badge,
    override_facts,
    periods_on,
    signed_words,
    status_badge,
    why_now,
    why_of_period,
)
from elders.birthdays import AGES, Birthday, birthdays_of
from elders.completeness import GAPS, with_gaps
from elders.due import with_last_asked, with_pause_due
from elders.forms import NewElderForm, elders_too, form_data, write_home
from elders.matching import by_name, by_number
from elders.models import (
    ActivePeriod,
    Assessment,
    CarePlan,
    ClassOverride,
    ClassPeriod,
    Consent,
    Elder,
    Move,
    Pause,
    RegistrationForm,
    Residence,
)
from elders.rules import ADULT_OLD, ADVANCED, FACT_WORDS, FAMILY_PLANNING_AGE
from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.kit.admin import (
    BulkDoor,
    Facts,
    Included,
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
from visitcare.kit.identity import age_on, birthday
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import ensure_group
from visitcare.org.filters import places
from visitcare.org.roles import Right

HOUSEHOLD = "elder__household__elders"
"""Of a class period, for the causes of a change."""
DAY_OF = {"pause": "pause_due_on", "wishes": "last_asked_on"}
"""The column that shows the day a filter is about."""
PARTS = (
    *(RegistrationForm, Assessment, Consent, CarePlan, Residence, Move, ActivePeriod, Pause),
    *(ClassOverride, ClassPeriod),
)


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
        FileFilter,
        SuggestionFilter,
        BirthdayFilter,
        PauseFilter,
        WishesFilter,
        FilesFilter,
        HouseholdFilter,
    )
    search_hint = "姓名、村名，或证件号后四位、完整证件号"
    list_select_related = ("household__place",)
    ordering = ("household__place", "household", "birth_date", "pk")
    doors = (*DOORS, *MOVING)
    bulk_doors = (
        BulkDoor(
            "print_all",
            "打印登记表",
            Right.EXPORT,
            print_all,
            form=PrintForm,
            words="每人一份，A4 纸，按村、组、户的顺序。要打印一个村的，先在上面选这个村。",
        ),
    )

    # List

    def get_list_display(self, request: OfficeRequest) -> Sequence[str]:
        """With the day that the filter is about."""
        columns = [column for name, column in DAY_OF.items() if request.GET.get(name)]
        turns = request.GET.get(BirthdayFilter.parameter_name, "")
        if turns in (*map(str, AGES), ANY):
            columns.append(f"turns_{turns}")
        return (*self.list_display, *columns)

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        now = periods_on(today()).filter(elder=OuterRef("pk"))
        return with_gaps(with_last_asked(with_pause_due(rows))).annotate(
            risk_class=Subquery(now.values("risk_class")[:1]),
            missing=Subquery(now.values("verdict__missing")[:1]),
        )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        number = by_number(term)
        if number is not None:
            return rows.filter(number)
        return rows.filter(by_name(term) | Q(household__place__path__icontains=term))

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
        """First what the class hangs on, then how much the file lacks."""
        facts = "、".join(FACT_WORDS[name] for name in elder.missing or ())  # type: ignore[attr-defined]
        gaps: list[str] = elder.gaps  # type: ignore[attr-defined]
        file = f"一户一档缺 {len(gaps)} 项" if gaps else "一户一档齐全"
        return format_html("{}<small>{}</small>", f"影响类别：{facts}" if facts else "", file)

    @admin.display(description="生日")
    def turns_any(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, age_on(elder.birth_date, today()) + 1))

    @admin.display(description="满 80 岁的日子")
    def turns_80(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, ADVANCED))

    @admin.display(description="满 70 岁的日子")
    def turns_70(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, FAMILY_PLANNING_AGE))

    @admin.display(description="满 60 岁的日子")
    def turns_60(self, elder: Elder) -> str:
        return day(birthday(elder.birth_date, ADULT_OLD))

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
            write_home(by=by, home=household, said=said, only_said=True)
            form = actions.register_elder(by=by, household=household, data=form_data(said))
            actions.submit_form(by=by, form=form)
        for words in elders_too(by=by, home=household, said=said):
            messages.warning(request, words)
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
        yield from self._class(request, elder)
        if elder.status != Elder.Status.CLOSED:
            yield self._completeness(request, elder)
        yield Facts(
            "联系",
            rows=[
                ("联系电话", elder.masked_phone or "—"),
                ("紧急联系人", f"{elder.emergency_name} {elder.get_emergency_sex_display()}".strip() or "—"),
                ("紧急联系人电话", mask_phone(elder.emergency_phone) or "—"),
                ("户籍地址", elder.hukou_address or "—"),
                ("残疾人证号码", mask_id_number(elder.disability_number) or "—"),
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
        yield from home_sections(elder.household)
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

    def _completeness(self, request: OfficeRequest, elder: Elder) -> Section:
        """一户一档: what is still missing, and where to fill it in."""
        lacking = [GAPS[code] for code in with_gaps(Elder.objects.filter(pk=elder.pk)).get().gaps]  # type: ignore[attr-defined]
        may = request.user.may(Right.REGISTER_ELDER, elder.household.place_id)
        it = {
            "all": len(GAPS),
            "known": len(GAPS) - len(lacking),
            "of_elder": "、".join(gap.words for gap in lacking if not gap.of_home),
            "of_home": "、".join(gap.words for gap in lacking if gap.of_home),
            "renew": reverse("admin:elders_elder_renew", args=[elder.pk]) if may else "",
            "home": reverse("admin:elders_household_home", args=[elder.household_id]) if may else "",
        }
        return Included("一户一档完整程度", include="admin/elders/gaps.html", it=it)

    def _class(self, request: OfficeRequest, elder: Elder) -> Iterable[Section]:
        for coming in birthdays_of(elder):
            yield Facts("快到的生日", note=_birthday_words(coming))
        override = open_override(elder)
        if override and override.state == ClassOverride.State.PROPOSED:
            yield Facts("手工调整，等批准", rows=override_facts(override))
        door = self._override_door(request, elder) if override is None else ""
        people = ("acknowledged_by", "override__proposed_by", "override__decided_by", "override__ended_by")
        periods = list(
            elder.class_periods.filter(starts_on__lte=next_monday(today())).select_related(*people)
        )
        shown = [one for one in periods if one.ends_on is None or one.ends_on >= today()]
        for period in reversed(shown):  # the present one, then the coming one
            before = next((one for one in periods if one.starts_on < period.starts_on), None)
            yield why_of_period(elder, period, before, door)
        if not shown and (verdict := judge(elder, today())):
            words = f"{elder.name}现在没有类别" if not verdict.in_scope else f"{elder.name}按今天的资料"
            note = (
                ""
                if verdict.in_scope
                else "按今天的资料，不在探访范围。资料有变化，会从下一个星期一起自动变。"
            )
            yield why_now(words, verdict, note=note)

    def _override_door(self, request: OfficeRequest, elder: Elder) -> str:
        """Where another class can be proposed, by whoever may."""
        may = request.user.may(Right.REVIEW_REGISTRATION, self.place_code(elder))
        return (
            reverse("admin:elders_elder_override", args=[elder.pk])
            if may and elder.status in OVERRIDABLE
            else ""
        )

    def _history(self, elder: Elder) -> Iterable[Section]:
        periods = list(
            elder.class_periods.select_related("acknowledged_by", "override").prefetch_related(HOUSEHOLD)
        )
        yield Table(
            "类别的历史",
            heads=("类别", "起", "止", "为什么变", "系统判定", "依据", "资料截至", "镇里确认"),
            rows=[
                (
                    class_badge(period.risk_class),
                    link(period.starts_on, page_url(period)),
                    period.ends_on or "—",
                    cause_words(period, before),
                    letter_words(period.computed_class),
                    "、".join(period.codes),
                    period.judged_on,
                    period.acknowledged_by or "—",
                )
                for period, before in zip(periods, [*periods[1:], None], strict=False)
            ],
            empty="还没有类别。",
        )
        overrides = elder.overrides.select_related("proposed_by", "decided_by")
        if overrides:
            yield Table(
                "手工调整",
                heads=("调整为", "状态", "起", "止", "复核日期", "理由", "提出人", "批准人"),
                rows=[
                    (
                        link(one.get_risk_class_display(), page_url(one)),
                        override_badge(one),
                        one.starts_on or "—",
                        one.ended_on or "—",
                        one.review_on,
                        one.reason,
                        one.proposed_by,
                        one.decided_by or "—",
                    )
                    for one in overrides
                ],
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
        assessments = list(elder.assessments.all())
        yield Table(
            "能力评估",
            heads=("评估日期", "程度", "总分", "标准", "评估人", "说明"),
            rows=[
                (
                    link(a.assessed_on, page_url(a)),
                    a.get_level_display(),
                    a.score,
                    a.standard,
                    a.assessor,
                    a.mismatch_reason,
                )
                for a in assessments
            ],
            note="最近一次评估满一年了，该复评。"
            if assessments and assessments[0].assessed_on <= a_year_ago()
            else "",
            empty="没有评估过。评估要由专业机构按 GB/T 42195-2022 做。",
        )
        yield Table(
            "探访意愿",
            heads=("起", "意愿", "原因", "签字", "工作人员签字"),
            rows=[
                (
                    consent.since,
                    consent.get_kind_display(),
                    consent.reason,
                    signed_words(consent.signed_by, consent.get_signer_display(), consent.signed_on),
                    signed_words(consent.staff_signed_by, "", consent.staff_signed_on),
                )
                for consent in elder.consents.all()
            ],
        )
        yield Table(
            "个性化关爱服务内容",
            heads=("约定日期", "内容", "和谁约定"),
            rows=[(plan.agreed_on, plan.content, plan.agreed_with) for plan in elder.care_plans.all()],
            empty="还没有约定。可以点“更新登记”填写。",
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


def _birthday_words(coming: Birthday) -> str:
    """The day, and what the engine says from the Monday after it."""
    after = coming.after
    letter = letter_words(after.risk_class) if after.in_scope else "不在探访范围"
    codes = f"（{'、'.join(after.codes)}）" if after.codes else ""
    what = f"会是{letter}{codes}" if coming.changes else f"类别不变，{letter}{codes}"
    return f"{day(coming.day)}满 {coming.years} 岁，从{day(coming.monday)}起，按现在的资料{what}。"
