"""What can be done to an elder's record from its page: looked at, renewed, printed, assessed, given another class, paused,
asked, merged, reopened. (Closing, which must know of visits, stands with what spans the apps; moving in
`elders.admin.moves`.)"""

from contextlib import suppress
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse

from elders import actions
from elders.actions.reveal import Secret, reveal
from elders.admin.override_doors import DECIDING, PROPOSE
from elders.admin.papers import PrintForm, printed
from elders.admin.words import letter_words
from elders.due import ASKED_EVERY
from elders.forms import NewVersionForm, day_field, form_data
from elders.models import Assessment, Consent, Elder, Pause, RegistrationForm
from visitcare.kit.admin import Door, DoorForm, OfficeRequest, ReasonForm, day, page_url, shown_once
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_id_number
from visitcare.kit.weeks import next_monday, today
from visitcare.org.roles import Right


class RevealForm(DoorForm):
    what = forms.ChoiceField(label="看什么", choices=Secret.choices)
    reason = forms.CharField(label="为什么要看", max_length=200, help_text="会和您的名字一起记在操作记录里。")


def _reveal(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> HttpResponse:
    value = reveal(by=request.user, elder=elder, what=said["what"], reason=said["reason"])
    return shown_once(
        request,
        heading=f"{elder.name}的{Secret(said['what']).label}",
        note="只显示这一次；这次查看已经记在操作记录里。",
        rows=[(Secret(said["what"]).label, value)],
        back=page_url(elder),
    )


def _renew(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    with transaction.atomic():
        form = actions.register_elder(
            by=request.user, household=elder.household, data=form_data(said), elder=elder
        )
        if form.state == RegistrationForm.State.APPROVED:  # a correction of the same day
            actions.write_class_history(by=request.user, elders=[elder.pk])
            return f"改好了{elder.name}{day(form.registered_on)}的登记表。"
        if form.state != RegistrationForm.State.SUBMITTED:
            actions.submit_form(by=request.user, form=form)
    return f"{elder.name}的新登记表已提交，等镇民政负责人批准；批准前还按原来的资料。"


class AssessmentForm(DoorForm):
    assessed_on = day_field(
        "评估日期", initial=today, help_text="评估报告上的日期。同一天已有的，就是改正那一次。"
    )
    score = forms.IntegerField(
        label="评估总分（0—90）",
        required=False,
        error_messages={"invalid": "评估总分是 0 到 90 的整数，请核对评估报告。"},
    )
    level = forms.ChoiceField(
        label="能力程度",
        choices=[("", "按总分"), *Assessment.Level.choices],
        required=False,
        help_text="填了总分，可以不选。",
    )
    assessor = forms.CharField(label="评估人或评估机构", max_length=60)
    standard = forms.CharField(
        label="标准", max_length=40, initial=Assessment._meta.get_field("standard").default, required=False
    )
    mismatch_reason = forms.CharField(
        label="总分和程度不一致的说明", required=False, max_length=200, help_text="一致的，不用写。"
    )


def _assess(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    done = actions.record_assessment(by=request.user, elder=elder, **said)
    what = "改正" if done.corrected else "录入"
    words = f"{what}了{elder.name}{day(done.assessment.assessed_on)}的能力评估：{done.assessment}。"
    if done.before == done.after:
        return words + f"类别不变，{letter_words(done.after)}。"
    return words + f"从{day(done.monday)}起，由{letter_words(done.before)}变成{letter_words(done.after)}。"


class PauseForm(DoorForm):
    reason = forms.ChoiceField(label="原因", choices=Pause.Reason.choices)
    starts_on = day_field("从哪天起", initial=today)
    ends_on = day_field("到哪天止", required=False, help_text="还不知道的，可以先空着，回来时再填。")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = said.get("starts_on"), said.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "到的那天不能早于起的那天。")
        return said


def _pause(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    actions.pause_elder(by=request.user, elder=elder, **said)
    return f"{elder.name}暂停探访了。回来后请点“结束暂停”。"


class LastDayForm(DoorForm):
    last_day = day_field("最后一天", initial=today)


def _end_pause(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    actions.end_pause(by=request.user, elder=elder, last_day=said["last_day"])
    ended = elder.pauses.order_by("starts_on").last()
    discharged = ended is not None and ended.reason == Pause.Reason.HOSPITAL
    more = "刚出院的，请点“加访”，安排 24 小时内去看一次。" if discharged else ""
    return f"{elder.name}恢复探访。{more}"


class ReviewForm(ReasonForm):
    ends_on = day_field("续到哪天止", help_text="从今天起最多 90 天。")
    field_order = ("ends_on", "reason")


def _review_pause(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    pause = actions.review_pause(by=request.user, elder=elder, **said)
    return f"{elder.name}的暂停续到{day(pause.ends_on)}，到期前会再提醒。"


class ConsentForm(DoorForm):
    since = day_field("问的日期", initial=today)
    kind = forms.ChoiceField(label="老人的意愿", choices=[("", "请选"), *Consent.Kind.choices])
    reason = forms.CharField(label="原因", required=False, max_length=200, help_text="不愿意的必填。")
    signer = forms.ChoiceField(
        label="谁签的字", choices=[("", "没有签字"), *Consent.Signer.choices], required=False
    )
    signed_by = forms.CharField(
        label="签字人", required=False, max_length=60, help_text="本人签的，可以空着。"
    )
    signed_on = day_field("签字日期", required=False, help_text="空着就是问的那天。")
    staff_signed_by = forms.CharField(label="工作人员签字", required=False, max_length=60)
    staff_signed_on = day_field("工作人员签字日期", required=False, help_text="空着就是问的那天。")


def _ask_again(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    consent = actions.write_consent(by=request.user, elder=elder, **said)
    words = f"记下了：{elder.name}{consent.get_kind_display()}。"
    if consent.kind == Consent.Kind.REFUSED:
        return f"{words}三个月后（{day(consent.since + ASKED_EVERY)}）再问。"
    return f"{words}从{day(next_monday(today()))}那一周起按这个意愿排任务；已经排好的周不变。"


class MergeForm(ReasonForm):
    number = forms.CharField(
        label="另一份档案的证件号码",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="要留下来的那一份。请填完整的号码。",
    )
    field_order = ("number", "reason")

    def clean_number(self) -> Elder:
        typed = "".join(self.cleaned_data["number"].split()).upper()
        with suppress(PaperError):
            typed = parse_id_number(typed, today=today()).number
        files = Elder.objects.visible_to(self.request.user).filter(
            id_number_index=blind_index("id_number", typed), merged_into=None
        )
        others = files.exclude(pk=self.obj.pk)
        winner: Elder | None = (
            others.filter(status__in=Elder.REGISTERED).select_related("household__place").first()
            or others.first()
        )
        if winner is None:
            mine = "这是这一份自己的号码。" if files.exists() else ""
            raise forms.ValidationError(
                f"{mine}在您管的地区里没有别的档案用这个证件号码。请核对号码；另一份在别的镇的，"
                "先把这一份迁过去，再由那边并档。"
            )
        return winner


def _merge(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    winner: Elder = said["number"]
    actions.merge_elders(by=request.user, loser=elder, winner=winner, reason=said["reason"])
    return f"这份档案已并入{winner.name}在{winner.household.place.path}的那一份。以前的探访和补贴都不变，在那一份里也看得到。"


class ReopenForm(ReasonForm):
    since = day_field("从哪天起恢复", initial=today, help_text="注销错了的，填注销的第二天，中间就不断。")
    field_order = ("since", "reason")


def _reopen(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    in_scope = actions.reopen_elder(by=request.user, elder=elder, **said)
    if in_scope:
        return f"{elder.name}重新入册了，从下一个星期一起列入探访。"
    elder.refresh_from_db(fields=["status"])
    if elder.status == Elder.Status.DRAFT:
        return f"{elder.name}的档案恢复成草稿：登记表还没有批准过。请村里核对以后再提交。"
    return f"{elder.name}重新入册了；按登记的资料现在不在探访范围，符合了会自动列入。"


def _print(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> HttpResponse:
    return printed(request, [elder], said["reason"], back=page_url(elder))


DOORS = (
    Door("reveal", "查看证件号、电话", Right.REVEAL, _reveal, form=RevealForm),
    Door(
        "renew",
        "更新登记",
        Right.REGISTER_ELDER,
        _renew,
        form=NewVersionForm,
        shown=lambda request, elder: elder.status != Elder.Status.CLOSED,
        words="情况变了，就填一张新的登记表。原来的登记表不改，批准以后从新的登记日期起用新的。",
        apart=True,
        template="admin/elders/renew.html",
    ),
    Door(
        "print",
        "打印登记表",
        Right.EXPORT,
        _print,
        form=PrintForm,
        words="按通知附件3的样子打印，A4 纸。纸上有完整的身份证号码和电话。",
    ),
    Door(
        "assess",
        "录入能力评估",
        Right.REVIEW_REGISTRATION,
        _assess,
        form=AssessmentForm,
        shown=lambda request, elder: elder.status != Elder.Status.CLOSED,
        words="专业机构按 GB/T 42195-2022 做的评估。类别有变化的，从下一个星期一起算。",
    ),
    PROPOSE,
    *DECIDING,
    Door(
        "pause",
        "暂停探访",
        Right.REVIEW_REGISTRATION,
        _pause,
        form=PauseForm,
        shown=lambda request, elder: elder.status == Elder.Status.ACTIVE,
        words="住院或外出期间，任务没完成的那几周不算未达标。",
    ),
    Door(
        "resume",
        "结束暂停",
        Right.REVIEW_REGISTRATION,
        _end_pause,
        form=LastDayForm,
        shown=lambda request, elder: elder.status == Elder.Status.PAUSED,
        words="填暂停的最后一天，第二天起恢复探访。",
    ),
    Door(
        "review_pause",
        "续办暂停",
        Right.REVIEW_REGISTRATION,
        _review_pause,
        form=ReviewForm,
        shown=lambda request, elder: elder.status == Elder.Status.PAUSED,
        words="复核过，老人还不能探访的，写明情况，续一段时间。",
    ),
    Door(
        "ask_again",
        "再问探访意愿",
        Right.REVIEW_REGISTRATION,
        _ask_again,
        form=ConsentForm,
        shown=lambda request, elder: elder.status in Elder.REGISTERED,
        words="拒绝探访的，每三个月再问一次。还是不愿意的也要记下，从这次起再算三个月。",
    ),
    Door(
        "merge",
        "并入另一份档案",
        Right.APPROVE_ELDER,
        _merge,
        form=MergeForm,
        shown=lambda request, elder: elder.merged_into_id is None,
        words="同一个人建了两份档案的，把这一份并入另一份。这一份随即注销，不能再恢复。",
        tone="danger",
    ),
    Door(
        "reopen",
        "重新入册",
        Right.APPROVE_ELDER,
        _reopen,
        form=ReopenForm,
        shown=lambda request, elder: elder.status == Elder.Status.CLOSED and not elder.merged_into_id,
        words="搬回来了，或者注销错了。原来的档案接着用，不要另建一份。",
    ),
)
