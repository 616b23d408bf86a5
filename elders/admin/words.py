"""How classes, verdicts and registrations read on a page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.html import format_html

from elders.actions.home_changes import proposed_home
from elders.actions.registration import proposed
from elders.facts import FactBook
from elders.forms import PARTS
from elders.models import ClassOverride, ClassPeriod, Elder, Household, RegistrationForm, RiskClass
from elders.ndjson import verdict_json
from elders.rules import (
    CATEGORY_WORDS,
    COMPANY,
    FACT_WORDS,
    RULE_BY_CODE,
    SUGGESTION_BY_CODE,
    Suggestion,
    Verdict,
    causes_of,
    classify,
)
from visitcare.kit.admin import Facts, Included, Section, Table, badge, day, moment
from visitcare.kit.masking import mask_id_number
from visitcare.policy.models import care_policy

SHAPES = {"A": "▲", "B": "◆", "C": "○"}
"""With a letter and a fill: colour is never alone."""
STATUS_TONES = {
    Elder.Status.ACTIVE: "ok",
    Elder.Status.PAUSED: "mind",
    Elder.Status.SUBMITTED: "wait",
    Elder.Status.APPROVED: "plain",
}
FORM_TONES = {
    RegistrationForm.State.SUBMITTED: "mind",
    RegistrationForm.State.APPROVED: "ok",
    RegistrationForm.State.RETURNED: "bad",
}

OVERRIDE_TONES = {
    ClassOverride.State.PROPOSED: "mind",
    ClassOverride.State.APPROVED: "ok",
    ClassOverride.State.RETURNED: "bad",
}


def class_badge(risk_class: str | None) -> str:
    if not risk_class:
        return badge("没有类别")
    return badge(f"{SHAPES[risk_class]} {risk_class}类", risk_class.lower())


def status_badge(elder: Elder) -> str:
    return badge(elder.get_status_display(), STATUS_TONES.get(Elder.Status(elder.status), "plain"))


def form_badge(form: RegistrationForm) -> str:
    return badge(form.get_state_display(), FORM_TONES.get(RegistrationForm.State(form.state), "plain"))


def override_badge(override: ClassOverride) -> str:
    return badge(
        override.get_state_display(), OVERRIDE_TONES.get(ClassOverride.State(override.state), "plain")
    )


def letter_words(letter: str | None) -> str:
    """As in "A类"."""
    return str(RiskClass(letter).label) if letter else "没有类别"


def why(
    title: str,
    verdict: Mapping[str, Any],
    *,
    note: str = "",
    facts: Sequence[tuple[str, Any]] = (),
    mark: str = "",
    suggestions: Sequence[Suggestion] = (),
    door: str = "",
) -> Included:
    """The card 为什么: every rule of a verdict (as stored), matched or not or short of data, and what would change
    it; `facts` are shown above the table, `mark` (a badge) above these. `suggestions` say where the letter seems too
    mild, `door` is where another class can be proposed."""
    rules = [
        {
            "code": rule["code"],
            "title": RULE_BY_CODE[rule["code"]].title,
            "clause": rule["clause"],
            "state": "hit" if rule["matched"] else "ask" if rule["missing"] else "no",
            "because": rule["because"],
            "missing": "、".join(FACT_WORDS[name] for name in rule["missing"]),
            "change": RULE_BY_CODE[rule["code"]].change,
        }
        for rule in verdict["rules"]
    ]
    categories = "、".join(CATEGORY_WORDS[name] for name in verdict["categories"]) or "不属于任何一类对象"
    context = {
        "rules": rules,
        "facts": [("对象类型", categories), *facts],
        "mark": mark,
        "by_letter": letter_words(verdict["risk_class"]),
        "suggestions": [(letter_words(one.risk_class), one) for one in suggestions],
        "door": door,
    }
    return Included(title, note, include="admin/elders/why.html", it=context)


def why_of_period(
    elder: Elder, period: ClassPeriod, before: ClassPeriod | None = None, door: str = ""
) -> Included:
    """The card of a stored class; `before` is the one it followed, which tells why it changed."""
    facts: list[tuple[str, Any]] = [
        ("类别从", f"{day(period.starts_on)}起" + (f"，到{day(period.ends_on)}" if period.ends_on else "")),
        ("资料截至", period.judged_on),
        ("按哪版政策", f"{day(period.policy_version)}版"),
        ("镇里确认", period.acknowledged_by or "还没有确认"),
    ]
    if before:
        facts.insert(1, ("为什么变", cause_words(period, before)))
    note = ""
    if period.override:
        facts += override_facts(period.override)
        note = f"手工调整成{period.get_risk_class_display()}；系统判定是{letter_words(period.computed_class)}，下面是系统判定的依据。"
    return why(
        f"{elder.name}为什么是{period.get_risk_class_display()}",
        period.verdict,
        note=note,
        facts=facts,
        suggestions=[SUGGESTION_BY_CODE[code] for code in period.suggestions],
        door=door,
    )


def override_facts(override: ClassOverride) -> list[tuple[str, Any]]:
    """Everything about a manual adjustment, as far as it has come."""
    facts: list[tuple[str, Any]] = [
        ("手工调整为", override.get_risk_class_display()),
        ("提出时系统判定", override.get_computed_class_display()),
        ("调整理由", override.reason),
        ("提出人", _who_and_when(override.proposed_by, override.proposed_at)),
    ]
    if override.state == ClassOverride.State.RETURNED:
        return [
            *facts,
            ("退回人", _who_and_when(override.decided_by, override.decided_at)),
            ("退回原因", override.decision_reason),
        ]
    if override.starts_on:
        facts += [
            ("批准人", _who_and_when(override.decided_by, override.decided_at)),
            ("调整从", f"{day(override.starts_on)}起"),
        ]
    if override.state in ClassOverride.OPEN:
        facts.append(("复核日期", day(override.review_on)))
    if override.review_reason:
        facts.append(("上次复核", override.review_reason))
    if override.state == ClassOverride.State.ENDED:
        facts += [
            ("结束", f"到{day(override.ended_on)}" if override.ended_on else "没有批准"),
            ("结束人", _who_and_when(override.ended_by, override.ended_at)),
            ("结束原因", override.end_reason),
        ]
    return facts


def _who_and_when(who: Any, when: Any) -> str:
    return format_html("{}，{}", who, moment(when)) if who else "—"


def cause_words(period: ClassPeriod, before: ClassPeriod | None) -> str:
    """Why a class followed another one."""
    if before is None:
        return "新列入"
    causes: list[str] = []
    if period.override_id != before.override_id:
        if before.override:
            causes.append(f"手工调整结束：{before.override.end_reason}")
        if period.override:
            causes.append(f"手工调整：{period.override.reason}")
    if not causes or period.codes != before.codes:
        causes += _causes_by_name(period, before)
    return "；".join(causes) or "资料有更正"


def _causes_by_name(period: ClassPeriod, before: ClassPeriod) -> list[str]:
    """The engine's causes; who has left the household is called by name."""
    causes = causes_of(before.verdict, period.verdict)
    left = [
        f"同住的{one.name}{one.get_close_reason_display()}（{day(one.closed_on)}）"
        for one in period.elder.household.elders.all()
        if one.closed_on and before.judged_on <= one.closed_on <= period.judged_on
    ]
    if not left:
        return causes
    return [words for cause in causes for words in (left if cause.startswith(COMPANY) else [cause])]


