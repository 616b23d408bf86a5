"""Annex 3 as the town types it in: everything may be unknown but who, where, when and the wish to be visited."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, Q

from elders.actions import FormData
from elders.models import Assessment, Consent, Elder, Household, RegistrationForm
from elders.rules import SCORES
from visitcare.kit.admin import DoorForm
from visitcare.kit.cells import group_name
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import MAX_AGE, PaperError, age_on, parse_id_number, parse_phone
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.kit.weeks import today
from visitcare.org.models import Division
from visitcare.org.roles import Right

UNKNOWN = "没有问到"
NO_HELP = "none"
NONE = "无"
MOST_TOLD = 5
MOST_OF_PAPER = 40

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
    "illness_words",
    "past_illnesses",
)
ECONOMY = ("economy", "monthly_income", "income_source", "family_planning_special", "other")
HOME = ("water_safe", "power_safe", "housing_safe", "age_friendly")
FACTS = (*LIVING, *HEALTH, *ECONOMY, *HOME)
ABILITY = ("ability", "score", "assessor", "mismatch_reason")
CONSENT = ("consent", "consent_reason", "signed_by")

IMPLIED: dict[str, str] = {
    RegistrationForm.Living.WITH_FAMILY: "able_adult_at_home",
    RegistrationForm.Living.WITH_DEPENDENT_CHILD: "lives_with_dependent_child_long_term",
}
"""What a way of living says by itself where its own question was not answered (contracts.md, *Elders*)."""

PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "住在哪里",
        "",
        ("village", "group", "new_group", "household", "number", "address", "another_household"),
    ),
    ("老人是谁", "身份证上有出生日期和性别，填了身份证就不用再填。", (*PERSON, *CONTACT)),
    ("和谁住", "", LIVING),
    ("身体", "能力评估要有专业机构的评估报告；只填总分，程度会自动对上。", (*ABILITY, *HEALTH)),
    ("经济和身份", "", ECONOMY),
    ("家里安全", "", HOME),
    ("愿不愿意被探访", "", (*CONSENT, "registered_on")),
)
"""The parts of the form on the page: title, note, and the fields in order."""


def _fields_of(model: type[Model], names: Sequence[str]) -> dict[str, forms.Field]:
    return {name: field for name in names if (field := model._meta.get_field(name).formfield())}  # type: ignore[union-attr]


def day_field(label: str, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class RegistrationFields(DoorForm):
    """What a registration says of a person. `form_data` is what the action takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _fields_of(Elder, (*PERSON, *CONTACT)) | _fields_of(RegistrationForm, FACTS)
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
            "signed_by": forms.CharField(label="签字人", required=False, max_length=60),
            "registered_on": day_field("登记日期", initial=today, help_text="实际上门登记的那一天。"),
        }
        self._soften()

    def _soften(self) -> None:
        """Nothing is required that may be unknown, and unknown has a name."""
        for name in ("sex", "id_number", *CONTACT, *FACTS):
            self.fields[name].required = False
        for name in ("living", "spouse_location", "child_location", "disability_grade"):
            choice: Any = self.fields[name]
            choice.choices = [("", UNKNOWN), *(pick for pick in choice.choices if pick[0] not in ("", None))]
        for name in ("sex", "emergency_sex"):
            sexes: Any = self.fields[name]
            sexes.choices = [("", "—"), *(pick for pick in sexes.choices if pick[0])]
        for field in self.fields.values():
            field.error_messages["required"] = f"请填“{field.label}”。"
            if isinstance(field, forms.NullBooleanField):
                field.widget.choices = [("unknown", UNKNOWN), ("true", "是"), ("false", "否")]
            elif isinstance(
                field.widget, forms.Textarea
            ):  # encrypted text is a long column, but a short line
                field.widget = forms.TextInput()
        self.fields["id_number"].widget.attrs["autocomplete"] = "off"
        self.fields["id_number"].help_text = "用居民身份证登记的必填。"
        self.fields["other"].help_text = "不属于前面各类、但确实困难的，写明情况，由镇里批准。"

    def parts(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        """The page's parts with the fields this form has."""
        for title, note, names in PARTS:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield title, note, fields

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
            number = "".join((said.get("id_number") or "").split()).upper()
            said["id_number"] = number = "" if number == NONE else number
            if number and said.get("paper_kind") == Elder.Paper.NONE:
                self.add_error("id_number", "选了“无证件”，号码就要空着；有证件的，请改证件类型。")
            elif len(number) > MOST_OF_PAPER:
                self.add_error("id_number", f"证件号码太长了，最多 {MOST_OF_PAPER} 位。请核对证件。")
            for name, words in (("birth_date", "出生日期"), ("sex", "性别")):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, f"不是用居民身份证登记的，要填{words}。")
        born = said.get("birth_date")
        if born and not (born <= today() and age_on(born, today()) <= MAX_AGE):
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

    def _read_ability(self, said: dict[str, Any]) -> None:
        ability, score = said.get("ability"), said.get("score")
        if score is None or not ability or said.get("mismatch_reason"):
            return
        low, high = SCORES[ability]
        if not low <= score <= high:
            label = Assessment.Level(ability).label
            points = f"{low}" if low == high else f"{low}—{high}"
            self.add_error("score", f"“{label}”应是 {points} 分。请改一致；确实不一致的，写明说明。")

    def _fill_in(self, said: dict[str, Any]) -> None:
        """What follows from the answers that were given, where its own question was not answered."""
        picked = said.get("economy") or []
        if NO_HELP in picked and len(picked) > 1:
            self.add_error("economy", "勾了“以上都没有”，就不能再勾别的。")
        said["economy"] = [name for name in picked if name != NO_HELP] if picked else None
        if said.get("illness_words") and said.get("serious_illness") is None:
            said["serious_illness"] = True
        implied = IMPLIED.get(said.get("living") or "")
        if implied and said.get(implied) is None:
            said[implied] = True


