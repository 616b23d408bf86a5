"""The phone of somebody who registers elders: what its forms send and what its pages say, without script."""

import re
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from elders.models import (
    Elder,
    RegistrationDraft,
)
from tests.factories import id_number
from visitcare.kit.weeks import today
from visitcare.org.models import User

BORN = date(1944, 3, 2)
NUMBER = id_number(BORN)
SON = id_number(date(1970, 1, 1), sex="male")

WHO = {"id_number": NUMBER, "name": "李秀英", "phone": "19900012345", "paper_kind": "id_card"}
WHERE = {"place": "320699101201001", "household": "new", "address": "1组8号"}
LIVING = {"living": "alone", "spouse_location": "none", "child_location": "elsewhere"}
WISH = {"consent": "full", "registered_on": today().isoformat(), "signer": "self"}


class Phone:
    """Somebody's phone: what its forms send, and what its pages say."""

    def __init__(self, user: User) -> None:
        self.user, self.client = user, Client()
        self.client.force_login(user)

    def text(self, answer: Any) -> str:
        html = re.sub(r"<svg.*?</svg>|<[^>]+>", "", answer.content.decode(), flags=re.DOTALL)
        return re.sub(r"\s+", " ", html)

    def look(self, page: str = "register", /, *of: Any, **query: Any) -> str:
        answer = self.client.get(reverse(page, args=of), query)
        assert answer.status_code == 200, answer.status_code
        return self.text(answer)

    def search(self, term: str) -> str:
        return self.text(self.client.post(reverse("register"), {"q": term}))

    def press(self, page: str, /, *of: Any, **said: Any) -> Any:
        return self.client.post(reverse(page, args=of), said, follow=True)

    def begin(self, term: str = "") -> RegistrationDraft:
        self.press("new_registration", q=term)
        return RegistrationDraft.objects.filter(made_by=self.user).latest("created_at")

    def fill(self, draft: RegistrationDraft, step: str, /, go: str = "next", **said: Any) -> str:
        """Send a step; what the next page says."""
        return self.text(self.press("registration_draft", draft.pk, step=step, go=go, **said))

    def keep(self, draft: RegistrationDraft, step: str, /, **said: Any) -> Any:
        """What the script sends in the background."""
        address = reverse("registration_draft", args=[draft.pk])
        return self.client.post(address, {"step": step, "go": "keep", "only": list(said), **said})

    def register(self, **changes: dict[str, Any]) -> RegistrationDraft:
        """A whole draft, filled in."""
        draft = self.begin()
        for step, said in {"who": WHO, "where": WHERE, "living": LIVING, "wish": WISH}.items():
            self.fill(draft, step, **said | changes.get(step, {}))
        return draft

    def submit(self, draft: RegistrationDraft, **said: Any) -> str:
        return self.fill(draft, "check", go="submit", **said)


def said_of(draft: RegistrationDraft) -> dict[str, list[str]]:
    return RegistrationDraft.objects.get(pk=draft.pk).said


def renewed(phone: Phone, elder: Elder, **changes: dict[str, Any]) -> str:
    phone.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get(elder=elder)
    said = draft.said
    for step, names in {
        "who": ("name", "paper_kind", "emergency_name"),
        "wish": ("consent", "signer"),
    }.items():
        now = {name: said[name] for name in names if name in said} | {"registered_on": [today().isoformat()]}
        phone.fill(draft, step, **now | changes.get(step, {}))
    phone.fill(draft, "body", **changes.get("body", {}))
    return phone.submit(draft)
