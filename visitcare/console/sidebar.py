"""The menu, written by hand: what the person may open, in the order of their day."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from visitcare.kit.weeks import today
from visitcare.org.roles import OFFICE_ROLES, Right

GROUPS: tuple[tuple[str, tuple[tuple[str, str, str, Right], ...]], ...] = (
    (
        "探访",
        (
            ("探访记录", "visits_visit", "fact_check", Right.SEE_REGISTRY),
            ("没收下的手机记录", "visits_keptback", "unknown_document", Right.SEE_REGISTRY),
            ("周任务", "visits_obligation", "calendar_view_week", Right.SEE_REGISTRY),
            ("没联系上", "visits_unreachedelder", "phone_missed", Right.SEE_REGISTRY),
            ("加访", "visits_campaign", "more_time", Right.SEE_REGISTRY),
            ("隐患与需求", "visits_referral", "report", Right.SEE_REGISTRY),
        ),
    ),
    (
        "老人",
        (
            ("老人", "elders_elder", "elderly", Right.SEE_REGISTRY),
            ("户", "elders_household", "home", Right.SEE_REGISTRY),
            ("登记表", "elders_registrationform", "assignment", Right.SEE_REGISTRY),
            ("排摸", "elders_screeninground", "person_search", Right.SEE_REGISTRY),
            ("排摸的人", "elders_screenedperson", "checklist", Right.SEE_REGISTRY),
            ("重病名录", "elders_seriousillness", "clinical_notes", Right.SEE_REGISTRY),
            ("迁移", "elders_move", "moving", Right.SEE_REGISTRY),
            ("类别变化", "elders_classperiod", "swap_vert", Right.SEE_REGISTRY),
            ("手工调整", "elders_classoverride", "edit_note", Right.SEE_REGISTRY),
            ("能力评估", "elders_assessment", "accessibility_new", Right.SEE_REGISTRY),
        ),
    ),
    (
        "补贴",
        (
            ("结算", "subsidies_settlement", "payments", Right.SEE_SETTLEMENT),
            ("发放明细", "subsidies_line", "receipt_long", Right.SEE_SETTLEMENT),
            ("计酬探访", "subsidies_paidvisit", "check_circle", Right.SEE_SETTLEMENT),
            ("不计酬探访", "subsidies_unpaidvisit", "block", Right.SEE_SETTLEMENT),
        ),
    ),
    (
        "管理",
        (
            ("人员账号", "org_user", "badge", Right.SEE_ACCOUNTS),
            ("代班", "elders_standin", "swap_horiz", Right.SEE_ACCOUNTS),
            ("地区", "org_division", "map", Right.SEE_ACCOUNTS),
            ("导入", "org_importbatch", "upload_file", Right.IMPORT_SHEETS),
            ("政策参数", "policy_policyversion", "tune", Right.SEE_REGISTRY),
            ("操作记录", "audit_event", "history", Right.READ_AUDIT),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu with what this person may open; nothing for strangers."""
    user: Any = request.user
    if not user.is_authenticated:
        return []
    groups = [{"title": "", "items": [_item("今天的工作", reverse("admin:index"), "today")]}]
    for title, entries in GROUPS:
        items = [
            _item(words, reverse(f"admin:{name}_changelist"), icon)
            for words, name, icon, right in entries
            if user.may(right)
        ]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def who(request: HttpRequest) -> dict[str, Any]:
    """Who is signed in, as what and where, for the foot of the menu."""
    user: Any = request.user
    if not user.is_authenticated:
        return {}
    postings = user.postings.in_force(today()).filter(role__in=OFFICE_ROLES).select_related("place")
    return {
        "posts": [f"{posting.place} {posting.get_role_display()}" for posting in postings],
        "visits_too": user.may(Right.LOG_VISIT),
    }


def _item(words: str, address: str, icon: str) -> dict[str, Any]:
    return {"title": words, "link": address, "icon": icon}
