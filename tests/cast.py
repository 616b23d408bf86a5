"""The named people whose access is the specification, in a county small enough to know by heart.

滨江镇 is "this" town; 海晏镇 is the other one. Every town has two villages; 永安村 of 滨江镇 is "this" village and its 1组
"this" group. All postings run from 2024-01-01 on.
"""

from dataclasses import dataclass, fields
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from visitcare.org.actions import DivisionRow
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import Role

COUNTY = "320699"
TOWN, OTHER_TOWN = "320699101", "320699102"
VILLAGE, NEXT_VILLAGE = "320699101201", "320699101202"
OTHER_VILLAGE, LAST_VILLAGE = "320699102201", "320699102202"
FIRST_DAY = date(2024, 1, 1)

DIVISIONS = (
    DivisionRow(COUNTY, "东海市", "county", ""),
    DivisionRow(TOWN, "滨江镇", "town", COUNTY),
    DivisionRow(OTHER_TOWN, "海晏镇", "town", COUNTY),
    DivisionRow(VILLAGE, "永安村", "village", TOWN),
    DivisionRow(NEXT_VILLAGE, "新丰村", "village", TOWN),
    DivisionRow(OTHER_VILLAGE, "港西村", "village", OTHER_TOWN),
    DivisionRow(LAST_VILLAGE, "和合村", "village", OTHER_TOWN),
)


@dataclass(frozen=True)
class Cast:
    """Who is who, and the places they serve."""

    county: Division
    town: Division
    other_town: Division
    village: Division
    next_village: Division
    other_village: Division
    last_village: Division
    group: Division
    second_group: Division
    next_group: Division
    other_group: Division

    anonymous: AnonymousUser
    disabled: User
    worker: User
    second_worker: User
    next_worker: User
    other_worker: User
    visitor: User
    cadre: User
    reviewer: User
    head: User
    other_head: User
    officer: User
    approver: User
    second_approver: User
    auditor: User
    admin: User

    def everybody(self) -> dict[str, User | AnonymousUser]:
        """All people by the name they have here, for tests that walk every door."""
        members = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: one for name, one in members.items() if isinstance(one, User | AnonymousUser)}


GROUPS = (VILLAGE + "001", VILLAGE + "002", NEXT_VILLAGE + "001", OTHER_VILLAGE + "001")

PEOPLE = (
    ("disabled", "倪德才", Role.GRID_WORKER, VILLAGE + "001"),
    ("worker", "陆桂芳", Role.GRID_WORKER, VILLAGE + "001"),
    ("second_worker", "施建国", Role.GRID_WORKER, VILLAGE + "002"),
    ("next_worker", "沈秀兰", Role.GRID_WORKER, NEXT_VILLAGE + "001"),
    ("other_worker", "龚国平", Role.GRID_WORKER, OTHER_VILLAGE + "001"),
    ("visitor", "袁小燕", Role.VISITOR, VILLAGE),
    ("cadre", "朱卫东", Role.VILLAGE_CADRE, VILLAGE),
    ("reviewer", "顾敏", Role.TOWN_REVIEWER, TOWN),
    ("head", "季海峰", Role.TOWN_HEAD, TOWN),
    ("other_head", "俞文娟", Role.TOWN_HEAD, OTHER_TOWN),
    ("officer", "茅晓东", Role.COUNTY_OFFICER, COUNTY),
    ("approver", "蔡志刚", Role.COUNTY_APPROVER, COUNTY),
    ("second_approver", "汤丽", Role.COUNTY_APPROVER, COUNTY),
    ("auditor", "樊正", Role.AUDITOR, COUNTY),
    ("admin", "宋工", Role.SYSTEM_ADMIN, COUNTY),
)
"""What they are called in tests, their name, role and place. Their mobile numbers are 19900090001 and so on."""


def make_county() -> dict[str, Division]:
    """The divisions by code, in one statement: that the actions make them so is tested with the actions."""
    names = {row.code: row.name for row in DIVISIONS}
    places = [
        Division(
            code=row.code,
            name=row.name,
            level=row.level,
            parent_id=row.parent or None,
            path=_path(row.code, names),
        )
        for row in DIVISIONS
    ]
    for code in GROUPS:
        name = f"{int(code[12:])}组"
        path = _path(code[:12], names) + name
        places.append(Division(code=code, name=name, level="group", parent_id=code[:12], path=path))
    return {division.code: division for division in Division.objects.bulk_create(places)}


def _path(code: str, names: dict[str, str]) -> str:
    return "".join(names[code[:length]] for length in (9, 12) if len(code) >= length) or names[code]


def make_cast() -> Cast:
    """The county with everybody in it; nobody has a password: sign in with `client.force_login`."""
    at = make_county()
    users = {
        called: User(
            login=called, name=name, mobile=f"199000{90_000 + number}", is_active=called != "disabled"
        )
        for number, (called, name, _, _) in enumerate(PEOPLE, start=1)
    }
    for user in users.values():
        user.set_unusable_password()
    User.objects.bulk_create(users.values())
    Posting.objects.bulk_create(
        Posting(
            user=users[called],
            role=role,
            place=at[code],
            starts_on=FIRST_DAY,
            payable=role == Role.GRID_WORKER,
        )
        for called, _, role, code in PEOPLE
    )
    return Cast(
        county=at[COUNTY],
        town=at[TOWN],
        other_town=at[OTHER_TOWN],
        village=at[VILLAGE],
        next_village=at[NEXT_VILLAGE],
        other_village=at[OTHER_VILLAGE],
        last_village=at[LAST_VILLAGE],
        group=at[VILLAGE + "001"],
        second_group=at[VILLAGE + "002"],
        next_group=at[NEXT_VILLAGE + "001"],
        other_group=at[OTHER_VILLAGE + "001"],
        anonymous=AnonymousUser(),
        **users,
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def system(db: None) -> User:
    """The actor of commands, who holds every right."""
    return User.objects.system()
