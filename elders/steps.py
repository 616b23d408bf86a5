"""The steps in which annex 3 is asked on a phone: which questions stand on one page, and how each is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django import forms
from django.forms.boundfield import BoundField

from elders.facts import FactBook
from elders.forms.answers import RegistrationFields
from elders.forms.home import COMMON_ITEMS
from elders.models import Elder, Household
from elders.rules import FACT_WORDS, classify
from visitcare.kit.identity import PaperError, age_on, parse_id_number
from visitcare.kit.spoken import date_words
from visitcare.kit.weeks import today
from visitcare.policy.models import care_policy


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together; `folded` are those that few people need."""

    title: str
    names: Sequence[str]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One page; `lines` names the table of lines on it."""

    name: str
    title: str
    groups: Sequence[Group] = ()
    lines: str = ""
    note: str = ""

    @property
    def names(self) -> list[str]:
        return [name for group in self.groups for name in group.names]


STEPS = (
    Step(
        "who",
        "是谁",
        (
            Group("", ("id_number", "name", "phone")),
            Group("没有身份证的，点这里", ("paper_kind", "birth_date", "sex"), folded=True),
            Group("有急事找谁", ("emergency_name", "emergency_phone", "emergency_sex")),
            Group("户籍地址和现在住的不一样，点这里", ("hukou_address",), folded=True),
        ),
    ),
    Step(
        "where",
        "住哪里",
        (
            Group("", ("place", "address", "household", "another_household")),
            Group("这家已经有人登记过的，点这里找一找", ("find",), folded=True),
        ),
    ),
    Step(
        "living",
        "和谁住",
        (
            Group("", ("living", "spouse_location", "child_location", "able_adult_at_home")),
            Group(
                "",
                ("lives_with_dependent_child_long_term", "cares_for_dependent_child", "left_behind"),
            ),
        ),
    ),
    Step(
        "body",
        "身体",
        (
            Group(
                "",
                (
                    *("dementia", "cannot_speak_or_hear", "disability_grade", "disability_number"),
                    *("serious_illness", "illness", "illness_evidence", "illness_words", "past_illnesses"),
                ),
            ),
            Group(
                "专业机构做过能力评估的，点这里",
                ("ability", "score", "assessor", "mismatch_reason"),
                folded=True,
            ),
        ),
    ),
    Step(
        "money",
        "经济和身份",
        (
            Group("", ("economy", "monthly_income", "income_source", "family_planning_special")),
            Group("不属于前面各类、但确实困难的，点这里", ("other",), folded=True),
        ),
    ),
    Step("family", "家庭成员", lines="members", note="一位一位写；同住不同住的都写。"),
    Step(
        "home",
        "条件和帮扶",
        (
            Group("", ("water_safe", "power_safe", "housing_safe", "age_friendly")),
            Group("", ("has_pension", "pension_monthly", "has_assistance")),
            Group("", ("helping_bodies", "helping_other", "help_responsible", "help_measures")),
        ),
        lines="items",
    ),
    Step(
        "wish",
        "意愿和签字",
        (
            Group("", ("consent", "consent_reason")),
            Group("", ("signer", "signed_by")),
            Group("来的时候最希望帮什么", ("care", "care_agreed_with")),
            Group(
                "日期和工作人员",
                ("registered_on", "signed_on", "staff_signed_by", "staff_signed_on"),
                folded=True,
            ),
        ),
    ),
)
CHECK = Step("check", "核对")
ALL_STEPS = (*STEPS, CHECK)
BY_NAME = {step.name: step for step in ALL_STEPS}

QUESTIONS = {
    "id_number": "身份证号码",
    "phone": "联系电话（没有就空着）",
    "emergency_name": "紧急联系人姓名",
    "emergency_phone": "紧急联系人电话",
    "emergency_sex": "紧急联系人性别",
    "paper_kind": "用什么证件登记？",
    "find": "户里一位老人的姓名，或者住址",
    "household": "登记到哪一户？",
    "address": "住址（组、门牌）",
    "living": "和谁一起住？",
    "spouse_location": "老伴住在哪里？",
    "child_location": "子女住在哪里？",
    "able_adult_at_home": "家里有没有 60 岁以下、能照料的人？",
    "lives_with_dependent_child_long_term": "是不是长期和不能自理的子女一起住？",
    "cares_for_dependent_child": "是不是长期照料失能、重病的子女？",
    "left_behind": "是不是子女外出半年以上、留守在农村？",
    "dementia": "有没有失智（老年痴呆）？",
    "cannot_speak_or_hear": "是不是不能说话或听不见？",
    "disability_grade": "残疾证是几级？",
    "serious_illness": "有没有重病？",
    "illness": "是哪种重病？",
    "illness_evidence": "凭什么证明？",
    "illness_words": "重病说明（名录里没有的写这里）",
    "past_illnesses": "以前得过什么病",
    "economy": "有下面哪些？（可以选几个）",
    "monthly_income": "每月能用的钱（元）",
    "income_source": "钱从哪里来",
    "family_planning_special": "是不是计划生育特殊家庭？",
    "water_safe": "饮水安全吗？",
    "power_safe": "用电安全吗？",
    "housing_safe": "住房安全吗？",
    "age_friendly": "适合老人住吗（扶手、台阶、厕所）",
    "has_pension": "领不领养老保险？",
    "pension_monthly": "养老保险每月多少元",
    "has_assistance": "领不领社会救助、福利补贴？",
    "helping_bodies": "谁在帮扶这户？（可以选几个）",
    "consent": "愿意定期有人来看望吗？",
    "signer": "谁签字？",
    "signed_by": "签字人姓名（本人签的不用写）",
    "signed_on": "签字日期（空着就是登记那天）",
    "relation": "是户主的什么人",
    "lives_here": "住在一起吗？",
    "visits_often": "经常来看望吗？",
    "gone": "还在这个家吗？",
}
"""What is asked on a phone where the form's own label is an official's word."""
RELATIONS = ("配偶", "儿子", "女儿", "儿媳", "女婿", "孙辈", "兄弟姐妹", "父母", "其他亲属")
NUMBERS = {"phone": "tel", "emergency_phone": "tel", "score": "numeric"} | dict.fromkeys(
    ("monthly_income", "pension_monthly", "monthly_amount"), "decimal"
)
NO_ANSWER = ("—", "请选")
"""An empty choice that is no answer; 没有问到 is one."""
MOST_PICKS = 8
SHORT = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """One question as the template shows it. `kind` is picks, ticks, tick, choose, words or text."""

    field: BoundField
    kind: str
    question: str
    errors: Sequence[str] = ()
    told: str = ""
    options: Sequence[tuple[str, str, bool]] = ()
    wide: bool = False
    input_type: str = "text"
    keys: str = ""

    @property
    def help(self) -> str:
        return str(self.field.help_text)

    @property
    def offers(self) -> Sequence[str]:
        """Words that are typed often."""
        return COMMON_ITEMS if self.field.html_name.startswith("items-") and self.field.name == "name" else ()

    @property
    def when(self) -> str:
        """Which question it depends on, for the script that folds."""
        return str(self.field.field.widget.attrs.get("data-when", ""))

    @property
    def answers(self) -> str:
        return str(self.field.field.widget.attrs.get("data-is", ""))

    @property
    def text(self) -> str:
        value = self.field.value()
        return "" if value is None else str(value)


def ask(bound: BoundField, *, with_errors: bool) -> Ask:
    """How a field of the form is asked."""
    name, asked = bound.name, bound.field
    errors = [str(words) for words in bound.errors] if with_errors else []
    question = QUESTIONS.get(name, str(bound.label))
    options = _options(bound, asked)
    if isinstance(asked, forms.BooleanField) and not isinstance(asked, forms.NullBooleanField):
        return Ask(bound, "tick", question, errors, options=[("on", question, bool(bound.value()))])
    if options:
        several = isinstance(asked, forms.MultipleChoiceField)
        kind = "ticks" if several else "picks" if len(options) <= MOST_PICKS else "choose"
        if kind == "choose":  # whose first option is chosen by itself
            blank = [option for option in options if not option[0]] or [("", "请选", False)]
            options = [*blank, *(option for option in options if option[0])]
        wide = max(len(words) for _, words, _ in options) > SHORT
        return Ask(bound, kind, question, errors, options=options, wide=wide)
    if isinstance(asked.widget, forms.Textarea):
        return Ask(bound, "words", question, errors)
    kind_of_input = "date" if isinstance(asked, forms.DateField) else "text"
    told = told_by(bound.value()) if name == "id_number" and not errors else ""
    keys = NUMBERS.get(name, "")
    return Ask(bound, "text", question, errors, told, input_type=kind_of_input, keys=keys)


def _options(bound: BoundField, asked: forms.Field) -> list[tuple[str, str, bool]]:
    if bound.name == "relation":
        known = bound.value() or ""
        words = [known, *RELATIONS] if known and known not in RELATIONS else list(RELATIONS)
        return [("", "请选", not known), *((word, word, word == known) for word in words)]
    choices = getattr(asked.widget, "choices", None)
    if choices is None:
        return []
    data: Any = bound.form.data
    chosen = set(data.getlist(bound.html_name))
    offered = [(str(value), str(words)) for value, words in choices]
    unknown = [
        (value, words) for value, words in offered if value in ("", "unknown") and words not in NO_ANSWER
    ]
    answers = [(value, words) for value, words in offered if value not in ("", "unknown")]
    return [(value, words, value in chosen) for value, words in (*answers, *unknown)]


def told_by(number: Any) -> str:
    """What an ID number says at once: 女，82 岁，1944年3月2日生."""
    try:
        card = parse_id_number(number or "", today=today())
    except PaperError:
        return ""
    sex = "男" if card.sex == "male" else "女"
    return f"{sex}，{age_on(card.birth_date, today())} 岁，{date_words(card.birth_date, today=today())}生"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    title: str
    asks: Sequence[Ask]
    is_open: bool = True
    folded: bool = False


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a table: `number` from 0, who it is about, the key of whoever is on file, its questions."""

    number: int
    title: str
    member: str
    asks: Sequence[Ask]
    has_errors: bool


