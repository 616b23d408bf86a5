"""信息登记表: what waits for the town's decision, alone and in bulk."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet

from elders import actions
from elders.actions.registration import proposed
from elders.admin.of_elder import OfElderAdmin
from elders.admin.proposals import proposed_home_rows
from elders.admin.words import class_badge, form_badge, form_facts, judge, why_now
from elders.models import Assessment, Consent, Elder, RegistrationForm
from elders.rules import FACT_WORDS
from visitcare.audit.admin import story
from visitcare.kit.admin import (
    BulkDoor,
    Door,
    Facts,
    OfficeRequest,
    Period,
    ReasonForm,
    Section,
    attempt,
    by_field,
    day,
    moment,
)
from visitcare.kit.identity import age_on
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.roles import Right

MOST_REASONS = 5


class RegisteredIn(Period):
    path = "registered_on"
    days = True
    title = "登记日期"


def _waits(request: OfficeRequest, form: RegistrationForm) -> bool:
    return form.state == RegistrationForm.State.SUBMITTED


def _approve(request: OfficeRequest, form: RegistrationForm, said: dict[str, Any]) -> str:
    in_scope = actions.approve_form(by=request.user, form=form)
    name = form.elder.name
    if in_scope:
        return f"批准了。{name}从下一个星期一起列入探访。"
    return f"批准了。{name}现在不在探访范围，先存着；符合了会自动列入。"


def _return(request: OfficeRequest, form: RegistrationForm, said: dict[str, Any]) -> str:
    actions.return_form(by=request.user, form=form, reason=said["reason"])
    return f"{form.elder.name}的登记表退回了。"


def _approve_all(request: OfficeRequest, rows: QuerySet, said: dict[str, Any]) -> list[tuple[int, str]]:
    """Each form by itself, so that one that cannot be approved does not hold up the others."""
    approved: list[UUID] = []
    refused: Counter[str] = Counter()
    out_of_scope = 0
    with transaction.atomic():
        for form in rows.select_related("elder__household__place").order_by("registered_on", "pk"):
            approve = partial(actions.approve_form, by=request.user, form=form, write_classes=False)
            in_scope, refusal = attempt(approve)
            if refusal:
                refused[refusal] += 1
            else:
                approved.append(form.elder_id)
                out_of_scope += not in_scope
        if approved:
            actions.write_class_history(by=request.user, elders=approved)
    happened = []
    if approved:
        happened.append((messages.SUCCESS, f"批准了 {len(approved)} 张登记表。"))
    if out_of_scope:
        happened.append(
            (messages.INFO, f"其中 {out_of_scope} 人现在不在探访范围，先存着，符合了会自动列入。")
        )
    for words, count in refused.most_common(MOST_REASONS):
        happened.append((messages.WARNING, f"{count} 张没有批准：{words}"))
    return happened


def _assessment_words(assessment: Assessment | None) -> str:
    if assessment is None:
        return "没有评估"
    return "，".join(filter(None, (str(assessment), assessment.assessor, assessment.mismatch_reason)))


SHORT: dict[str, Callable[[str], str]] = {
    "id_number": mask_id_number,
    "disability_number": mask_id_number,
    "phone": mask_phone,
    "emergency_phone": mask_phone,
}


def proposed_rows(form: RegistrationForm) -> list[tuple[str, str]]:
    """What approving the form changes of the elder beside the form's own facts: words, old → new."""
    data = proposed(form)
    if data is None:
        return []
    elder, rows = form.elder, []
    for name, new in data.person.items():
        old, short = getattr(elder, name), SHORT.get(name, str)
        if (old or "") != (new or ""):
            label = str(Elder._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            rows.append((label, f"{short(old or '') or '—'} → {short(new or '') or '—'}"))
    if data.ability:
        score = "" if data.score is None else f" {data.score} 分"
        rows.append(
            ("能力评估", f"{Assessment.Level(data.ability).label}{score}，{data.assessor or '没有写评估人'}")
        )
    rows.append(("探访意愿", f"{Consent.Kind(data.consent).label} {data.consent_reason}".strip()))
    if data.care:
        rows.append(("关爱服务内容", data.care))
    return rows


@admin.register(RegistrationForm)
class RegistrationFormAdmin(OfElderAdmin):
    people = ("made_by", "decided_by")
    list_title = "登记表"
    list_display = ("elder_name", "age", "place", "registered_on", "state_words", "made_by")
    list_filter = (
        by_field(
            "state", "审批状态", RegistrationForm.State.choices, initial=RegistrationForm.State.SUBMITTED
        ),
        *places("elder__household__place__code"),
        RegisteredIn,
    )
    ordering = ("registered_on", "pk")
    empty_words = "没有符合条件的登记表。待审批的都办完了，或者换一个审批状态看看。"
    doors = (
        Door("approve", "批准", Right.APPROVE_ELDER, _approve, shown=_waits, tone="main"),
        Door(
            "return",
            "退回",
            Right.REVIEW_REGISTRATION,
            _return,
            form=ReasonForm,
            shown=_waits,
            words="写清楚要补什么、改什么，登记的人会看到。",
        ),
    )
    bulk_doors = (
        BulkDoor(
            "approve_all",
            "批准",
            Right.APPROVE_ELDER,
            _approve_all,
            words="批准以后，在探访范围内的老人从下一个星期一起列入探访。",
            tone="main",
        ),
    )

    @admin.display(description="年龄")
    def age(self, form: RegistrationForm) -> str:
        return f"{age_on(form.elder.birth_date, today())} 岁"

    @admin.display(description="审批状态")
    def state_words(self, form: RegistrationForm) -> str:
        return form_badge(form)

    # Page

    def heading(self, form: RegistrationForm) -> str:
        return f"{form.elder.name}的信息登记表"

    def badges(self, form: RegistrationForm) -> Iterable[str]:
        return [form_badge(form)]

    def subheading(self, form: RegistrationForm) -> str:
        elder = form.elder
        return (
            f"{elder.get_sex_display()}，{self.age(form)}，{elder.household}，{day(form.registered_on)}登记"
        )

    def sections(self, request: OfficeRequest, form: RegistrationForm) -> Iterable[Section]:
        elder = form.elder
        if form.state != RegistrationForm.State.APPROVED:
            yield from self._preview(form)
        rows: list[tuple[str, Any]] = [
            self.whose(form),
            ("证件号码", elder.masked_id_number or elder.get_paper_kind_display()),
            ("登记日期", form.registered_on),
            ("登记人", form.made_by),
        ]
        if form.decided_by:
            rows += [("审批人", form.decided_by), ("审批时间", moment(form.decided_at))]
            rows += [("审批意见", form.decision_reason or "—")]
        assessment = elder.assessments.filter(assessed_on__lte=form.registered_on).first()
        consent = elder.consents.filter(since__lte=form.registered_on).first()
        rows += [("能力评估", _assessment_words(assessment)), ("探访意愿", consent or None)]
        rows += [
            ("联系电话", elder.masked_phone or "—"),
            ("紧急联系人", f"{elder.emergency_name} {mask_phone(elder.emergency_phone)}".strip() or "—"),
            ("居住地址", elder.household.address or None),
            ("户籍地址", elder.hukou_address or "—"),
        ]
        yield Facts("登记", rows=rows)
        if waiting := [*proposed_rows(form), *proposed_home_rows(form)]:
            yield Facts("批准以后才改的", "批准以前还按原来的资料。", rows=waiting)
        yield from form_facts(form)

    def _preview(self, form: RegistrationForm) -> Iterable[Section]:
        verdict = judge(form.elder, form.registered_on, pending=form)
        if verdict is None:
            return
        missing = "、".join(FACT_WORDS[name] for name in verdict.missing)
        title = "批准以后，按登记的资料不在探访范围" if not verdict.in_scope else "批准以后会是"
        note = f"没有问到的：{missing}。" if missing else "资料都问到了。"
        yield why_now(
            title, verdict, note=note, mark=class_badge(verdict.risk_class) if verdict.in_scope else ""
        )

    def closing(self, request: OfficeRequest, form: RegistrationForm) -> Iterable[Section]:
        yield story(form.elder)
