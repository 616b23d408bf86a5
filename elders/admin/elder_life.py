"""What happened to an elder, as tables of the page: forms, assessments, wishes, care, moves and pauses."""

from collections.abc import Iterable

from elders.admin.assessments import a_year_ago
from elders.admin.moves import move_badge
from elders.admin.words import form_badge, signed_words
from elders.models import Elder
from visitcare.kit.admin import Section, Table, link, page_url


def life_sections(elder: Elder) -> Iterable[Section]:
    yield _forms(elder)
    yield _assessments(elder)
    yield _wishes(elder)
    yield _care(elder)
    yield from _stays(elder)
    yield from _moves(elder)
    yield from _pauses(elder)


def _forms(elder: Elder) -> Section:
    return Table(
        "登记表",
        heads=("登记日期", "状态", "登记人", "审批人", "审批意见"),
        rows=[
            (
                link(form.registered_on, page_url(form)),
                form_badge(form),
                form.made_by,
                form.decided_by or "—",
                form.decision_reason,
            )
            for form in elder.forms.select_related("made_by", "decided_by")
        ],
    )


def _assessments(elder: Elder) -> Section:
    assessments = list(elder.assessments.all())
    is_old = assessments and assessments[0].assessed_on <= a_year_ago()
    return Table(
        "能力评估",
        heads=("评估日期", "程度", "总分", "标准", "评估人", "说明"),
        rows=[
            (
                link(one.assessed_on, page_url(one)),
                one.get_level_display(),
                one.score,
                one.standard,
                one.assessor,
                one.mismatch_reason,
            )
            for one in assessments
        ],
        note="最近一次评估满一年了，该复评。" if is_old else "",
        empty="没有评估过。评估要由专业机构按 GB/T 42195-2022 做。",
    )


def _wishes(elder: Elder) -> Section:
    return Table(
        "探访意愿",
        heads=("起", "意愿", "原因", "签字", "工作人员签字"),
        rows=[
            (
                consent.since,
                consent.get_kind_display(),
                consent.reason,
                signed_words(consent.signed_by, consent.get_signer_display(), consent.signed_on),
                signed_words(consent.staff_signed_by, "", consent.staff_signed_on),
            )
            for consent in elder.consents.all()
        ],
    )


def _care(elder: Elder) -> Section:
    return Table(
        "个性化关爱服务内容",
        heads=("约定日期", "内容", "和谁约定"),
        rows=[(plan.agreed_on, plan.content, plan.agreed_with) for plan in elder.care_plans.all()],
        empty="还没有约定。可以点“更新登记”填写。",
    )


def _stays(elder: Elder) -> Iterable[Section]:
    stays = list(elder.residences.select_related("household__place"))
    if len(stays) > 1:
        yield Table(
            "住处",
            "每次探访归老人当天住的村，补贴也由那个镇结算。",
            heads=("起", "止", "村（居）/组", "地址"),
            rows=[
                (
                    one.starts_on or "登记时",
                    one.ends_on or "现在",
                    one.household.place.path,
                    one.household.address or "—",
                )
                for one in stays
            ],
        )


def _moves(elder: Elder) -> Iterable[Section]:
    moves = elder.moves.select_related("household__place", "village", "proposed_by")
    if moves:
        yield Table(
            "迁移",
            heads=("从哪天起", "从", "到", "状态", "原因", "提出人"),
            rows=[
                (
                    link(move.starts_on, page_url(move)),
                    move.household.place.path,
                    move.village.path,
                    move_badge(move),
                    "；".join(filter(None, (move.reason, move.decision_reason))),
                    move.proposed_by,
                )
                for move in moves
            ],
        )


def _pauses(elder: Elder) -> Iterable[Section]:
    pauses = elder.pauses.all()
    if pauses:
        yield Table(
            "暂停",
            heads=("起", "止", "原因"),
            rows=[(one.starts_on, one.ends_on or "还没回来", one.get_reason_display()) for one in pauses],
        )