def shown_groups(form: RegistrationFields, step: Step, *, with_errors: bool) -> Iterator[ShownGroup]:
    """The questions of a step that this form has."""
    for group in step.groups:
        asks = [ask(form[name], with_errors=with_errors) for name in group.names if is_asked(form, name)]
        if asks:
            said = any(one.errors or _says_something(one) for one in asks)
            yield ShownGroup(group.title, asks, is_open=not group.folded or said, folded=group.folded)


def is_asked(form: RegistrationFields, name: str) -> bool:
    """Whether the form has a question, and reason to ask it."""
    return name in form.fields and not getattr(form.fields[name].widget, "is_needless", False)


def _says_something(asked: Ask) -> bool:
    """Whether a question of a folded group has an answer that is worth seeing."""
    name, value = asked.field.name, asked.field.value()
    usual = {"paper_kind": Elder.Paper.ID_CARD.value, "registered_on": value, "staff_signed_by": value}
    return value not in (None, "", [], "unknown") and value != usual.get(name)


def shown_lines(form: Any, step: Step, *, with_errors: bool) -> list[ShownLine]:
    found = []
    for number, line in enumerate(getattr(form, step.lines).forms):
        known = str(line["member"].value() or "") if "member" in line.fields else ""
        hidden = {"member", "kept_number"} | (set() if known else {"gone"})
        asks = [ask(field, with_errors=with_errors) for field in line if field.name not in hidden]
        title = str(line["name"].value() or "")
        found.append(ShownLine(number, title, known, asks, with_errors and bool(line.errors)))
    return found


