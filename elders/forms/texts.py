"""The answers of a draft: of each field its texts, as a browser would send them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from elders.forms.home import HomeFields
from visitcare.kit.admin import DoorForm

LINES = ("members", "items")
"""The tables of lines, by the prefix of their fields: members-0-name."""
NOT_ASKED = "unknown"
"""What the widget of yes and no shows where nothing was said; on a phone nothing is chosen then."""
Said = dict[str, list[str]]
Changes = dict[str, list[str] | None]
"""New answers; None forgets one."""


def bound(said: Mapping[str, list[str]]) -> "MultiValueDict[str, str]":
    """The answers of a draft as a browser would send them all at once."""
    data = MultiValueDict({name: list(texts) for name, texts in said.items()})
    for prefix in LINES:
        data[f"{prefix}-TOTAL_FORMS"] = str(rows_of(said, prefix))
        data[f"{prefix}-INITIAL_FORMS"] = "0"
    return data


def rows_of(said: Mapping[str, list[str]], prefix: str) -> int:
    """How many lines of a table there are."""
    numbers = [name.split("-")[1] for name in said if name.startswith(f"{prefix}-")]
    return max((int(number) + 1 for number in numbers if number.isdecimal()), default=0)


def lines_of(said: Mapping[str, list[str]], prefix: str) -> dict[int, Said]:
    """The lines of a table by their number, each by the names of its fields."""
    lines: dict[int, Said] = defaultdict(dict)
    for name, answer in said.items():
        head, _, rest = name.partition("-")
        at, _, field = rest.partition("-")
        if head == prefix and at.isdecimal():
            lines[int(at)][field] = answer
    return dict(sorted(lines.items()))


def as_lines(said: Mapping[str, list[str]], prefix: str, lines: Iterable[Said]) -> Changes:
    """What changes in the answers when a table has these lines instead."""
    gone: Changes = {name: None for name in said if name.startswith(f"{prefix}-")}
    return gone | {
        f"{prefix}-{number}-{field}": answer
        for number, line in enumerate(lines)
        for field, answer in line.items()
    }


def answers_of(form: DoorForm) -> Said:
    """What a form that is shown for the first time shows, as a browser would send it."""
    said = {field.html_name: _texts(field) for field in form}
    lines = form.members.forms + form.items.forms if isinstance(form, HomeFields) else []
    for line in lines:
        if line.initial:
            said |= {field.html_name: _texts(field) for field in line}
    return {name: texts for name, texts in said.items() if is_answer(texts)}


def is_answer(texts: Sequence[str]) -> bool:
    """Whether these texts say anything."""
    return any(texts) and list(texts) != [NOT_ASKED]


def _texts(field: BoundField) -> list[str]:
    shown = field.field.widget.format_value(field.value())
    texts = shown if isinstance(shown, list | tuple) else [shown]
    return [str(text) for text in texts if text not in (None, "")]
