"""迁移: an elder leaves a village for another; the door on the elder's page, and the list from which the new town takes in."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet

from elders import actions
from elders.forms import day_field, find_household
from elders.models import Elder, Move
from visitcare.kit.admin import (
    Choice,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ReasonForm,
    ScopedAdmin,
    Section,
    Table,
    badge,
    day,
    link,
    page_url,
)
from visitcare.kit.cells import group_name
from visitcare.kit.identity import age_on
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org.models import Division
from visitcare.org.roles import Right

TONES = {
    Move.State.WAITING: "mind",
    Move.State.ACCEPTED: "wait",
    Move.State.DONE: "ok",
    Move.State.SENT_BACK: "bad",
}
COUNTY_DIGITS = 6


def move_badge(move: Move) -> str:
    return badge(move.get_state_display(), TONES.get(Move.State(move.state), "plain"))


class HomeFields(DoorForm):
    """Where somebody will live in a village: a household that is there, or a new one in one of its groups."""

    group = forms.CharField(
        label="村民小组", required=False, max_length=20, help_text="写 3、3组、第3组都行。"
    )
    address = forms.CharField(label="新地址", required=False, max_length=200)
    number = forms.CharField(
        label="搬进已有的一户",
        required=False,
        max_length=200,
        help_text="填那户的户编号、地址或一位老人的姓名；空着就新建一户。",
    )

    def read_home(self, said: dict[str, Any], village: Division) -> None:
        said |= {"place": village, "joins": None}
        if typed := (said.get("number") or "").strip():
            try:
                said["joins"] = find_household(village, typed)
            except ValueError as error:
                self.add_error("number", str(error))
        elif said.get("group"):
            groups = {group.name: group for group in village.children.filter(active=True)}
            said["place"] = groups.get(group_name(said["group"]), village)
            if said["place"] == village:
                known = f"现有：{'、'.join(groups)}。" if groups else "现在一个小组也没有，请先空着。"
                self.add_error("group", f"{village.name}没有“{said['group']}”。{known}")


class MoveForm(HomeFields):
    ONE, ALL = "one", "all"

    who = forms.ChoiceField(
        label="谁搬", choices=[(ALL, "全户"), (ONE, "只有这位老人")], widget=forms.RadioSelect
    )
    village = forms.ChoiceField(label="搬到哪个村（居）")
    starts_on = day_field("从哪天起", initial=today, help_text="今天，或最多提前 60 天。已经搬走的填今天。")
    reason = forms.CharField(label="原因", max_length=200)
    field_order = ("who", "village", "group", "address", "number", "starts_on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        county = self.obj.household.place_id[:COUNTY_DIGITS]
        self.villages = {
            village.code: village
            for village in Division.objects.at(Division.Level.VILLAGE)
            .filter(active=True, code__startswith=county)
            .select_related("parent")
        }
        towns: dict[str, list[tuple[str, str]]] = {}
        for village in self.villages.values():
            towns.setdefault(village.parent.name if village.parent else "", []).append(
                (village.code, village.name)
            )
        choice: Any = self.fields["village"]
        choice.choices = [("", "请选"), *towns.items()]
        self.fields["group"].help_text = "迁到外镇的，小组和户由对方接收时填。"
        others = self.obj.household.elders.exclude(pk=self.obj.pk).exclude(status=Elder.Status.CLOSED)
        names = list(others.order_by("birth_date").values_list("name", flat=True))
        if names:
            who: Any = self.fields["who"]
            who.choices = [(self.ALL, f"全户，{'、'.join(names)}也搬"), (self.ONE, f"只有{self.obj.name}搬")]
        else:
            del self.fields["who"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        village = self.villages.get(said.get("village") or "")
        said["village"] = village
        said["at_once"] = bool(village and self.request.user.may(Right.APPROVE_ELDER, village.code))
        if village and said["at_once"]:
            self.read_home(said, village)
        return said


def _move(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    by, village = request.user, said["village"]
    with transaction.atomic():
        move = actions.propose_move(
            by=by,
            elder=elder,
            whole_household=said.get("who", MoveForm.ALL) == MoveForm.ALL,
            village=village,
            starts_on=said["starts_on"],
            reason=said["reason"],
            address=said["address"],
        )
        if said["at_once"]:
            actions.accept_move(
                by=by, move=move, place=said["place"], address=said["address"], joins=said["joins"]
            )
    if not said["at_once"]:
        return f"已交给{village.path}，等对方接收。接收以前，{elder.name}仍由原来的村探访。"
    return _when_words(move)


def _when_words(move: Move) -> str:
    when = "今天" if move.starts_on <= today() else day(move.starts_on)
    return (
        f"{move.elder.name}从{when}起归{move.village.path}。以前的探访仍归原来的村，由原来的镇结算；"
        "这一周的任务不变，下一周起按新的村排。"
    )


def _can_leave(request: OfficeRequest, elder: Elder) -> bool:
    return elder.status in Elder.REGISTERED and not elder.moves.filter(state__in=Move.OPEN).exists()


MOVING = (
    Door(
        "move",
        "搬家、迁移",
        Right.APPROVE_ELDER,
        _move,
        form=MoveForm,
        shown=_can_leave,
        words="档案和历史都跟着走，从那天起换村、换探访人、换结算的镇。迁到外镇的，要对方镇接收；接收以前一切照旧。",
        apart=True,
    ),
)
"""The door on an elder's page."""


