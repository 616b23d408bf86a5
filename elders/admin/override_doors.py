"""手工调整类别 from the page of an elder, and from that of the adjustment itself: proposed by one, decided by another."""

from typing import Any

from django import forms

from elders import actions
from elders.forms import day_field
from elders.models import ClassOverride, Elder, RiskClass
from visitcare.kit.admin import Door, OfficeRequest, ReasonForm, day
from visitcare.org.roles import Right

OVERRIDABLE = (Elder.Status.ACTIVE, Elder.Status.PAUSED)


def open_override(obj: Elder | ClassOverride) -> ClassOverride | None:
    """The adjustment that waits or is in force: an elder's, or the one whose page it is."""
    if isinstance(obj, Elder):
        return obj.open_override
    return obj if obj.state in ClassOverride.OPEN else None


def _open(obj: Elder | ClassOverride) -> ClassOverride:
    override = open_override(obj)
    if override is None:
        raise ValueError("这项手工调整刚才已经办过了。请看看最新的情况。")
    return override


def _waits(request: OfficeRequest, obj: Elder | ClassOverride) -> bool:
    return _is(request, obj, ClassOverride.State.PROPOSED, by_another=True)


def _runs(request: OfficeRequest, obj: Elder | ClassOverride) -> bool:
    return _is(request, obj, ClassOverride.State.APPROVED, by_another=False)


def _runs_for_another(request: OfficeRequest, obj: Elder | ClassOverride) -> bool:
    return _is(request, obj, ClassOverride.State.APPROVED, by_another=True)


def _is(request: OfficeRequest, obj: Elder | ClassOverride, state: str, *, by_another: bool) -> bool:
    """Whether it stands so; proposed by somebody else, where two have to look at it."""
    override = open_override(obj)
    if override is None or override.state != state:
        return False
    return not by_another or override.proposed_by_id != request.user.pk


class ProposeForm(ReasonForm):
    risk_class = forms.ChoiceField(label="调整为", choices=[("", "请选"), *RiskClass.choices])
    review_on = day_field("复核日期", help_text="到这一天再看一看还合不合适，最多 180 天以后。")
    field_order = ("risk_class", "reason", "review_on")


class ContinueForm(ReasonForm):
    review_on = day_field("下次复核日期", help_text="最多 180 天以后。")
    field_order = ("reason", "review_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "这次看到的情况"


def _propose(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    override = actions.propose_override(by=request.user, elder=elder, **said)
    return f"提出了把{elder.name}调整为{override.get_risk_class_display()}，等另一位负责人批准；批准前还按原来的类别。"


def _approve(request: OfficeRequest, obj: Elder | ClassOverride, said: dict[str, Any]) -> str:
    override = actions.approve_override(by=request.user, override=_open(obj))
    letter = override.get_risk_class_display()
    return f"批准了。从{day(override.starts_on)}起，{override.elder.name}是{letter}。"


def _return(request: OfficeRequest, obj: Elder | ClassOverride, said: dict[str, Any]) -> str:
    override = _open(obj)
    actions.return_override(by=request.user, override=override, reason=said["reason"])
    return f"退回给{override.proposed_by}了，类别不变。"


def _end(request: OfficeRequest, obj: Elder | ClassOverride, said: dict[str, Any]) -> str:
    ended = actions.end_override(by=request.user, override=_open(obj), reason=said["reason"])
    return f"手工调整到{day(ended.ended_on)}结束，以后按系统判定。"


def _continue(request: OfficeRequest, obj: Elder | ClassOverride, said: dict[str, Any]) -> str:
    actions.continue_override(by=request.user, override=_open(obj), **said)
    return f"手工调整继续，下次复核是{day(said['review_on'])}。"


PROPOSE = Door(
    "override",
    "手工调整类别",
    Right.REVIEW_REGISTRATION,
    _propose,
    form=ProposeForm,
    shown=lambda request, elder: elder.status in OVERRIDABLE and elder.open_override is None,
    words="按字面判定不合实际的，可以提出调高或调低。要由另一位负责人批准，从批准后的下一个星期一起算；系统判定会照样写在旁边。",
)
DECIDING = (
    Door(
        "approve_override",
        "批准手工调整",
        Right.APPROVE_ELDER,
        _approve,
        shown=_waits,
        words="批准以后，从下一个星期一起按调整后的类别探访。",
        tone="main",
    ),
    Door("return_override", "退回手工调整", Right.APPROVE_ELDER, _return, form=ReasonForm, shown=_waits),
    Door(
        "continue_override",
        "复核后继续",
        Right.APPROVE_ELDER,
        _continue,
        form=ContinueForm,
        shown=_runs_for_another,
        words="再看过一次，手工调整还合适的，写明情况，定下次复核的日期。",
    ),
    Door(
        "end_override",
        "结束手工调整",
        Right.APPROVE_ELDER,
        _end,
        form=ReasonForm,
        shown=_runs,
        words="从下一个星期一起，又按系统判定的类别。",
    ),
)