def wrong_steps(form: Any) -> dict[str, list[str]]:
    """What is wrong, by the step in which it is mended."""
    wrong: dict[str, list[str]] = {}
    of_field = {name: step.name for step in STEPS for name in step.names} | {"looked_at": "who"}
    for name, errors in form.errors.items():
        for words in map(str, errors):
            step = of_field.get(name, "check")
            if name == "__all__" and words.startswith("家庭成员"):
                step = "family"
            elif name == "__all__" and words.startswith("救助和补贴"):
                step = "home"
            wrong.setdefault(step, []).append(words)
    return wrong


@dataclass(slots=True)
class Outlook:
    """What approving would make of the answers so far, in one sentence."""

    words: str = ""
    letter: str = ""
    missing: list[str] = field(default_factory=list)


def outlook(form: Any, elder: Elder | None) -> Outlook:
    """The class that would follow, as far as it can be told."""
    said = form.cleaned_data
    day, born = said.get("registered_on"), said.get("birth_date")
    if not day or not born:
        return Outlook()
    household: Household | None = form.home
    book = FactBook([household.pk] if household else [])
    key, home = (elder.pk if elder else uuid4()), (household.pk if household else uuid4())
    members = [
        (line["birth_date"], line["health"])
        for line in said.get("members", ())
        if line.get("birth_date") and line["lives_here"] and not line["member"]
    ]
    book.suppose_said(
        key, home, birth_date=born, day=day, said=said, ability=said.get("ability") or "", members=members
    )
    verdict = classify(book.facts(key, day), care_policy(day))
    missing = [FACT_WORDS[name] for name in verdict.missing]
    if not verdict.in_scope:
        return Outlook("照现在填的，还不在探访范围。", "", missing)
    because = next(result.because for result in verdict.rules if result.matched)
    letter = verdict.risk_class or ""
    return Outlook(f"照现在填的，批准以后是 {letter} 类：{because}。", letter, missing)


def check_rows(form: RegistrationFields, step: Step) -> list[tuple[str, str]]:
    """What was answered in a step, in words."""
    rows = []
    for name in step.names:
        if name in form.fields and name not in ("find", "another_household"):
            asked = ask(form[name], with_errors=False)
            if words := answer_words(asked) or form.kept.get(name, ""):
                rows.append((str(form.fields[name].label), words))
    for line in shown_lines(form, step, with_errors=False) if step.lines else ():
        told = [answer_words(one) for one in line.asks if one.field.name not in ("name", "gone")]
        if line.title:
            rows.append((line.title, "，".join(filter(None, told)) or "—"))
    return rows


def unasked(form: RegistrationFields, step: Step) -> list[str]:
    """What nobody has answered in a step; what few people need and what follows from others is left out."""
    asked = [name for group in step.groups if not group.folded for name in group.names]
    names = [name for name in asked if is_asked(form, name) and name not in form.kept]
    asks = [ask(form[name], with_errors=False) for name in names if name not in ("another_household", "care")]
    return [str(one.field.label) for one in asks if not one.when and not answer_words(one)]


def answer_words(asked: Ask) -> str:
    """The answer to a question as people say it."""
    if asked.kind == "tick":
        return "是" if asked.options[0][2] else ""
    if asked.options:
        return "、".join(
            words for value, words, chosen in asked.options if chosen and value not in ("", "unknown")
        )
    return asked.text
