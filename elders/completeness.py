"""What is still missing for 一户一档 to be complete: annex 3 box by box, asked of the database in one expression, so that a
page, a list and a filter can never disagree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import Exact

from elders.models import (
    Assessment,
    AssistanceItem,
    CarePlan,
    Consent,
    Elder,
    HouseholdMember,
    RegistrationForm,
)
from visitcare.org.models import Division

CODES = ArrayField(TextField())
Location, Living = RegistrationForm.Location, RegistrationForm.Living


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing a file can lack: `code` in the database, `words` for people, `of_home` whether it is the household's."""

    code: str
    words: str
    of_home: bool = False


Gaps = Sequence[tuple[Gap, Q]]


def _unknown(*named: tuple[str, str], of_home: bool = False) -> Gaps:
    path = "household__" if of_home else ""
    return [(Gap(name, words, of_home), Q(**{f"{path}{name}__isnull": True})) for name, words in named]


def _empty(*named: tuple[str, str], of_home: bool = False) -> Gaps:
    path = "household__" if of_home else ""
    return [(Gap(name, words, of_home), Q(**{f"{path}{name}": ""})) for name, words in named]


def _sealed_empty(path: str) -> Q:
    """What is encrypted cannot be compared, but that there is nothing shows."""
    return Q(Exact(Length(path), 0))


_HAS_CHILDREN = Q(living__in=[Living.WITH_FAMILY, Living.WITH_DEPENDENT_CHILD]) | Q(
    child_location__in=[Location.SAME_HOME, Location.SAME_COUNTY, Location.ELSEWHERE]
)
_NO_MEMBERS = ~Exists(HouseholdMember.objects.filter(household=OuterRef("elder__household")))
_NO_AMOUNT = Exists(AssistanceItem.objects.filter(household=OuterRef("household"), monthly_amount=None))

OF_ELDER: Gaps = [
    (Gap("paper", "证件号码"), Q(id_number_index=None) & ~Q(paper_kind=Elder.Paper.NONE)),
    (Gap("phone", "电话（本人或紧急联系人）"), _sealed_empty("phone") & _sealed_empty("emergency_phone")),
    *_empty(("emergency_name", "紧急联系人"), ("hukou_address", "户籍地址")),
    *_empty(("address", "居住地址"), ("age_friendly", "适老化情况"), of_home=True),
    (Gap("group", "村民小组", of_home=True), Q(household__place__level=Division.Level.VILLAGE)),
    *_unknown(
        ("water_safe", "饮水"), ("power_safe", "用电"), ("housing_safe", "住房"), ("has_pension", "有没有养老保险"),
        ("has_assistance", "有没有享受救助和补贴"), ("helping_bodies", "帮扶单位"), of_home=True,
    ),
    *_empty(("help_responsible", "帮扶责任人"), ("help_measures", "帮扶措施"), of_home=True),
    (
        Gap("pension_monthly", "养老保险金额", of_home=True),
        Q(household__has_pension=True, household__pension_monthly=None),
    ),
    (Gap("assistance_amount", "补贴金额", of_home=True), Q(_NO_AMOUNT)),
    (Gap("assessment", "能力评估"), Q(~Exists(Assessment.objects.filter(elder=OuterRef("pk"))))),
]  # fmt: skip
_OF_RECORD = reduce(or_, (condition for _, condition in OF_ELDER))
"""What the record itself lacks answers most questions about whole files before their other papers are looked up."""
OF_FORM: Gaps = [
    *_empty(("living", "居住状况"), ("spouse_location", "配偶居住地"), ("child_location", "子女居住地")),
    *_unknown(
        ("dementia", "失智"), ("disability_grade", "残疾等级"), ("serious_illness", "重病"), ("economy", "经济情况"),
        ("monthly_income", "月可支配收入"), ("family_planning_special", "计划生育特殊家庭"), ("left_behind", "农村留守"),
    ),
    *_empty(("past_illnesses", "曾患病史"), ("income_source", "经济来源")),
    (Gap("illness", "重病病名和凭证"), Q(serious_illness=True) & (Q(illness=None) | Q(illness_evidence=""))),
    (Gap("disability_number", "残疾人证号码"), Q(disability_grade__gte=1) & _sealed_empty("elder__disability_number")),
    (Gap("members", "家庭成员", of_home=True), _HAS_CHILDREN & Q(_NO_MEMBERS)),
]  # fmt: skip
OF_CONSENT: Gaps = [
    (Gap("signature", "本人或家属签字"), Q(signed_by="") | Q(signed_on=None)),
    (Gap("staff_signature", "工作人员签字"), Q(staff_signed_by="") | Q(staff_signed_on=None)),
    (
        Gap("care", "关爱服务内容"),
        ~Q(kind=Consent.Kind.REFUSED) & Q(~Exists(CarePlan.objects.filter(elder=OuterRef("elder")))),
    ),
]
NO_FORM, NO_CONSENT = Gap("form", "登记表"), Gap("consent", "探访意愿")
GAPS = {
    gap.code: gap for gap in (NO_FORM, NO_CONSENT, *(gap for gap, _ in (*OF_ELDER, *OF_FORM, *OF_CONSENT)))
}


class _Codes(Func):
    template = "array_remove(ARRAY[%(expressions)s]::text[], NULL)"
    output_field = CODES


class _Joined(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = CODES


def with_gaps(elders: "QuerySet[Elder]") -> "QuerySet[Elder]":
    """The elders with `gaps`, the codes of what their files lack, by the latest approved form (else the latest)."""
    forms = RegistrationForm.objects.filter(elder=OuterRef("pk")).order_by(
        Case(When(state=RegistrationForm.State.APPROVED, then=0), default=1), "-registered_on"
    )
    consents = Consent.objects.filter(elder=OuterRef("pk")).by_signature()
    return elders.annotate(
        gaps=_Joined(
            _codes(OF_ELDER),
            _of_latest(forms, OF_FORM, NO_FORM),
            _of_latest(consents, OF_CONSENT, NO_CONSENT),
        )
    )


def with_short_files(elders: "QuerySet[Elder]") -> "QuerySet[Elder]":
    """Those whose file lacks something."""
    return with_gaps(elders).filter(_OF_RECORD | ~Q(gaps=[]))


def with_whole_files(elders: "QuerySet[Elder]") -> "QuerySet[Elder]":
    return with_gaps(elders).filter(~_OF_RECORD, gaps=[])  # type: ignore[misc]


def words_of(codes: Iterable[str]) -> str:
    return "、".join(GAPS[code].words for code in codes)


def _codes(gaps: Gaps) -> _Codes:
    return _Codes(
        *(Case(When(condition, then=Value(gap.code)), output_field=CharField()) for gap, condition in gaps)
    )


def _of_latest(rows: "QuerySet", gaps: Gaps, none: Gap) -> Coalesce:
    """What the first of some rows lacks; without one, that there is none."""
    lacking = rows.annotate(gaps=_codes(gaps)).values("gaps")[:1]
    return Coalesce(Subquery(lacking), Value([none.code], output_field=CODES))