def form_data(said: dict[str, Any]) -> FormData:
    """What `register_elder` takes, from a clean form."""
    return FormData(
        registered_on=said["registered_on"],
        person={name: said[name] for name in (*PERSON, *CONTACT)},
        facts={name: said[name] for name in FACTS},
        ability=said["ability"],
        score=said["score"],
        assessor=said["assessor"],
        mismatch_reason=said["mismatch_reason"],
        consent=said["consent"],
        consent_reason=said["consent_reason"],
        signed_by=said["signed_by"],
    )


class NewElderForm(RegistrationFields):
    """A new elder, in a new household or in one that is known by its number."""

    NEW, KNOWN = "new", "known"

    village = forms.ModelChoiceField(label="村（居）", queryset=Division.objects.none(), empty_label="请选")
    group = forms.CharField(
        label="村民小组", required=False, max_length=20, help_text="写 3、3组、第3组都行。"
    )
    new_group = forms.BooleanField(label="村里还没有这个小组，先建起来", required=False)
    household = forms.ChoiceField(
        label="户",
        choices=[(NEW, "新建一户"), (KNOWN, "已有的户（填户编号、地址，或这户一位老人的姓名）")],
        initial=NEW,
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        label="户编号", required=False, max_length=40, help_text="已有的户，也可以写地址或一位老人的姓名。"
    )
    address = forms.CharField(label="居住地址", required=False, max_length=200)
    another_household = forms.BooleanField(label="同一个地址，确实是另一户", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        areas = user.areas_with(Right.REGISTER_ELDER)
        villages = Division.objects.visible_to(user).at(Division.Level.VILLAGE).filter(active=True)
        within = [code for code in villages.values_list("code", flat=True) if code.startswith(tuple(areas))]
        village: Any = self.fields["village"]
        village.queryset = villages.filter(code__in=within)
        village.label_from_instance = lambda division: division.path

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        village = said.get("village")
        if village is None:
            return said
        self._read_group(said, village)
        if said.get("household") == self.KNOWN:
            try:
                said["known"] = find_household(village, (said.get("number") or "").strip())
            except ValueError as error:
                self.add_error("number", str(error))
        else:
            self._refuse_same_household(said, village)
        return said

    def _read_group(self, said: dict[str, Any], village: Division) -> None:
        """A slip of the finger makes no group: nobody would be responsible for it."""
        typed = said.get("group") or ""
        names = list(village.children.filter(active=True).values_list("name", flat=True))
        if typed and not said.get("new_group") and group_name(typed) not in names:
            known = f"现有：{'、'.join(names)}。" if names else "现在一个小组也没有。"
            self.add_error(
                "group",
                f"{village.name}没有“{typed}”。{known}写错了请改；确实是新的小组，请勾选“先建起来”。",
            )

    def _refuse_same_household(self, said: dict[str, Any], village: Division) -> None:
        number, address = (said.get("number") or "").strip(), (said.get("address") or "").strip()
        here = Household.objects.filter(village_code=village.code).select_related("place")
        if number and (known := here.filter(number=number).first()):
            self.add_error(
                "number",
                f"{village.name}已经有户编号 {number}（{_household_words(known)}）。"
                "登记到这一户，请选“已有的户”；不是这一户，请换一个编号。",
            )
        elif (
            address and not said.get("another_household") and (known := here.filter(address=address).first())
        ):
            self.add_error(
                "address",
                f"这个地址已经有一户：{_household_words(known)}。是同一户，请选“已有的户”；"
                "确实是另一户，请勾选“同一个地址，确实是另一户”。",
            )


def find_household(village: Division, typed: str) -> Household:
    """The one household of a village that is meant by its number, its address or one of its elders."""
    if not typed:
        raise ValueError("请填这户的户编号、地址，或这户一位老人的姓名。")
    here = Household.objects.filter(village_code=village.code).select_related("place")
    found = list(here.filter(number=typed)) or list(
        here.filter(Q(address=typed) | Q(elders__name=typed))
        .order_by("place", "address", "pk")
        .distinct()[:MOST_TOLD]
    )
    if not found:
        raise ValueError(f"{village.name}没有户编号、地址或老人是“{typed}”的户。请核对，或者选“新建一户”。")
    if len(found) > 1:
        several = "；".join(_household_words(one) for one in found)
        raise ValueError(f"{village.name}有好几户是“{typed}”：{several}。请填户编号或地址。")
    return found[0]


def _household_words(household: Household) -> str:
    """As in "1组8号，王德明、李秀英"."""
    names = "、".join(household.elders.order_by("birth_date").values_list("name", flat=True))
    return "，".join(filter(None, (household.address or household.number or household.place.name, names)))


class CohabitantForm(RegistrationFields):
    """One more elder of a household that is open on the desk."""


class NewVersionForm(RegistrationFields):
    """A new dated version of a known elder's form, beginning from what is known now. Numbers are not shown here, where
    nobody asks why they are looked at: left empty they stay."""

    MASKS: ClassVar = {"id_number": mask_id_number, "phone": mask_phone, "emergency_phone": mask_phone}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        elder = self.obj
        self.initial = {name: getattr(elder, name) for name in (*PERSON, *CONTACT) if name not in self.MASKS}
        for name, mask in self.MASKS.items():
            if number := getattr(elder, name):
                gone = "不是他的，换了证件类型写" if name == "id_number" else "没有了，写"
                self.fields[name].help_text = f"登记的是 {mask(number)}。不改就空着；{gone}“{NONE}”。"
        form = elder.forms.filter(state=RegistrationForm.State.APPROVED).first() or elder.forms.first()
        if form:
            self.initial |= {name: getattr(form, name) for name in FACTS}
            if form.economy is not None:
                self.initial["economy"] = form.economy or [NO_HELP]
        assessment, consent = elder.assessments.first(), elder.consents.first()
        if assessment:
            self.initial |= {
                "ability": assessment.level,
                "score": assessment.score,
                "assessor": assessment.assessor,
            }
            self.initial["mismatch_reason"] = assessment.mismatch_reason
        if consent:
            self.initial |= {
                "consent": consent.kind,
                "consent_reason": consent.reason,
                "signed_by": consent.signed_by,
            }

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        has_paper = said.get("paper_kind") != Elder.Paper.NONE
        for name in self.MASKS:
            if said.get(name) == NONE:
                said[name] = ""
            elif not said.get(name) and (has_paper or name != "id_number"):
                said[name] = getattr(self.obj, name)
        return super().clean()
