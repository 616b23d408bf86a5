"""What the registry knows of the people and homes of a roster: asked for many rows at once, kept for the rows to come."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from elders.facts import FactBook
from elders.models import Elder, Household, RegistrationForm
from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_id_number, parse_other_paper
from visitcare.kit.sheets import Row
from visitcare.org.models import User

AT_ONCE = 1_000


class Roster:
    """Looks up rows in their order, a block at a time: nobody can hold a county's elders in memory at once, but for their
    homes. `homes` also has those that the import itself has opened, or would open."""

    def __init__(self, rows: Sequence[Row], day: date, *, judges: bool) -> None:
        self.rows, self.day = rows, day
        self.book = FactBook(()) if judges else None
        self.begun = self.ready = 0
        self.elders: dict[str, Elder] = {}
        self.homes: dict[tuple[str, str], Household] = {}
        self.workers: dict[str, User | None] = {}

    def begin(self) -> None:
        """The next row is about to be judged."""
        if self.begun == self.ready:
            block = self.rows[self.ready : self.ready + AT_ONCE]
            self.ready += len(block)
            self._load(block)
        self.begun += 1

    def elder(self, person: dict[str, Any]) -> Elder | None:
        """The record of a person: one that is registered before one that is closed or a draft."""
        if person["id_number"]:
            return self.elders.get(blind_index("id_number", person["id_number"]) or "")
        found = _with_papers().filter(
            name=person["name"], birth_date=person["birth_date"], id_number_index=None
        )
        return found.order_by("status").filter(status__in=Elder.REGISTERED).first() or found.first()

    def worker(self, mobile: str) -> User | None:
        if mobile not in self.workers:
            self.workers[mobile] = User.objects.filter(mobile_index=blind_index("mobile", mobile)).first()
        return self.workers[mobile]

    def _load(self, block: Sequence[Row]) -> None:
        wanted = {blind_index("id_number", self._number(row)) for row in block} - {None}
        self.elders = {}
        for elder in _with_papers().filter(id_number_index__in=wanted).order_by("status"):
            index = elder.id_number_index or ""
            known = self.elders.get(index)
            if known is None or (known.status not in Elder.REGISTERED and elder.status in Elder.REGISTERED):
                self.elders[index] = elder
        numbers = {row.text("户编号") for row in block} - {""}
        homes = Household.objects.filter(
            village_code__in={row.text("村(社区)代码") for row in block}, number__in=numbers
        ).select_related("place")
        fresh = {(home.village_code, home.number): home for home in homes}
        if self.book is not None:
            known_homes = {home.pk for key, home in fresh.items() if key not in self.homes}
            known_homes |= {elder.household_id for elder in self.elders.values()}
            self.book.take_in(FactBook(known_homes - self.book.households))
        self.homes = fresh | self.homes

    def _number(self, row: Row) -> str:
        with suppress(PaperError):
            return parse_id_number(row.cells["居民身份证号码"], today=self.day).number
        with suppress(PaperError):
            return parse_other_paper(row.text("居民身份证号码"))
        return ""


def _with_papers() -> "QuerySet[Elder]":
    return Elder.objects.select_related("household__place").prefetch_related(
        Prefetch("forms", RegistrationForm.objects.select_related("proposal").order_by("-registered_on")),
        "assessments",
        "consents",
    )
