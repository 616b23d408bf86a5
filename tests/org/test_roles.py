import pytest

from tests.cast import OTHER_TOWN, TOWN, VILLAGE, Cast
from visitcare.org.roles import FIELD_ROLES, OFFICE_ROLES, ROLES, Right, Role, right_to_appoint, roles_with

MAY: dict[Right, set[str]] = {
    Right.SEE_REGISTRY: {"cadre", "reviewer", "head", "officer", "approver", "second_approver", "auditor"},
    Right.REGISTER_ELDER: {"worker", "cadre", "reviewer", "head"},
    Right.REVIEW_REGISTRATION: {"reviewer", "head"},
    Right.APPROVE_ELDER: {"head"},
    Right.LOG_VISIT: {"worker", "visitor", "cadre"},
    Right.SCREEN: {"worker", "cadre"},
    Right.REVIEW_VISIT: {"reviewer"},
    Right.FOLLOW_UP: {"cadre", "reviewer", "head"},
    Right.SEE_SETTLEMENT: {"reviewer", "head", "officer", "approver", "second_approver", "auditor"},
    Right.ASSESS_SETTLEMENT: {"head"},
    Right.APPROVE_SETTLEMENT: {"approver", "second_approver"},
    Right.EXPORT: {"reviewer", "head", "officer", "approver", "second_approver"},
    Right.REVEAL: {"reviewer", "head", "officer", "approver", "second_approver"},
    Right.DRAFT_POLICY: {"officer"},
    Right.ENACT_POLICY: {"approver", "second_approver"},
    Right.SEE_ACCOUNTS: {"reviewer", "head", "officer", "approver", "second_approver", "auditor", "admin"},
    Right.KEEP_ACCOUNTS: {"admin"},
    Right.KEEP_WORKERS: {"head", "admin"},
    Right.ARRANGE_ROUNDS: {"cadre", "reviewer", "head"},
    Right.ARRANGE_EXTRA: {"reviewer", "head", "officer"},
    Right.ISSUE_PASSWORD: {"head", "admin"},
    Right.PRINT_CARD: {"cadre", "head", "admin"},
    Right.IMPORT_SHEETS: {"reviewer", "head", "admin"},
    Right.READ_AUDIT: {"head", "officer", "approver", "second_approver", "auditor"},
}
"""Who may what in 永安村 1组 (domain.md §6)."""


@pytest.mark.parametrize("right", list(Right))
def test_right_is_held_in_this_group_by(cast: Cast, right: Right) -> None:
    everybody = {name: one for name, one in cast.everybody().items() if name != "anonymous"}
    assert {name for name, one in everybody.items() if one.may(right, VILLAGE + "001")} == MAY[right]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "right", [Right.APPROVE_ELDER, Right.ASSESS_SETTLEMENT, Right.SEE_REGISTRY, Right.READ_AUDIT]
)
def test_town_head_holds_rights_in_the_own_town_only(cast: Cast, right: Right) -> None:
    assert (cast.head.may(right, TOWN), cast.head.may(right, OTHER_TOWN)) == (True, False)
    assert (cast.other_head.may(right, TOWN), cast.other_head.may(right, OTHER_TOWN)) == (False, True)


def test_no_role_both_assesses_and_approves() -> None:
    both = {Right.ASSESS_SETTLEMENT, Right.APPROVE_SETTLEMENT}
    assert [role for role, facts in ROLES.items() if both <= facts.rights] == []


def test_no_role_both_drafts_and_enacts_policies() -> None:
    assert [
        role for role, facts in ROLES.items() if {Right.DRAFT_POLICY, Right.ENACT_POLICY} <= facts.rights
    ] == []


def test_system_admin_sees_no_elder() -> None:
    assert ROLES[Role.SYSTEM_ADMIN].rights == {
        Right.SEE_ACCOUNTS, Right.KEEP_ACCOUNTS, Right.KEEP_WORKERS, Right.ISSUE_PASSWORD, Right.PRINT_CARD,
        Right.IMPORT_SHEETS,
    }  # fmt: skip


def test_auditor_only_reads() -> None:
    assert ROLES[Role.AUDITOR].rights == {
        Right.SEE_REGISTRY, Right.SEE_SETTLEMENT, Right.SEE_ACCOUNTS, Right.READ_AUDIT
    }  # fmt: skip


def test_every_role_says_what_it_is_and_where() -> None:
    assert set(ROLES) == set(Role.values)
    assert all(facts.sentence.endswith("。") and facts.levels for facts in ROLES.values())


def test_field_and_office_roles_share_nobody() -> None:
    assert {Role.GRID_WORKER, Role.VILLAGE_CADRE, Role.VISITOR} == FIELD_ROLES
    assert set(Role.values) - FIELD_ROLES == OFFICE_ROLES


def test_town_appoints_field_workers_and_the_system_admin_everybody(cast: Cast) -> None:
    mine = {one: {role for role in Role if getattr(cast, one).may(right_to_appoint(role), TOWN)}
            for one in ("cadre", "reviewer", "head", "officer", "admin")}  # fmt: skip
    assert mine == {
        "cadre": set(),
        "reviewer": set(),
        "head": FIELD_ROLES,
        "officer": set(),
        "admin": set(Role),
    }


def test_roles_with_a_right() -> None:
    assert roles_with(Right.REVIEW_VISIT) == {Role.TOWN_REVIEWER}