# The list


class StateFilter(Choice):
    title = "状态"
    parameter_name = "state"
    initial = "open"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("open", "在办的"), *((str(value), str(words)) for value, words in Move.State.choices)]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(state__in=Move.OPEN if value == "open" else [value])


class DirectionFilter(Choice):
    title = "方向"
    parameter_name = "direction"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("in", "迁入"), ("out", "迁出")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        areas = self.request.user.areas_with(Right.SEE_REGISTRY)
        return rows.filter(in_areas("village__code" if value == "in" else "household__place__code", areas))


class AcceptForm(HomeFields):
    field_order = ("group", "address", "number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].initial = self.obj.address
        self.fields["address"].help_text = "请核对，有误的改正。"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        self.read_home(said, self.obj.village)
        return said


def _accept(request: OfficeRequest, move: Move, said: dict[str, Any]) -> str:
    actions.accept_move(
        by=request.user, move=move, place=said["place"], address=said["address"], joins=said["joins"]
    )
    return _when_words(move)


def _send_back(request: OfficeRequest, move: Move, said: dict[str, Any]) -> str:
    actions.send_back_move(by=request.user, move=move, reason=said["reason"])
    return f"退回了。{move.elder.name}仍在{move.household.place.path}。"


def _withdraw(request: OfficeRequest, move: Move, said: dict[str, Any]) -> str:
    actions.withdraw_move(by=request.user, move=move, reason=said["reason"])
    return f"撤回了。{move.elder.name}仍在{move.household.place.path}。"


def _takes_in(request: OfficeRequest, move: Move) -> bool:
    return move.state == Move.State.WAITING and request.user.may(Right.APPROVE_ELDER, move.village_id)


def _gives_up(request: OfficeRequest, move: Move) -> bool:
    return move.state in Move.OPEN and request.user.may(Right.APPROVE_ELDER, move.household.place_id)


@admin.register(Move)
class MoveAdmin(ScopedAdmin):
    """Two places have a say in a move, so that no door asks for a right at one: each looks at its own in `shown`."""

    see = Right.SEE_REGISTRY
    list_title = "迁移"
    list_intro = "迁出的镇提出，迁入的镇接收。接收以前、日子没到以前，老人仍归原来的村。"
    list_display = ("elder_name", "origin", "target", "starts_on", "state_words", "reason")
    list_filter = (StateFilter, DirectionFilter)
    list_select_related = ("elder", "household__place", "village")
    search_hint = "老人姓名或村名"
    ordering = ("-proposed_at", "pk")
    empty_words = "没有符合条件的迁移。要办迁移，请打开老人的档案，点“搬家、迁移”。"
    doors = (
        Door("accept", "接收", Right.APPROVE_ELDER, _accept, form=AcceptForm, shown=_takes_in, tone="main"),
        Door("send_back", "退回", Right.APPROVE_ELDER, _send_back, form=ReasonForm, shown=_takes_in),
        Door("withdraw", "撤回", Right.APPROVE_ELDER, _withdraw, form=ReasonForm, shown=_gives_up),
    )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return (
            rows.filter(elder__name__icontains=term)
            | rows.filter(village__path__icontains=term)
            | rows.filter(household__place__path__icontains=term)
        )

    @admin.display(description="老人")
    def elder_name(self, move: Move) -> str:
        return move.elder.name

    @admin.display(description="从")
    def origin(self, move: Move) -> str:
        return move.household.place.path

    @admin.display(description="到")
    def target(self, move: Move) -> str:
        return move.village.path

    @admin.display(description="状态")
    def state_words(self, move: Move) -> str:
        return move_badge(move)

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("elder", "household__place", "village")

    def heading(self, move: Move) -> str:
        return f"{move.elder.name}迁到{move.village.path}"

    def badges(self, move: Move) -> Iterable[str]:
        yield move_badge(move)

    def sections(self, request: OfficeRequest, move: Move) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                ("从", move.household.place.path),
                ("到", move.village.path),
                ("新地址", (move.to_household.address if move.to_household else move.address) or "—"),
                ("从哪天起", move.starts_on),
                ("原因", move.reason),
                ("提出人", move.proposed_by),
                ("退回或撤回的原因", move.decision_reason or "—"),
            ],
        )
        party = Move.objects.filter(party=move.party).select_related("elder").order_by("elder__birth_date")
        visible = set(
            Elder.objects.visible_to(request.user)
            .filter(pk__in=[one.elder_id for one in party])
            .values_list("pk", flat=True)
        )
        yield Table(
            "谁搬",
            "接收以后，完整的档案就看得到了。" if move.state == Move.State.WAITING else "",
            heads=("姓名", "性别", "年龄", "证件号码", "状态"),
            rows=[
                (
                    link(one.elder, page_url(one.elder)) if one.elder_id in visible else one.elder.name,
                    one.elder.get_sex_display(),
                    age_on(one.elder.birth_date, today()),
                    one.elder.masked_id_number,
                    one.elder.get_status_display(),
                )
                for one in party
            ],
        )
