"""特殊困难老年人信息登记表 (annex 3) on paper: what stands in each box, in the form's own wording."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Prefetch

from elders.facts import FactBook
from elders.models import Assessment, CarePlan, Consent, Elder, Household, HouseholdMember, RegistrationForm
from elders.rules import classify
from visitcare.kit.weeks import today
from visitcare.org.models import Division
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy

LEAST_MEMBERS = 4
"""Rows for the family on the paper."""
Box = tuple[str, bool]
_OFFICE = re.compile("(村|社区)?居?民?委(员)?会$")
"""What a village's office is called, and its people do not say: 城北村委会 is 城北村."""

ABILITIES: Sequence[tuple[str, frozenset[str]]] = (
    ("能力完好", frozenset({Assessment.Level.INTACT})),
    ("轻度失能", frozenset({Assessment.Level.MILD})),
    ("中度失能", frozenset({Assessment.Level.MODERATE})),
    ("重度失能", frozenset({Assessment.Level.SEVERE, Assessment.Level.TOTAL})),
)
ECONOMIES: Sequence[tuple[str, frozenset[str]]] = (
    ("特困人员", frozenset({RegistrationForm.Economy.DESTITUTE})),
    ("低保、低保边缘", frozenset({RegistrationForm.Economy.ALLOWANCE, RegistrationForm.Economy.MARGINAL})),
    ("居民养老保险", frozenset({RegistrationForm.Economy.RESIDENT_PENSION})),
    ("企业养老保险", frozenset({RegistrationForm.Economy.ENTERPRISE_PENSION})),
    ("机关、事业单位退休", frozenset({RegistrationForm.Economy.PUBLIC_PENSION})),
)
CATEGORIES: Sequence[tuple[str, frozenset[str]]] = (
    ("独居老人", frozenset({"living_alone"})),
    ("空巢老人", frozenset({"empty_nest"})),
    ("留守老人", frozenset({"left_behind"})),
    ("失能（失智）老人", frozenset({"disabled"})),
    ("高龄老人", frozenset({"advanced_age"})),
    ("重残老人", frozenset({"severe_disability"})),
    ("分散供养特困老年人", frozenset({"dispersed_destitute"})),
    ("计划生育特殊家庭老年人", frozenset({"family_planning_special"})),
    ("长期与无生活自理能力子女共同居住老年人", frozenset({"lives_with_dependent_child"})),
    ("其他对象（请具体说明）", frozenset({"other"})),
)
"""The boxes of the paper in its order, each with what ticks it."""
HELPERS: Sequence[tuple[str, frozenset[str]]] = tuple(
    (str(label), frozenset({value})) for value, label in Household.HelpingBody.choices
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One elder's form, filled in. Lines that nobody knows are empty, boxes unticked."""

    elder: Elder
    form: RegistrationForm | None
    assessment: Assessment | None
    consent: Consent | None
    signed: Consent | None
    """Where the signatures stand: whoever was asked again since need not have signed again."""
    care: CarePlan | None
    categories: Sequence[str]

    @property
    def household(self) -> Household:
        return self.elder.household

    @property
    def residence(self) -> str:
        """County, town, village and group, and the house; an address that names the village is not told it twice."""
        place, address = self.household.place, self.household.address
        village = place.parent if place.level == Division.Level.GROUP and place.parent else place
        if address.startswith(_OFFICE.sub("", village.name)):
            return f"{settings.COUNTY_NAME}{village.path.removesuffix(village.name)}{address}"
        return f"{settings.COUNTY_NAME}{place.path}{address}"

    @property
    def abilities(self) -> list[Box]:
        return _ticked(ABILITIES, {self.assessment.level} if self.assessment else ())

    @property
    def illnesses(self) -> str:
        """What was ever had, and the serious illness and the disability of the file, which have no box of their own."""
        form = self.form
        if form is None:
            return ""
        serious = "，".join(filter(None, (form.illness.name if form.illness else "", form.illness_words)))
        grade = form.get_disability_grade_display() if form.disability_grade else ""
        return "；".join(
            filter(
                None,
                (
                    form.past_illnesses,
                    f"重病：{serious}" if serious else "",
                    f"残疾{grade}" if grade else "",
                    "失智" if form.dementia else "",
                ),
            )
        )

    @property
    def economies(self) -> list[Box]:
        return _ticked(ECONOMIES, (self.form.economy or ()) if self.form else ())

    @property
    def kinds(self) -> list[Box]:
        return _ticked(CATEGORIES, self.categories)

    @property
    def members(self) -> list[HouseholdMember | None]:
        known: list[HouseholdMember | None] = list(self.household.members.all())
        return known + [None] * (LEAST_MEMBERS - len(known))

    @property
    def helpers(self) -> list[Box]:
        return _ticked(HELPERS, self.household.helping_bodies or ())

    @property
    def wishes(self) -> bool:
        return self.consent is not None and self.consent.kind != Consent.Kind.REFUSED

    @property
    def refuses(self) -> bool:
        return self.consent is not None and self.consent.kind == Consent.Kind.REFUSED


def papers(elders: "Iterable[Elder]") -> Iterator[Paper]:
    """The forms of some elders, as their files stand; a fixed number of statements, however many they are."""
    day = today()
    found = list(
        Elder.objects.filter(pk__in=[elder.pk for elder in elders])
        .select_related("household__place__parent")
        .prefetch_related(
            Prefetch("forms", RegistrationForm.objects.select_related("illness").order_by("-registered_on")),
            "assessments",
            "consents",
            Prefetch("consents", Consent.objects.by_signature(), to_attr="consents_by_signature"),
            "care_plans",
            Prefetch("household__members", HouseholdMember.objects.order_by("name")),
            "household__assistance",
        )
        .order_by("household__place", "household__number", "household", "birth_date", "pk")
    )
    book = FactBook({elder.household_id for elder in found})
    policy = care_policy(day)
    for elder in found:
        forms = list(elder.forms.all())
        form = next((one for one in forms if one.state == RegistrationForm.State.APPROVED), None) or next(
            iter(forms), None
        )
        yield Paper(
            elder,
            form,
            next(iter(elder.assessments.all()), None),
            next(iter(elder.consents.all()), None),
            next(iter(elder.consents_by_signature), None),
            next(iter(elder.care_plans.all()), None),
            _categories(book, elder, form, day, policy) if form else (),
        )


def _categories(
    book: FactBook, elder: Elder, form: RegistrationForm, day: date, policy: CarePolicy
) -> Sequence[str]:
    """By the engine, as if the form were approved: what waits for the town is printed for its signature too."""
    if elder.pk not in book.people:  # merged into another file
        return ()
    if form.state != RegistrationForm.State.APPROVED:
        book.suppose(form)
    return classify(book.facts(elder.pk, day), policy).categories


def _ticked(boxes: Sequence[tuple[str, frozenset[str]]], said: Iterable[str]) -> list[Box]:
    chosen = frozenset(said)
    return [(words, bool(by & chosen)) for words, by in boxes]
