"""Counties that nobody thought of: random areas, people and postings, with rows of every model that has a row rule.

Rows are written past the actions: a rule on who sees what holds for whatever the database can hold, also for a
household that moved, a posting of a role at a level where none is, or a place that is no longer in use.
"""

from random import Random

from django.utils import timezone

from elders.models import Household
from tests.doors.forest.money import Money
from visitcare.audit.models import Event
from visitcare.org.models import Division, ImportBatch, ImportVerdict


class Forest(Money):
    """A random county, the same again for the same seed. `people` are those whose lists are to be compared."""

    def __init__(self, seed: int, people: int = 16) -> None:
        self.random = Random(seed)
        self.now = timezone.now()
        self.places = self._places()
        self.villages = [place for place in self.places if place.level == "village"]
        self.people = self._people(people)
        self._postings()
        self._rounds()
        self._households()
        self._papers()
        self._visits()
        self._inbox()
        self._money()
        self._imports()
        self._move_some()
        self._events()

    # What was uploaded

    def _imports(self) -> None:
        batches = self._store(
            ImportBatch,
            [
                ImportBatch(
                    kind="elders", rights=["import_sheets", *rights], place=place, uploaded_by=uploader,
                    state="judged", started_at=self.now,
                )
                for place in self._some(self.places, 12)
                for rights in (["register_elder"], ["register_elder", "approve_elder"], ["keep_workers"], ["review_visit"])
                for uploader in self._some(self.people, 2)
            ],
        )  # fmt: skip
        self._store(
            ImportVerdict, [ImportVerdict(batch=one, position=0, row=2, outcome="new") for one in batches]
        )

    # What came later

    def _move_some(self) -> None:
        """Households that live elsewhere now: what was visited, owed and found stays where it was."""
        for home in self._some(self.households, 5):
            Household.objects.filter(pk=home.pk).update(place=self.random.choice(self.villages))
        for place in self._some(self.villages, 2):
            Division.objects.filter(pk=place.pk).update(name="新名", active=False)

    def _events(self) -> None:
        places = [*self.random.choices(self.places, k=20), None, None]
        self._store(
            Event,
            [
                Event(
                    actor_id=self.people[0].pk, actor_name="甲", verb="reveal", words="看了",
                    area_code=place.code if place else "",
                )
                for place in places
            ],
        )  # fmt: skip
