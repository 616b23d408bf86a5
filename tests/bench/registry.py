"""The office's list of elders and its searches, as the county sees them: at 50,000 elders against 500.

A page costs by the rows that it shows, so each row says how many those are: somebody's namesakes fill a page of the
county and not of 500. By family name both pages are full.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from django.test import Client
from django.utils import timezone

from elders.models import Elder
from tests.bench.county import Home, name_of, number_of, register
from tests.bench.harness import Row, percentiles
from visitcare.kit.admin import rows_url
from visitcare.org.models import Division, Posting, User

LOOKS = 20
FEW = 500
SOMEBODY = 123
"""Whose number and name are looked for."""
FILTERS = {
    "the list of elders": {},
    "elders of a class": {"class": "A"},
    "elders whose file lacks something": {"file": "short"},
    "elders who turn 80 soon": {"turns": "80"},
}
TERMS = {
    "by name": name_of(SOMEBODY),
    "by family name": name_of(SOMEBODY)[:1],
    "by part of a name": name_of(SOMEBODY)[:2],
    "by last four digits": number_of(SOMEBODY)[-4:],
    "by whole number": number_of(SOMEBODY),
    "by village": "320699101201",
}


def measure(homes: list[Home], *, settle_down: Callable[[], object]) -> Iterator[Row]:
    """The households are not registered yet: first some, then all; after each `settle_down`, as autovacuum does."""
    first, people = 0, 0
    while people < FEW:
        people += len(homes[first].elders)
        first += 1
    register(homes[:first])
    settle_down()
    few = looks()
    register(homes[first:])
    settle_down()
    many, count = looks(), Elder.objects.count()
    for work, (ours, shown) in many.items():
        floor, shown_of_few = few[work]
        words = f"with {people} elders, {shown_of_few} rows shown for {shown}"
        yield Row(work, count, words, floor, ours, "≤ 2×")


def looks() -> dict[str, tuple[float, int]]:
    """The median time of each list and each search, and how many rows its page shows."""
    officer, _ = User.objects.get_or_create(
        login="officer", defaults={"name": "茅晓东", "joined_at": timezone.now()}
    )
    if not officer.postings.exists():
        county = Division.objects.get(level="county")
        Posting.objects.create(user=officer, role="county_officer", place=county, starts_on=date(2024, 1, 1))
    desk = Client()
    desk.force_login(officer)
    address = rows_url("elders.elder")

    def look(at: str) -> int:
        answer = desk.get(at)
        assert answer.status_code == 200, answer.content
        return len(answer.context["cl"].result_list)

    def found(term: str) -> str:
        answer = desk.post(address, {"find": "1", "q": term})
        return address + str(answer.headers["Location"])

    work = {words: rows_url("elders.elder", **said) for words, said in FILTERS.items()}
    work |= {f"search {words}": found(term) for words, term in TERMS.items()}
    return {
        words: (percentiles([partial(look, at)] * (LOOKS + 1))[0], look(at)) for words, at in work.items()
    }