def judge(elder: Elder, on: date, pending: RegistrationForm | None = None) -> Verdict | None:
    """The verdict on what is known on a day, as if `pending` were approved; None when no form is."""
    book = FactBook([elder.household_id])
    if elder.pk not in book.people:
        return None
    if pending is not None:
        book.suppose(pending)
        if (data := proposed(pending)) and data.ability:
            book.people[elder.pk].assessments.add(pending.registered_on, data.ability)
        home = proposed_home(pending)
        for one in home.members if home else ():
            if one.member is None and one.said.get("lives_here") and one.said.get("birth_date"):
                book.suppose_member(elder.household_id, one.said["birth_date"], one.said.get("health", ""))
    if not book.people[elder.pk].forms.days:
        return None
    return classify(book.facts(elder.pk, on), care_policy(on))


def why_now(title: str, verdict: Verdict, *, note: str = "", mark: str = "") -> Included:
    """The same card for a verdict that is not stored."""
    return why(title, verdict_json(verdict), note=note, mark=mark)


def form_facts(form: RegistrationForm) -> list[Facts]:
    """Annex 3's facts of one form, part by part."""
    parts = []
    for title, _, names in PARTS:
        named = [name for name in names if hasattr(form, name) and name != "registered_on"]
        if named:
            parts.append(Facts(title, rows=[(_label(form, name), _value(form, name)) for name in named]))
    return parts


