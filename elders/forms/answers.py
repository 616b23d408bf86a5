"""What annex 3 asks about one elder: everything may be unknown but who, where, when and the wish to be visited."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Model

from elders.actions import FormData
from elders.models import Assessment, Consent, Elder, RegistrationForm, SeriousIllness
from elders.people import PersonError, is_birth_date, read_other_paper, refuse_own_emergency
from elders.rules import SCORES
from visitcare.kit.admin import DoorForm
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import (
    PaperError,
    parse_disability_number,
    parse_id_number,
    parse_phone,
)
from visitcare.kit.weeks import today

UNKNOWN = "没有问到"
NO_HELP = "none"

PERSON = ("name", "paper_kind", "id_number", "birth_date", "sex")
CONTACT = ("phone", "emergency_name", "emergency_sex", "emergency_phone", "hukou_address")
LIVING = (
    "living",
    "spouse_location",
    "child_location",
    "able_adult_at_home",
    "lives_with_dependent_child_long_term",
    "cares_for_dependent_child",
    "left_behind",
)
HEALTH = (
    "dementia",
    "cannot_speak_or_hear",
    "disability_grade",
    "serious_illness",
    "illness",
    "illness_evidence",
    "illness_words",
    "past_illnesses",
)
DISABILITY = ("disability_number",)
ECONOMY = ("economy", "monthly_income", "income_source", "family_planning_special", "other")
FACTS = (*LIVING, *HEALTH, *ECONOMY)
ABILITY = ("ability", "score", "assessor", "mismatch_reason")
CONSENT = ("consent", "consent_reason")
SIGNATURES = ("signer", "signed_by", "signed_on", "staff_signed_by", "staff_signed_on")
CARE = ("care", "care_agreed_with")

IMPLIED: dict[str, str] = {
    RegistrationForm.Living.WITH_FAMILY: "able_adult_at_home",
    RegistrationForm.Living.WITH_DEPENDENT_CHILD: "lives_with_dependent_child_long_term",
}
"""What a way of living says by itself where its own question was not answered (contracts.md, *Elders*)."""

SHOWN_WHEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "birth_date": (
        "paper_kind",
        tuple(paper for paper in Elder.Paper.values if paper != Elder.Paper.ID_CARD),
    ),
    "sex": ("paper_kind", tuple(paper for paper in Elder.Paper.values if paper != Elder.Paper.ID_CARD)),
    "assessor": ("ability", tuple(Assessment.Level.values)),
    "mismatch_reason": ("ability", tuple(Assessment.Level.values)),
    "disability_number": ("disability_grade", ("1", "2", "3", "4")),
    "illness": ("serious_illness", ("true",)),
    "illness_evidence": ("serious_illness", ("true",)),
    "illness_words": ("serious_illness", ("true",)),
    "consent_reason": ("consent", (Consent.Kind.REFUSED, Consent.Kind.PHONE_ONLY)),
    "signed_by": ("signer", tuple(Consent.Signer.values)),
    "signed_on": ("signer", tuple(Consent.Signer.values)),
}
"""Which question makes sense only after which answers to another. Script folds the others away; one that says
something is never hidden."""

PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "住在哪里",
        "",
        ("village", "group", "new_group", "household", "number", "address", "another_household"),
    ),
    ("老人是谁", "身份证上有出生日期和性别，填了身份证就不用再填。", (*PERSON, *CONTACT)),
    ("和谁住", "", LIVING),
    (
        "身体",
        "能力评估要有专业机构的评估报告；只填总分，程度会自动对上。",
        (*ABILITY, *HEALTH[:3], *DISABILITY, *HEALTH[3:]),
    ),
    ("经济和身份", "", ECONOMY),
    ("愿不愿意被探访", "", (*CONSENT, *SIGNATURES, "registered_on")),
    ("个性化关爱服务内容", "和老人或家里人约定：来的时候最希望帮什么、注意什么。", CARE),
)
"""The parts of the form on the page: title, note, and the fields in order."""


@dataclass(frozen=True, slots=True)
class Part:
    """One titled part of the form on the page: fields, or a table of lines."""

    title: str
    note: str = ""
    fields: Sequence[forms.BoundField] = ()
    lines: Any = None


def fields_of(model: type[Model], names: Sequence[str]) -> dict[str, forms.Field]:
    return {name: field for name in names if (field := model._meta.get_field(name).formfield())}  # type: ignore[union-attr]


def day_field(label: str, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class RegistrationFields(DoorForm):
    """What a registration says of a person. `form_data` is what the action takes; `kept` are numbers that are on file
    and not shown, masked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept: dict[str, str] = {}
        self.fields |= fields_of(Elder, (*PERSON, *CONTACT, *DISABILITY))
        self.fields |= fields_of(RegistrationForm, FACTS) | fields_of(Consent, SIGNATURES)
        self.fields |= {
            "birth_date": day_field("出生日期", required=False),
            "economy": forms.MultipleChoiceField(
                label="经济情况",
                choices=[*RegistrationForm.Economy.choices, (NO_HELP, "以上都没有")],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="一个都不勾，就当作没有问到。",
            ),
            "ability": forms.ChoiceField(
                label="能力程度", choices=[("", "没有评估"), *Assessment.Level.choices], required=False
            ),
            "score": forms.IntegerField(
                label="能力评分（0—90）",
                required=False,
                min_value=0,
                max_value=90,
                error_messages=dict.fromkeys(
                    ("invalid", "min_value", "max_value"), "能力评分是 0 到 90 的整数，请核对评估报告。"
                ),
            ),
            "assessor": forms.CharField(label="评估人或评估机构", required=False, max_length=60),
            "mismatch_reason": forms.CharField(
                label="评分和程度不一致的说明", required=False, max_length=200
            ),
            "consent": forms.ChoiceField(label="探访意愿", choices=[("", "请选"), *Consent.Kind.choices]),
            "consent_reason": forms.CharField(label="不愿意的原因", required=False, max_length=200),
            "signed_on": day_field("签字日期", required=False),
            "staff_signed_on": day_field("工作人员签字日期", required=False),
            "care": forms.CharField(
                label="关爱服务内容",
                required=False,
                max_length=500,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text="例如：每次来量血压；不要早上来；帮忙取药。",
            ),
            "care_agreed_with": forms.CharField(label="和谁约定的", required=False, max_length=60),
            "registered_on": day_field("登记日期", initial=today, help_text="实际上门登记的那一天。"),
        }
        self._soften()

    def _soften(self) -> None:
        """Nothing is required that may be unknown, and unknown has a name."""
        for name in ("sex", "id_number", *CONTACT, *FACTS, *DISABILITY, *SIGNATURES):
            self.fields[name].required = False
        illness: Any = self.fields["illness"]
        illness.queryset, illness.empty_label = SeriousIllness.objects.filter(active=True), "名录里没有"
        illness.label_from_instance = lambda one: f"{one.name}（{one.evidence}）"
        for name in ("living", "spouse_location", "child_location", "disability_grade"):
            choice: Any = self.fields[name]
            choice.choices = [("", UNKNOWN), *(pick for pick in choice.choices if pick[0] not in ("", None))]
        for name in ("sex", "emergency_sex", "signer"):
            sexes: Any = self.fields[name]
            sexes.choices = [("", "—"), *(pick for pick in sexes.choices if pick[0])]
        for field in self.fields.values():
            field.error_messages["required"] = f"请填“{field.label}”。"
            if isinstance(field, forms.NullBooleanField):
                field.widget.choices = [("unknown", UNKNOWN), ("true", "是"), ("false", "否")]
        for name in ("id_number", "phone", "emergency_phone", *DISABILITY):
            self.fields[name].widget = forms.TextInput()  # encrypted text is a long column, but a short line
        for name, (other, values) in SHOWN_WHEN.items():
            self.fields[name].widget.attrs |= {"data-when": other, "data-is": " ".join(values)}
        self.fields["id_number"].widget.attrs["autocomplete"] = "off"
        self.fields["id_number"].help_text = "用居民身份证登记的必填。"
        self.fields["other"].help_text = "不属于前面各类、但确实困难的，写明情况，由镇里批准。"

    def keep_number(self, name: str, masked: str, otherwise: str = "") -> None:
        """Tell that a number which is not shown stays where its field is left empty."""
        self.kept[name] = masked
        self.fields[name].help_text = f"登记的是 {masked}。不改就空着{otherwise}。"

    def parts(self) -> Iterator[Part]:
        """The page's parts with the fields this form has."""
        for title, note, names in PARTS:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield Part(title, note, fields)

    # Reading

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_paper(said)
        for name in ("phone", "emergency_phone"):
            self._read_phone(said, name)
        if said.get("consent") == Consent.Kind.REFUSED and not said.get("consent_reason"):
            self.add_error("consent_reason", "不愿意被探访的，要写原因。")
        if (said.get("registered_on") or date.min) > today():
            self.add_error("registered_on", "登记日期还没到。请填已经登记的那一天。")
        self._read_ability(said)
        self._read_illness(said)
        self._read_disability(said)
        self._read_signatures(said)
        self._refuse_own_emergency(said)
        self._fill_in(said)
        return said

    def _read_paper(self, said: dict[str, Any]) -> None:
        if said.get("paper_kind") == Elder.Paper.ID_CARD:
            try:
                card = parse_id_number(said.get("id_number") or "", today=today())
            except PaperError as error:
                self.add_error("id_number", str(error))
                return
            said |= {"id_number": card.number, "sex": card.sex, "birth_date": card.birth_date}
        else:
            try:
                said["id_number"] = read_other_paper(said.get("paper_kind") or "", said.get("id_number"))
            except ValueError as error:
                self.add_error("id_number", str(error))
            for name, words in (("birth_date", "出生日期"), ("sex", "性别")):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, f"不是用居民身份证登记的，要填{words}。")
        born = said.get("birth_date")
        if born and not is_birth_date(born, today=today()):
            self.add_error("birth_date", "出生日期不对，请核对证件。")
        self._refuse_known(said)

    def _refuse_known(self, said: dict[str, Any]) -> None:
        """One record a person in the county."""
        index = blind_index("id_number", said.get("id_number") or "")
        others = Elder.objects.filter(id_number_index=index, merged_into=None)
        if isinstance(self.obj, Elder):
            others = others.exclude(pk=self.obj.pk)
        other = others.order_by("status").first() if index else None
        if other is None:
            return
        if not Elder.objects.visible_to(self.request.user).filter(pk=other.pk).exists():
            words = "这个证件号码已经在别的镇登记。请和市民政局核对，不要重复登记。"
        elif other.status == Elder.Status.CLOSED:
            words = f"{other.name}已于 {other.closed_on} 注销（{other.household.place.path}）。要恢复，请打开那份档案点“重新入册”。"
        else:
            place, state = other.household.place.path, other.get_status_display()
            words = f"{other.name}已经登记：{place}，{state}。请在“老人”里查找那份档案，不要重复登记。"
        self.add_error("id_number", words)

    def _read_phone(self, said: dict[str, Any], name: str) -> None:
        if said.get(name):
            try:
                said[name] = parse_phone(said[name])
            except PaperError as error:
                self.add_error(name, str(error))

    def _refuse_own_emergency(self, said: dict[str, Any]) -> None:
        try:
            refuse_own_emergency(said)
        except PersonError as error:
            self.add_error("emergency_name", str(error))

    def _read_ability(self, said: dict[str, Any]) -> None:
        ability, score = said.get("ability"), said.get("score")
        if score is None or not ability or said.get("mismatch_reason"):
            return
        low, high = SCORES[ability]
        if not low <= score <= high:
            label = Assessment.Level(ability).label
            points = f"{low}" if low == high else f"{low}—{high}"
            self.add_error("score", f"“{label}”应是 {points} 分。请改一致；确实不一致的，写明说明。")

    def _read_illness(self, said: dict[str, Any]) -> None:
        named = said.get("illness") or said.get("illness_words")
        if named and said.get("serious_illness") is None:
            said["serious_illness"] = True
        if said.get("illness") and said.get("serious_illness") is False:
            self.add_error("serious_illness", "上面选了“没有重病”，下面又选了病名。请改一致。")
        elif said.get("serious_illness") and not named:
            self.add_error("illness", "有重病的，请按名录选病名；名录里没有的，在“重病说明”里写。")

    def _read_disability(self, said: dict[str, Any]) -> None:
        """The certificate is the holder's own, and its last digit is the grade (domain.md §1: 持有第二代残疾人证)."""
        if not said.get("disability_number"):
            return
        is_card = said.get("paper_kind") == Elder.Paper.ID_CARD and "id_number" not in self.errors
        try:
            paper = parse_disability_number(
                said["disability_number"], id_number=said.get("id_number") or "" if is_card else ""
            )
        except PaperError as error:
            self.add_error("disability_number", f"{error}。")
            return
        said["disability_number"] = paper.number
        grade = said.get("disability_grade")
        if grade is None:
            said["disability_grade"] = paper.grade
        elif grade != paper.grade:
            self.add_error(
                "disability_grade",
                f"残疾人证号码里的等级是{RegistrationForm.Grade(paper.grade).label}（{paper.kind}残疾），"
                f"这里选的是{RegistrationForm.Grade(grade).label}。请对照残疾人证改一致。",
            )

    def _read_signatures(self, said: dict[str, Any]) -> None:
        if said.get("signer") == Consent.Signer.SELF and not said.get("signed_by"):
            said["signed_by"] = said.get("name") or ""
        for name in ("signed_on", "staff_signed_on"):
            if (said.get(name) or date.min) > today():
                self.add_error(name, "签字日期还没到。请填实际签字的那一天。")

    def _fill_in(self, said: dict[str, Any]) -> None:
        """What follows from the answers that were given, where its own question was not answered."""
        picked = said.get("economy") or []
        if NO_HELP in picked and len(picked) > 1:
            self.add_error("economy", "勾了“以上都没有”，就不能再勾别的。")
        said["economy"] = [name for name in picked if name != NO_HELP] if picked else None
        implied = IMPLIED.get(said.get("living") or "")
        if implied and said.get(implied) is None:
            said[implied] = True


def form_data(said: dict[str, Any]) -> FormData:
    """What `register_elder` takes, from a clean form."""
    return FormData(
        registered_on=said["registered_on"],
        person={name: said[name] for name in (*PERSON, *CONTACT, *DISABILITY)},
        facts={name: said[name] for name in FACTS},
        ability=said["ability"],
        score=said["score"],
        assessor=said["assessor"],
        mismatch_reason=said["mismatch_reason"],
        consent=said["consent"],
        consent_reason=said["consent_reason"],
        signatures={name: said[name] for name in SIGNATURES},
        care=said["care"],
        care_agreed_with=said["care_agreed_with"],
        looked_at=[match.as_data for match in said.get("looked_at", ())],
    )
