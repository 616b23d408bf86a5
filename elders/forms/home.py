"""What annex 3 asks about a household: its members (part 2), condition and income (part 3), help (part 4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from elders import actions
from elders.forms.answers import NO_HELP, Part, fields_of
from elders.matching import elders_among_members
from elders.models import Household, HouseholdMember, Sex
from visitcare.kit.admin import DoorForm
from visitcare.kit.identity import PaperError, parse_id_number
from visitcare.kit.masking import mask_id_number
from visitcare.kit.texts import TidyForm
from visitcare.kit.weeks import today
from visitcare.org.models import User

DWELLING = ("water_safe", "power_safe", "housing_safe", "age_friendly")
PENSION = ("has_pension", "pension_monthly")
INCOME = (*PENSION, "has_assistance")
HELP = ("helping_bodies", "helping_other", "help_responsible", "help_measures")
CONDITIONS = (*DWELLING, *INCOME, *HELP)
BLANK_MEMBERS, BLANK_ITEMS = 4, 3
"""Lines to fill in beside those that are known; the paper has four for the family."""
MOST_LINES = 30
YES_NO = [("unknown", "—"), ("true", "是"), ("false", "否")]
COMMON_ITEMS = (
    "低保金", "特困供养金", "尊老金", "困难残疾人生活补贴", "重度残疾人护理补贴", "计划生育特别扶助金", "失能老人护理补贴", "临时救助",
)  # fmt: skip
"""Offered while typing; any other may be written."""


class _Line(TidyForm):
    """One line of a table; an empty one says nothing."""

    error_css_class = "vc-is-wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"请填“{field.label}”。"
            field.widget.attrs["aria-label"] = field.label


class MemberLine(_Line):
    """A family member. One who is known is named by `member`; the ID number is not shown and stays when left empty."""

    GONE = (("", "在"), ("died", "去世"), ("left", "不再是一家"), ("mistake", "登记错了"))

    member = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="姓名", max_length=60, widget=forms.TextInput(attrs={"size": 8}))
    relation = forms.CharField(
        label="与户主关系",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"size": 6, "list": "relations"}),
    )
    sex = forms.ChoiceField(label="性别", choices=[("", "—"), *Sex.choices], required=False)
    id_number = forms.CharField(
        label="居民身份证号码",
        required=False,
        widget=forms.TextInput(attrs={"size": 19, "autocomplete": "off"}),
    )
    health = forms.CharField(
        label="健康状况", max_length=100, required=False, widget=forms.TextInput(attrs={"size": 8})
    )
    lives_here = forms.NullBooleanField(label="同住", widget=forms.NullBooleanSelect())
    visits_often = forms.NullBooleanField(label="经常探访", widget=forms.NullBooleanSelect())
    gone = forms.ChoiceField(label="还在吗", choices=GONE, required=False)

    def __init__(self, *args: Any, known: Mapping[str, HouseholdMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("lives_here", "visits_often"):
            choice: Any = self.fields[name]
            choice.widget.choices = YES_NO
        if member := known.get(str(self["member"].value())):
            self.fields["id_number"].widget.attrs["placeholder"] = mask_id_number(member.id_number)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("id_number"):
            try:
                card = parse_id_number(said["id_number"], today=today())
            except PaperError as error:
                self.add_error("id_number", f"{error}。")
            else:
                said |= {"id_number": card.number, "birth_date": card.birth_date, "sex": card.sex}
        return said


class ItemLine(_Line):
    name = forms.CharField(
        label="项目", max_length=40, widget=forms.TextInput(attrs={"size": 18, "list": "items"})
    )
    monthly_amount = forms.DecimalField(
        label="每月金额（元）",
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            "金额写成 480 或 480.50。",
        ),
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """A table of lines on the page: `heads` above its columns, `words` beside it, `offers` for what is typed often."""

    formset: Any
    heads: Sequence[str]
    datalist: str
    offers: Sequence[str]


class HomeFields(DoorForm):
    """The questions about a household, beginning from what is known of `home`. `write_home` stores the answers."""

    home: Household | None = None
    member_line = MemberLine

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(Household, CONDITIONS)
        self.fields["helping_bodies"] = forms.MultipleChoiceField(
            label="开展帮扶单位（组织）",
            choices=[*Household.HelpingBody.choices, (NO_HELP, "没有帮扶")],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="一个都不勾，就当作没有问到。",
        )
        for name in CONDITIONS:
            field = self.fields[name]
            field.required = False
            if isinstance(field, forms.NullBooleanField):
                field.widget.choices = [("unknown", "没有问到"), *YES_NO[1:]]
        self.fields["help_measures"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["pension_monthly"].error_messages |= dict.fromkeys(
            ("invalid", "max_digits", "max_decimal_places", "max_whole_digits"), "金额写成 480 或 480.50。"
        )
        for name, other, answer in (
            ("pension_monthly", "has_pension", "true"),
            ("helping_other", "helping_bodies", "other"),
        ):
            self.fields[name].widget.attrs |= {"data-when": other, "data-is": answer}
        data = self.data if self.is_bound else None
        members = list(self.home.members.order_by("name")) if self.home else []
        self.known = {str(member.pk): member for member in members}
        self.members = _lines(
            self.member_line, BLANK_MEMBERS, data, "members", self.member_rows(), known=self.known
        )
        self.items = _lines(ItemLine, BLANK_ITEMS, data, "items", self.item_rows())

    def member_rows(self) -> list[dict[str, Any]]:
        """The family as the lines show it at first."""
        return [_said_of(member) for member in self.known.values()]

    def item_rows(self) -> list[dict[str, Any]]:
        """The assistance as the lines show it at first."""
        items = self.home.assistance.values_list("name", "monthly_amount") if self.home else ()
        return [{"name": name, "monthly_amount": amount} for name, amount in items]

    def begin_from(self, home: Household) -> dict[str, Any]:
        """What the fields show at first."""
        known = {name: getattr(home, name) for name in CONDITIONS}
        if known["helping_bodies"] is not None:
            known["helping_bodies"] = known["helping_bodies"] or [NO_HELP]
        return known

    def home_parts(self) -> Iterator[Part]:
        def named(*names: str) -> list[forms.BoundField]:
            return [self[name] for name in names]

        heads = ("姓名", "与户主关系", "性别", "居民身份证号码", "健康状况", "同住", "经常探访", "还在吗")
        relations = ("配偶", "儿子", "女儿", "儿媳", "女婿", "孙子", "孙女", "父亲", "母亲", "兄弟", "姐妹")
        yield Part(
            "家庭成员",
            "一人一行；同住不同住的都写。已登记的身份证号码不显示，不改就空着。",
            lines=Lines(self.members, heads, "relations", relations),
        )
        yield Part("家庭条件", fields=named(*DWELLING, *INCOME))
        yield Part(
            "救助和补贴",
            "享受的社会救助和社会福利补贴，一项一行，写每月多少钱。",
            lines=Lines(self.items, ("项目", "每月金额（元）"), "items", COMMON_ITEMS),
        )
        yield Part("已享受帮扶情况", fields=named(*HELP))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_lines(self.members, "家庭成员")
        self._read_lines(self.items, "救助和补贴")
        said["items"] = [line for line in map(_said, self.items) if line.get("name")]
        said["members"] = [
            {**line, "known": self.known.get(str(line["member"]))}
            for line in map(_said, self.members)
            if line.get("name")
        ]
        self._read_income(said)
        self._read_help(said)
        return said

    def _read_lines(self, formset: Any, title: str) -> None:
        if not formset.is_valid():
            for number, errors in enumerate(formset.errors, 1):
                for words in (words for of_field in errors.values() for words in of_field):
                    self.add_error(None, f"{title}第 {number} 行：{words}")
            for words in formset.non_form_errors():
                self.add_error(None, f"{title}：{words}")

    def _read_income(self, said: dict[str, Any]) -> None:
        if said.get("pension_monthly") is not None and said.get("has_pension") is None:
            said["has_pension"] = True
        if (said.get("pension_monthly") or 0) < 0:
            self.add_error("pension_monthly", "金额不能小于 0。")
        elif said.get("pension_monthly") is not None and said.get("has_pension") is False:
            self.add_error("has_pension", "选了没有养老保险，又填了每月金额。请改一致。")
        items = [line["name"] for line in said["items"]]
        twice = next((name for name in items if items.count(name) > 1), None)
        if twice:
            self.add_error(None, f"救助和补贴：“{twice}”写了两行，请合成一行。")
        if items and said.get("has_assistance") is None:
            said["has_assistance"] = True
        elif items and said.get("has_assistance") is False:
            self.add_error("has_assistance", "选了没有享受，下面又写了补贴项目。请改一致。")

    def _read_help(self, said: dict[str, Any]) -> None:
        picked, other = said.get("helping_bodies") or [], Household.HelpingBody.OTHER
        if said.get("helping_other") and other not in picked and NO_HELP not in picked:
            picked = [*picked, other]
        if NO_HELP in picked and len(picked) > 1:
            self.add_error("helping_bodies", "勾了“没有帮扶”，就不能再勾别的。")
        said["helping_bodies"] = [name for name in picked if name != NO_HELP] if picked else None


def write_home(*, by: User, home: Household, said: dict[str, Any], only_said: bool = False) -> None:
    """Store what a clean form says of a household; `only_said` leaves what was left empty as it is."""
    conditions = {name: said[name] for name in CONDITIONS}
    items = {line["name"]: line["monthly_amount"] for line in said["items"]}
    if only_said:
        conditions = _without_empty(conditions)
        items = dict(home.assistance.values_list("name", "monthly_amount")) | items
    actions.write_conditions(by=by, household=home, said=conditions, assistance=list(items.items()))
    for line in said["members"]:
        if line["known"] or not line["member"]:  # whoever has left the family does not come back
            _write_member(by, home, line, only_said=only_said)


def _without_empty(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in (None, "")}


def elders_too(*, by: User, home: Household, said: dict[str, Any]) -> list[str]:
    """Family members who are said to live here and are elders of other households, in words."""
    lines = [line for line in said["members"] if not line["gone"] and line["lives_here"] is not False]
    numbers = [line["id_number"] or (line["known"].id_number if line["known"] else "") for line in lines]
    return elders_among_members(numbers, home, by=by)


def _write_member(by: User, home: Household, said: dict[str, Any], *, only_said: bool) -> None:
    member: HouseholdMember | None = said["known"]
    if said["gone"]:
        if member:
            actions.remove_member(by=by, member=member, reason=dict(MemberLine.GONE)[said["gone"]])
        return
    fields = {name: said[name] for name in ("sex", "health", "lives_here", "visits_often")}
    if only_said:
        fields = _without_empty(fields)
    if said["id_number"]:
        fields |= {"id_number": said["id_number"], "birth_date": said["birth_date"]}
    actions.write_member(
        by=by, household=home, name=said["name"], relation=said["relation"], said=fields, known=member
    )


def _said(line: forms.Form) -> dict[str, Any]:
    """What a line says; nothing where it is wrong."""
    return getattr(line, "cleaned_data", {}) if not line.errors else {}


def _said_of(member: HouseholdMember) -> dict[str, Any]:
    return {
        "member": member.pk,
        "name": member.name,
        "relation": member.relation,
        "sex": member.sex,
        "health": member.health,
        "lives_here": member.lives_here,
        "visits_often": member.visits_often,
    }


def _lines(
    line: type[_Line], blank: int, data: Any, prefix: str, initial: Sequence[dict[str, Any]], **more: Any
) -> forms.BaseFormSet:
    """Filled lines and some blank ones. What came back from a browser is taken as it is: compared with what is known by
    now, a line that somebody else has written too would count as blank. One that comes without lines has none."""
    made = forms.formset_factory(line, extra=blank, max_num=MOST_LINES, absolute_max=MOST_LINES + 10)
    if data is not None and f"{prefix}-TOTAL_FORMS" not in data:
        data = {**data, f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return made(data, prefix=prefix, initial=list(initial) if data is None else None, form_kwargs=more)
