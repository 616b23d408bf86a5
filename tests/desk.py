"""The offices' admin as a person at a desk uses it: open a list or a page, press a door, read what it says."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.test import Client

from visitcare.kit.admin import page_url, rows_url
from visitcare.org.models import User


class Desk:
    """One person, signed in."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def open(self, address: str) -> Any:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer

    def page(self, row: models.Model) -> str:
        """The text of a row's page."""
        return str(self.open(page_url(row)).content.decode())

    def doors(self, row: models.Model) -> list[str]:
        """The doors that a row's page offers."""
        return [door.name for door, _, _ in self.open(page_url(row)).context["doors"]]

    def listed(self, label: str, **filters: Any) -> list[Any]:
        """The rows of a list, in its order."""
        return self.rows(self.open(rows_url(label, **filters)))

    def found(self, label: str, term: str) -> list[Any]:
        """The rows of a list that its search box finds."""
        return self.rows(self.open(self.search(label, term)))

    def search(self, label: str, term: str, **filters: Any) -> str:
        """The address that the form of a list leads to."""
        answer = self.client.post(rows_url(label), {"find": "1", "q": term, **filters})
        assert answer.status_code == 302, answer.status_code
        return rows_url(label) + str(answer.headers["Location"])

    def rows(self, page: Any) -> list[Any]:
        return list(page.context["cl"].result_list)

    def press(self, row: models.Model, door: str, **said: Any) -> list[str]:
        """Do what a door does; what the next page says, or what is wrong with the form."""
        address = page_url(row).removesuffix("change/") + f"{door}/"
        return self._told(self.client.post(address, said))

    def add(self, label: str, **said: Any) -> list[str]:
        return self._told(self.client.post(rows_url(label) + "add/", said))

    def press_all(
        self,
        label: str,
        door: str,
        *,
        rows: Sequence[models.Model] | None = None,
        filters: Any = None,
        **said: Any,
    ) -> list[str]:
        """A bulk door on some rows, or (None) on all of the filter, through the page in between."""
        address = rows_url(label, **(filters or {}))
        chosen = {"action": door, "select_across": "1"}
        if rows is not None:
            chosen |= {"select_across": "0", "_selected_action": [str(row.pk) for row in rows]}  # type: ignore[dict-item]
        between = self.client.post(address, chosen)
        if between.status_code == 302:
            return self._told(between)
        expected = str(between.context["count"])
        return self._told(self.client.post(address, chosen | said | {"confirmed": "1", "expected": expected}))

    def _told(self, answer: Any) -> list[str]:
        """The messages of the page that a redirect leads to, or the mistakes of the form."""
        if answer.status_code == 302:
            page = self.client.get(answer.headers["Location"])
            return [str(message) for message in page.context["messages"]]
        assert answer.status_code == 200, answer.status_code
        form = (answer.context or {}).get("form")
        return [str(words) for errors in form.errors.values() for words in errors] if form else []
