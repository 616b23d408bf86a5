"""Whatever a phone sends is understood or refused in words; reading it is never an error."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from visitcare.org.models import User
from visits.actions import read_item
from visits.actions.reading import read_record

WORKER = User(pk=UUID(int=7))
GOOD: dict[str, Any] = {
    "schema": 1, "elders": [str(UUID(int=1)), str(UUID(int=2))], "mode": "home", "outcome": "met",
    "started_at": "2025-03-05T09:42:00+08:00", "agreed": True, "notes": {"health": "都好"},
    "findings": [{"area": "safety", "kinds": ["gas"], "words": "老化", "elder": None, "household_mends": True}],
    "answers": {str(UUID(int=3)): True}, "sent_at": "2025-03-05T10:00:00+08:00",
}  # fmt: skip
CHINESE = re.compile("[一-鿿]")

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
near = st.sampled_from(
    [str(UUID(int=1)), "home", "met", "health", "gas", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00", "\ud800"]
)  # fmt: skip
anything = st.recursive(
    scalars | near,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from([*GOOD, "area", "kinds", "words", "elder"]) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(body=anything)
def test_anything_can_be_read_and_kept(body: Any) -> None:
    item = read_item(body)
    assert (item.said is None) or not item.refusals
    assert all(CHINESE.search(refusal.words) and refusal.field for refusal in item.refusals)
    assert json.loads(item.text) == body
    assert len(item.digest(WORKER)) == 64
    item.text.encode()


@given(name=st.sampled_from(list(GOOD)), value=anything)
def test_any_value_in_any_place_is_understood_or_refused_there(name: str, value: Any) -> None:
    said, refusals = read_record(GOOD | {name: value})
    assert (said is None) == bool(refusals)
    spoiled = {"mode": {"mode", "outcome"}, "elders": {"elders", "findings"}}.get(name, {name})
    assert {refusal.field for refusal in refusals} <= spoiled
    item = read_item({"kind": "visit", "id": str(uuid4()), "record": GOOD | {name: value}})
    assert len(item.digest(WORKER)) == 64


def test_fingerprint_is_of_the_content_alone() -> None:
    def digest(**more: Any) -> str:
        record = dict(reversed((GOOD | more).items()))
        return read_item({"kind": "visit", "id": str(UUID(int=9)), "record": record}).digest(WORKER)

    same = digest()
    assert (
        same == digest(sent_at=None) == digest(position=[1, 2]) == digest(started_at="2025-03-05T01:42:00Z")
    )
    others = [
        digest(mode="phone", outcome="spoke"),
        digest(agreed=None),
        digest(notes={}),
        digest(answers={}),
    ]
    assert len({same, *others}) == 5
