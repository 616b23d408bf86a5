"""重病名录: the illnesses that count as serious, kept by the county; everybody in an office reads it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin

from elders import actions
from elders.models import SeriousIllness
from visitcare.audit.admin import traces
from visitcare.kit.admin import (
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ReasonForm,
    ScopedAdmin,
    Section,
    badge,
    by_field,
)
from visitcare.org.roles import Right


class IllnessForm(DoorForm):
    name = forms.CharField(label="病名", max_length=60)
    evidence = forms.CharField(
        label="凭什么认定", max_length=100, help_text="例如：二级以上医院的诊断证明或出院记录。"
    )


def _stop(request: OfficeRequest, illness: SeriousIllness, said: dict[str, Any]) -> str:
    actions.use_illness(by=request.user, illness=illness, active=False, reason=said["reason"])
    return f"“{illness.name}”停用了。以前登记的不变。"


def _use_again(request: OfficeRequest, illness: SeriousIllness, said: dict[str, Any]) -> str:
    actions.use_illness(by=request.user, illness=illness, active=True, reason=said["reason"])
    return f"“{illness.name}”恢复使用了。"


@admin.register(SeriousIllness)
class SeriousIllnessAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    everybody = True
    add_right = Right.DRAFT_POLICY
    add_form = IllnessForm
    add_words = "增加病名"
    list_intro = "登记表里的“重病”从这里选。名录由市民政局定；名录里没有的病，登记时写在“重病说明”里。"
    list_display = ("name", "evidence", "state_words")
    list_filter = (by_field("active", "状态", [("True", "在用"), ("False", "停用")], initial="True"),)
    ordering = ("name",)
    doors = (
        Door(
            "stop",
            "停用",
            Right.DRAFT_POLICY,
            _stop,
            form=ReasonForm,
            shown=lambda request, illness: illness.active,
            words="停用以后，新的登记不能再选它；以前登记的不变。",
            tone="danger",
        ),
        Door(
            "use_again",
            "恢复使用",
            Right.DRAFT_POLICY,
            _use_again,
            form=ReasonForm,
            shown=lambda request, illness: not illness.active,
        ),
    )

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, SeriousIllness]:
        illness = actions.list_illness(by=request.user, name=said["name"], evidence=said["evidence"])
        return f"名录增加了“{illness.name}”。", illness

    @admin.display(description="状态")
    def state_words(self, illness: SeriousIllness) -> str:
        return badge("在用", "ok") if illness.active else badge("停用")

    def badges(self, illness: SeriousIllness) -> Iterable[str]:
        yield self.state_words(illness)

    def sections(self, request: OfficeRequest, illness: SeriousIllness) -> Iterable[Section]:
        yield Facts("", rows=[("病名", illness.name), ("凭什么认定", illness.evidence)])

    def closing(self, request: OfficeRequest, illness: SeriousIllness) -> Iterable[Section]:
        yield from traces(request, illness)