def _label(form: RegistrationForm, name: str) -> str:
    return str(form._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _value(form: RegistrationForm, name: str) -> Any:
    value = getattr(form, name)
    if name.startswith("illness") and not value and form.serious_illness is False:
        return "无"
    if value is None:
        return None
    if isinstance(value, bool):
        return yes_no(value)
    if name == "economy":
        labels = dict(RegistrationForm.Economy.choices)
        return "、".join(str(labels[item]) for item in value) or "都没有"
    if hasattr(form, f"get_{name}_display"):
        return getattr(form, f"get_{name}_display")()
    if name == "other" and not value:  # unknown is None, not empty
        return "无"
    return None if value == "" else value


def home_sections(household: Household) -> Iterator[Section]:
    """Parts 2 to 4 of annex 3, which the elders of a household share."""
    yield Table(
        "家庭成员",
        heads=("姓名", "关系", "性别", "证件号码", "健康状况", "同住", "经常探访"),
        rows=[
            (
                member.name,
                member.relation,
                member.get_sex_display(),
                mask_id_number(member.id_number),
                member.health,
                yes_no(member.lives_here),
                yes_no(member.visits_often),
            )
            for member in household.members.order_by("name")
        ],
        empty="没有登记家庭成员。",
    )
    items = [
        f"{item.name} {'金额没有填' if item.monthly_amount is None else f'{item.monthly_amount:,.2f} 元'}"
        for item in household.assistance.all()
    ]
    yield Facts(
        "家庭条件",
        rows=[
            ("饮水是否安全", yes_no(household.water_safe)),
            ("生活用电是否安全", yes_no(household.power_safe)),
            ("住房是否安全", yes_no(household.housing_safe)),
            ("家庭环境适老化情况", household.age_friendly),
            ("有领取养老保险", _pension(household)),
            ("社会救助和福利补贴", "；".join(items) or yes_no(household.has_assistance)),
        ],
    )
    bodies = household.helping_bodies
    labels = dict(Household.HelpingBody.choices)
    yield Facts(
        "已享受帮扶情况",
        rows=[
            (
                "开展帮扶单位（组织）",
                None if bodies is None else "、".join(str(labels[one]) for one in bodies) or "没有帮扶",
            ),
            ("其他帮扶单位", household.helping_other or "—"),
            ("帮扶责任人", household.help_responsible),
            ("帮扶措施", household.help_measures),
        ],
    )


def _pension(household: Household) -> str | None:
    if household.has_pension and household.pension_monthly is not None:
        return f"每月 {household.pension_monthly:,.2f} 元"
    return yes_no(household.has_pension)


def yes_no(value: bool | None) -> str | None:
    return None if value is None else "是" if value else "否"


def signed_words(name: str, who: str, on: date | None) -> str:
    """As in "施汉清（本人）2026年7月6日"."""
    if not name and not on:
        return "—"
    return f"{name}{f'（{who}）' if who else ''}{day(on) if on else ''}"
