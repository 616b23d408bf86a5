"""Where and who: places, people, their postings and whoever stands in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from django.contrib.sessions.models import Session
from django.db import models

from elders.models import DaysOff, StandIn
from tests.factories import mobile
from visitcare.kit.weeks import today
from visitcare.org.models import BankAccount, Division, LoginCard, Phone, Posting, User
from visitcare.org.roles import ROLES, Role

Row = TypeVar("Row", bound=models.Model)
MONDAY = date(2025, 3, 3)
MONTHS = (date(2025, 1, 1), date(2025, 2, 1))


class Ground:
    """What everything else stands on, and how it is thrown together."""

    random: Random
    now: datetime
    places: list[Division]
    villages: list[Division]
    people: list[User]

    def _some(self, rows: Sequence[Row], most: int) -> list[Row]:
        most = min(most, len(rows))
        return self.random.sample(rows, self.random.randint(most // 2, most))

    def _times(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def _chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _span(self) -> dict[str, Any]:
        """Days that are past, going on or to come, with their ends on today's edges too."""
        day = today()
        starts = day + timedelta(days=self.random.choice((-400, -30, -1, 0, 1, 30)))
        ends = self.random.choice((None, None, starts, day - timedelta(days=1), day, day + timedelta(days=9)))
        return {"starts_on": starts, "ends_on": max(starts, ends) if ends else None}

    @staticmethod
    def _store(model: type[Row], rows: Sequence[Row]) -> list[Row]:
        return model._default_manager.bulk_create(rows)

    # Where and who

    def _places(self) -> list[Division]:
        """One or two counties down to groups; two villages may bear one name, and some are not in use."""
        found: list[Division] = []

        def grow(level: str, code: str, parent: Division | None) -> Division:
            name = f"{level}{self.random.randint(1, 3)}"
            path = f"{parent.path}{name}" if parent else name
            place = Division(
                code=code, name=name, level=level, parent=parent, path=path, active=self._chance(85)
            )
            found.append(place)
            return place

        for c in range(self.random.randint(1, 2)):
            county = grow("county", f"32069{c}", None)
            for t in range(self.random.randint(2, 3)):
                town = grow("town", f"{county.code}{t + 101}", county)
                for v in range(self.random.randint(1, 2)):
                    village = grow("village", f"{town.code}{v + 201}", town)
                    for g in self._times(2):
                        grow("group", f"{village.code}{g + 1:03}", village)
        return self._store(Division, found)

    def _people(self, number: int) -> list[User]:
        return self._store(
            User,
            [
                User(
                    login=f"p{n}",
                    name=f"人{n}",
                    mobile=mobile(),
                    is_active=n % 5 != 4 or n < 10,
                    password="!",
                )
                for n in range(number)
            ],
        )

    def _postings(self) -> None:
        """Of every role somebody who serves where the role belongs; beside it any role anywhere at any time, also
        for those who have no posting in force. The first person has none at all."""
        found: dict[tuple[int, str, str], Posting] = {}

        def appoint(n: int, role: Role, places: Sequence[Division], span: dict[str, Any]) -> None:
            place = self.random.choice(places)
            found.setdefault(
                (n, role, place.pk),
                Posting(
                    user=self.people[n], role=role, place=place, payable=role == Role.GRID_WORKER, **span
                ),
            )

        for n, role in enumerate(Role, start=1):
            fitting = [place for place in self.places if place.level in ROLES[role].levels]
            appoint(n, role, fitting, {"starts_on": date(2024, 1, 1), "ends_on": None})
        for n in range(1, len(self.people)):
            for _ in self._times(2):
                appoint(n, self.random.choice(list(Role)), self.places, self._span())
        self._store(Posting, list(found.values()))
        self._store(
            BankAccount,
            [
                BankAccount(user=one, bank="农商行", card="6214830000000000", since=MONDAY)
                for one in self._some(self.people, 12)
            ],
        )

    def _rounds(self) -> None:
        """Who is not there and who goes instead, in towns where they serve and where they do not."""
        self._store(
            DaysOff,
            [
                DaysOff(worker=one, kind="weekly", weekdays=[1], **self._span())
                for one in self._some(self.people, 8)
            ],
        )
        towns = [place for place in self.places if place.level == "town"]
        found = []
        for absent in self.people:
            substitute = self.random.choice([one for one in self.people if one != absent])
            span = self._span()
            span["ends_on"] = span["ends_on"] or today() + timedelta(days=9)
            span["starts_on"] = min(span["starts_on"], span["ends_on"])
            for town in towns:
                villages = [one.code for one in self.places if one.parent == town]
                found.append(
                    StandIn(
                        absent=absent, substitute=substitute, town=town, reason="住院",
                        handed_over=self.random.choice([[town.code], villages[:1]]), **span,
                    )
                )  # fmt: skip
        self._store(StandIn, found)
        self._phones()

    def _phones(self) -> None:
        some = self._some(self.people, 14)
        sessions = self._store(
            Session, [Session(session_key=f"{n}", expire_date=self.now) for n in range(len(some))]
        )
        self._store(
            Phone,
            [
                Phone(user=one, session=session, how="card", browser="安卓，微信", last_used_on=MONDAY)
                for one, session in zip(some, sessions, strict=True)
            ],
        )
        self._store(
            LoginCard,
            [
                LoginCard(user=one, token_hash=one.login, printed_by=self.people[0], printed_at=self.now)
                for one in self._some(self.people, 14)
            ],
        )
