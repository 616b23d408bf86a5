"""Who may do what (domain.md §6): roles are code, the database holds their short names.

Each role has a title, a sentence a person can read, and its rights. A right holds within the area of the posting
that carries the role, and only while the posting is in force.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices


class Right(StrEnum):
    """One thing a person may do."""

    SEE_REGISTRY = "see_registry"
    REGISTER_ELDER = "register_elder"
    REVIEW_REGISTRATION = "review_registration"
    APPROVE_ELDER = "approve_elder"
    LOG_VISIT = "log_visit"
    SCREEN = "screen"
    REVIEW_VISIT = "review_visit"
    FOLLOW_UP = "follow_up"
    ARRANGE_EXTRA = "arrange_extra"
    SEE_SETTLEMENT = "see_settlement"
    ASSESS_SETTLEMENT = "assess_settlement"
    APPROVE_SETTLEMENT = "approve_settlement"
    EXPORT = "export"
    REVEAL = "reveal"
    DRAFT_POLICY = "draft_policy"
    ENACT_POLICY = "enact_policy"
    SEE_ACCOUNTS = "see_accounts"
    KEEP_ACCOUNTS = "keep_accounts"
    KEEP_WORKERS = "keep_workers"
    ARRANGE_ROUNDS = "arrange_rounds"
    IMPORT_SHEETS = "import_sheets"
    ISSUE_PASSWORD = "issue_password"  # noqa: S105
    PRINT_CARD = "print_card"
    READ_AUDIT = "read_audit"


class Role(TextChoices):
    """The roles, as stored on a posting."""

    GRID_WORKER = "grid_worker", "网格员"
    VILLAGE_CADRE = "village_cadre", "村干部"
    VISITOR = "visitor", "其他探访人员"
    TOWN_REVIEWER = "town_reviewer", "镇审核员"
    TOWN_HEAD = "town_head", "镇民政负责人"
    COUNTY_OFFICER = "county_officer", "市民政经办人"
    COUNTY_APPROVER = "county_approver", "市民政批准人"
    AUDITOR = "auditor", "审计人员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What a role is: `sentence` for people, `rights`, the division `level` a posting of it is for, and whether
    its holder works in the offices' admin."""

    sentence: str
    rights: frozenset[Right]
    levels: tuple[str, ...]
    office: bool = False


_TOWN_SEES = {Right.SEE_REGISTRY, Right.SEE_SETTLEMENT, Right.SEE_ACCOUNTS, Right.REVEAL}
_COUNTY_SEES = _TOWN_SEES | {Right.READ_AUDIT}

ROLES: dict[str, RoleFacts] = {
    Role.GRID_WORKER: RoleFacts(
        "登记、探访、排摸本组老人，记录每次探访，看自己的记录和补贴。",
        frozenset({Right.LOG_VISIT, Right.REGISTER_ELDER, Right.SCREEN}),
        ("group", "village"),
    ),
    Role.VILLAGE_CADRE: RoleFacts(
        "在本村登记、排摸老人，记录探访，跟进发现的问题，安排代班，给本村探访人员打印登录卡。",
        frozenset(
            {
                Right.LOG_VISIT,
                Right.SCREEN,
                Right.REGISTER_ELDER,
                Right.FOLLOW_UP,
                Right.SEE_REGISTRY,
                Right.ARRANGE_ROUNDS,
                Right.PRINT_CARD,
            }
        ),
        ("village",),
    ),
    Role.VISITOR: RoleFacts(
        "志愿者、家庭医生、社工等，探访指定的老人；不计酬。",
        frozenset({Right.LOG_VISIT}),
        ("group", "village"),
    ),
    Role.TOWN_REVIEWER: RoleFacts(
        "在本镇审核登记表和探访记录，跟进转介，安排代班和加访。",
        frozenset(
            _TOWN_SEES
            | {
                Right.REGISTER_ELDER,
                Right.REVIEW_REGISTRATION,
                Right.REVIEW_VISIT,
                Right.FOLLOW_UP,
                Right.ARRANGE_ROUNDS,
                Right.ARRANGE_EXTRA,
                Right.EXPORT,
                Right.IMPORT_SHEETS,
            }
        ),
        ("town",),
        office=True,
    ),
    Role.TOWN_HEAD: RoleFacts(
        "在本镇批准登记、考核结算，安排加访，管理探访人员的账号、代班、初始密码和登录卡。",
        frozenset(
            _TOWN_SEES
            | {
                Right.REGISTER_ELDER,
                Right.REVIEW_REGISTRATION,
                Right.APPROVE_ELDER,
                Right.FOLLOW_UP,
                Right.ARRANGE_EXTRA,
                Right.ASSESS_SETTLEMENT,
                Right.EXPORT,
                Right.IMPORT_SHEETS,
                Right.KEEP_WORKERS,
                Right.ARRANGE_ROUNDS,
                Right.ISSUE_PASSWORD,
                Right.PRINT_CARD,
                Right.READ_AUDIT,
            }
        ),
        ("town",),
        office=True,
    ),
    Role.COUNTY_OFFICER: RoleFacts(
        "看全市各镇，起草政策参数，安排加访，导出报表。",
        frozenset(_COUNTY_SEES | {Right.EXPORT, Right.DRAFT_POLICY, Right.ARRANGE_EXTRA}),
        ("county",),
        office=True,
    ),
    Role.COUNTY_APPROVER: RoleFacts(
        "批准或退回各镇结算，让政策参数生效。",
        frozenset(_COUNTY_SEES | {Right.EXPORT, Right.APPROVE_SETTLEMENT, Right.ENACT_POLICY}),
        ("county",),
        office=True,
    ),
    Role.AUDITOR: RoleFacts(
        "只看不改：登记、探访、结算和操作记录。",
        frozenset({Right.SEE_REGISTRY, Right.SEE_SETTLEMENT, Right.SEE_ACCOUNTS, Right.READ_AUDIT}),
        ("county", "town"),
        office=True,
    ),
    Role.SYSTEM_ADMIN: RoleFacts(
        "管理账号和任职，看不到老人的资料。",
        frozenset(
            {
                Right.SEE_ACCOUNTS,
                Right.KEEP_ACCOUNTS,
                Right.KEEP_WORKERS,
                Right.ISSUE_PASSWORD,
                Right.PRINT_CARD,
                Right.IMPORT_SHEETS,
            }
        ),
        ("county",),
        office=True,
    ),
}

OFFICE_ROLES = frozenset(role for role, facts in ROLES.items() if facts.office)
FIELD_ROLES = frozenset(role for role, facts in ROLES.items() if Right.LOG_VISIT in facts.rights)

ROUND_ROLES = frozenset(role for role in FIELD_ROLES if Right.SEE_REGISTRY not in ROLES[role].rights)
"""Whose holder has a round of their own to go; a cadre watches over a whole village."""


def right_to_appoint(role: str) -> Right:
    """Towns keep their own field workers; offices are staffed by the system admin alone."""
    return Right.KEEP_WORKERS if role in FIELD_ROLES else Right.KEEP_ACCOUNTS


def right_to_print_card(role: str) -> Right | None:
    """A village prints cards for those who visit in it, for its cadres the town does; nobody for offices, where a
    password is asked for every day."""
    if role not in FIELD_ROLES:
        return None
    return Right.ISSUE_PASSWORD if role == Role.VILLAGE_CADRE else Right.PRINT_CARD


def roles_with(right: Right) -> frozenset[str]:
    """The roles that carry a right."""
    return frozenset(role for role, facts in ROLES.items() if right in facts.rights)
