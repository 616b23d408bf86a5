"""What the cells of a roster's row say of a person and of their registration. Nothing is looked up here."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from elders.actions import FormData
from elders.importing.columns import (
    ABILITIES,
    CONSENTS,
    ECONOMY,
    GRADES,
    LIVING,
    LOCATIONS,
    PAPERS,
    SEXES,
)
from elders.models import Elder
from elders.people import NONE, is_birth_date, read_other_paper
from visitcare.kit.cells import read_choice, read_date, read_several, read_yes_no, required
from visitcare.kit.identity import parse_id_number, parse_phone
from visitcare.kit.sheets import Row
from visitcare.org.importing import RowRefused


def read_short(row: Row, heading: str, longest: int) -> str:
    text = row.text(heading)
    if len(text) > longest:
        raise RowRefused(f"“{heading}”有 {len(text)} 个字，太长了。请写在 {longest} 个字以内。")
    return text


def read_person(row: Row, day: date) -> dict[str, Any]:
    required(row, "姓名")
    name = read_short(row, "姓名", 60)
    paper = read_choice(row, "证件类型", PAPERS) or Elder.Paper.ID_CARD
    sex = read_choice(row, "性别", SEXES)
    if paper == Elder.Paper.ID_CARD:
        if not row.text("居民身份证号码"):
            raise RowRefused("“居民身份证号码”空着。没有身份证的，请在“证件类型”写明是什么证件。")
        card = parse_id_number(row.cells["居民身份证号码"], today=day)
        return {
            "name": name, "sex": card.sex, "birth_date": card.birth_date, "paper_kind": paper,
            "id_number": card.number,
        }  # fmt: skip
    birth_date = read_date(row, "出生日期")
    if birth_date is None or sex is None:
        raise RowRefused(f"证件类型是{Elder.Paper(paper).label}，要填出生日期和性别。")
    if not is_birth_date(birth_date, today=day):
        raise RowRefused(f"出生日期 {birth_date} 不对。请核对证件。")
    return {
        "name": name, "sex": sex, "birth_date": birth_date, "paper_kind": paper,
        "id_number": read_other_paper(paper, row.text("居民身份证号码")),
    }  # fmt: skip


def read_form(row: Row, person: dict[str, Any], illnesses: Mapping[str, UUID], day: date) -> FormData:
    """What the row says, and nothing of what it leaves empty."""
    registered_on = read_date(row, "登记日期")
    if registered_on is None:
        raise RowRefused("“登记日期”空着。请填登记的那一天。")
    if registered_on > day:
        raise RowRefused(f"登记日期 {registered_on} 还没到。请填已经登记的日期。")
    consent = read_choice(row, "探访意愿", CONSENTS)
    if consent is None:
        raise RowRefused("“探访意愿”空着。请写：愿意、仅电话或不愿意。")
    return FormData(
        registered_on=registered_on,
        person=person | only_said(_contacts(row)),
        facts=only_said(_facts(row)) | _illness(row, illnesses) | _other(row),
        ability=read_choice(row, "能力程度", ABILITIES) or "",
        score=_score(row),
        consent=consent,
        consent_reason=read_short(row, "不愿意原因", 200),
    )


def only_said(read: Mapping[str, Any]) -> dict[str, Any]:
    """Without the empty cells: they say nothing, and take nothing back."""
    return {name: value for name, value in read.items() if value not in (None, "")}


def _score(row: Row) -> int | None:
    text = row.text("能力评分")
    if text and not text.isdecimal():
        raise RowRefused(f"“能力评分”写的是“{text}”，不是 0—90 的整数。请核对评估报告。")
    return int(text) if text else None


def _contacts(row: Row) -> dict[str, Any]:
    return {
        "phone": parse_phone(row.cells["联系电话"]) if row.text("联系电话") else "",
        "emergency_name": read_short(row, "紧急联系人", 60),
        "emergency_sex": read_choice(row, "紧急联系人性别", SEXES) or "",
        "emergency_phone": parse_phone(row.cells["紧急联系人电话"]) if row.text("紧急联系人电话") else "",
        "hukou_address": read_short(row, "户籍地址", 200),
    }


def _facts(row: Row) -> dict[str, Any]:
    living = read_choice(row, "居住状况", LIVING)
    if living is None:
        raise RowRefused(f"“居住状况”空着。请写：{'、'.join(LIVING)}。")
    return {
        "living": living,
        "spouse_location": read_choice(row, "配偶居住地", LOCATIONS),
        "child_location": read_choice(row, "子女居住地", LOCATIONS),
        "dementia": read_yes_no(row, "失智"),
        "cannot_speak_or_hear": read_yes_no(row, "无法言语或听力"),
        "disability_grade": read_choice(row, "残疾等级", GRADES),
        "past_illnesses": read_short(row, "曾患病史", 200),
        "economy": [] if row.text("经济情况") == NONE else read_several(row, "经济情况", ECONOMY),
        "monthly_income": _income(row),
        "income_source": read_short(row, "经济来源", 100),
        "family_planning_special": read_yes_no(row, "计划生育特殊家庭"),
        "left_behind": read_yes_no(row, "农村留守"),
        "cares_for_dependent_child": read_yes_no(row, "长期照料失能子女"),
    }


def _illness(row: Row, illnesses: Mapping[str, UUID]) -> dict[str, Any]:
    words = read_short(row, "重病", 200)
    if not words:
        return {}
    if words == NONE:
        return {"serious_illness": False, "illness_id": None, "illness_words": ""}
    return {"serious_illness": True, "illness_id": illnesses.get(words), "illness_words": words}


def _other(row: Row) -> dict[str, Any]:
    words = read_short(row, "其他对象说明", 200)
    return {"other": "" if words == NONE else words} if words else {}


def _income(row: Row) -> Decimal | None:
    text = row.text("月可支配收入")
    if not text:
        return None
    try:
        income = Decimal(text.removesuffix("元").replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        income = Decimal(-1)
    if not 0 <= income < 10_000_000:
        raise RowRefused(f"“月可支配收入”写的是“{text}”，不是金额。请写成 480 或 480.50。")
    return income
