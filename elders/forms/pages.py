"""The forms about an elder: somebody new, one more of a household, a new version of what is known."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import Q, QuerySet

from elders.forms.answers import (
    ABILITY,
    CARE,
    CONTACT,
    FACTS,
    NO_HELP,
    PERSON,
    SIGNATURES,
    Part,
    RegistrationFields,
)
from elders.forms.apart import SetsApart
from elders.forms.home import HomeFields
from elders.forms.meeting import KnowsWhatWasSeen
from elders.models import (
    Assessment,
    AssistanceItem,
    CarePlan,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    RegistrationForm,
)
from elders.people import NONE
from visitcare.audit.history import former
from visitcare.kit.cells import group_name
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.org.models import Division
from visitcare.org.roles import Right

MOST_TOLD = 5


class NewElderForm(HomeFields, SetsApart):
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

    def parts(self) -> Iterator[Part]:
        yield from super().parts()
        yield from self.home_parts()

    def set_apart(self, said: dict[str, Any]) -> None:
        village = said.get("village")
        if village is not None:
            self._read_group(said, village)
            if said.get("household") == self.KNOWN:
                try:
                    said["known"] = find_household(village, (said.get("number") or "").strip())
                except ValueError as error:
                    self.add_error("number", str(error))
            else:
                self._refuse_same_household(said, village)
        super().set_apart(said)

    def place_code(self, said: dict[str, Any]) -> str:
        return said["village"].code if said.get("village") else ""

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
                f"{village.name}已经有户编号 {number}（{household_words(known)}）。"
                "登记到这一户，请选“已有的户”；不是这一户，请换一个编号。",
            )
        elif (
            address and not said.get("another_household") and (known := here.filter(address=address).first())
        ):
            self.add_error(
                "address",
                f"这个地址已经有一户：{household_words(known)}。是同一户，请选“已有的户”；"
                "确实是另一户，请勾选“同一个地址，确实是另一户”。",
            )


def find_household(village: Division, typed: str) -> Household:
    """The one household of a village that is meant by its number, its address or one of its elders. Raise ValueError
    (Chinese) where it is none or several."""
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
        several = "；".join(household_words(one) for one in found)
        raise ValueError(f"{village.name}有好几户是“{typed}”：{several}。请填户编号或地址。")
    return found[0]


def household_words(household: Household) -> str:
    """As in "1组8号，王德明、李秀英"."""
    names = "、".join(household.elders.order_by("birth_date").values_list("name", flat=True))
    return "，".join(filter(None, (household.address or household.number or household.place.name, names)))


class CohabitantForm(SetsApart):
    """One more elder of a household that is open on the desk."""

    @property
    def household_known(self) -> Household:
        return cast(Household, self.obj)


class NewVersionForm(KnowsWhatWasSeen, RegistrationFields):
    """A new dated version of a known elder's form, beginning from what is known now. Numbers are not shown here, where
    nobody asks why they are looked at: left empty they stay."""

    MASKS: ClassVar = {
        "id_number": mask_id_number,
        "phone": mask_phone,
        "emergency_phone": mask_phone,
        "disability_number": mask_id_number,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, **self._known()}
        for name, mask in self.MASKS.items():
            if number := self.number(name):
                gone = "不是他的，换了证件类型写" if name == "id_number" else "没有了，写"
                self.keep_number(name, mask(number), f"；{gone}“{NONE}”")

    def _known(self) -> dict[str, Any]:
        """What is known now, by field."""
        elder = self.obj
        known = {name: getattr(elder, name) for name in (*PERSON, *CONTACT) if name not in self.MASKS}
        if form := self.version():
            known |= {name: getattr(form, name) for name in FACTS}
            if form.economy is not None:
                known["economy"] = form.economy or [NO_HELP]
        if assessment := elder.assessments.first():
            known["ability"] = assessment.level
            known |= {name: getattr(assessment, name) for name in ABILITY[1:]}
        if consent := elder.consents.first():
            known |= {"consent": consent.kind, "consent_reason": consent.reason}
            known |= {name: getattr(consent, name) for name in SIGNATURES}
        if plan := elder.care_plans.first():
            known |= dict(zip(CARE, (plan.content, plan.agreed_with), strict=True))
        return known

    def number(self, name: str) -> str:
        """A number that is not shown, and stays where its field is left empty."""
        return str(getattr(self.obj, name))

    def version(self) -> RegistrationForm | None:
        """The form to begin from."""
        approved = self.obj.forms.filter(state=RegistrationForm.State.APPROVED).first()
        return approved or self.obj.forms.first()

    def file(self) -> list["QuerySet[Any]"]:
        parts = (former(model, elder=self.obj) for model in (RegistrationForm, Assessment, Consent, CarePlan))
        return [self.obj.history.all(), *parts]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        has_paper = said.get("paper_kind") != Elder.Paper.NONE
        for name in self.MASKS:
            if said.get(name) == NONE:
                said[name] = ""
            elif not said.get(name) and (has_paper or name != "id_number"):
                said[name] = self.number(name)
        return super().clean()


class HomeForm(KnowsWhatWasSeen, HomeFields):
    """A known household, beginning from what is known now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.home = kwargs["obj"]
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, **self.begin_from(self.obj)}

    def file(self) -> list["QuerySet[Any]"]:
        parts = (former(model, household=self.obj) for model in (HouseholdMember, AssistanceItem))
        return [self.obj.history.all(), *parts]

    def parts(self) -> Iterator[Part]:
        return self.home_parts()
