"""What is asked of a person's papers and contacts, whether they come on a form or in a sheet."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from elders.models import Elder
from visitcare.kit.identity import MAX_AGE, age_on, parse_other_paper

NONE = "无"
"""Written where there is none of what is asked for."""


class PersonError(ValueError):
    """What cannot be so, in words for the person who writes it."""


def read_other_paper(kind: str, raw: object) -> str:
    """The number of a paper that is no ID card; "" where there is none."""
    number = parse_other_paper(raw)
    if number == NONE:
        return ""
    if number and kind == Elder.Paper.NONE:
        raise PersonError("选了“无证件”，号码就要空着；有证件的，请改证件类型。")
    return number


def is_birth_date(day: date, *, today: date) -> bool:
    """Whether somebody who is alive can have been born on the day."""
    return day <= today and age_on(day, today) <= MAX_AGE


def refuse_own_emergency(person: Mapping[str, Any]) -> None:
    """Whoever is called when the elder does not answer is somebody else."""
    name, phone = person.get("name"), person.get("phone")
    if name and name == person.get("emergency_name") and phone == person.get("emergency_phone"):
        raise PersonError("紧急联系人不能是老人自己。请填家里人、邻居或村里的人；没有的，就空着。")
