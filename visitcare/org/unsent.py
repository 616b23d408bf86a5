"""What was filled into a form that could not be taken: its session had ended, or somebody signed in since it was opened.

Nothing of it is lost and nothing is stored: the answer asks for what is missing (signing in, a password of one's own)
and carries what was typed along, sealed; its last page sends it to where it was meant to go, with a token of today.

A form is carried when it says who opened it (the template tag `written_by`), and offered to nobody else: on a shared
phone the next one's name must not come under it. Only what one of our own pages sent is carried, or a stranger's page
could lay words into somebody's mouth. Forms with passwords do not say who opened them.
"""

import json
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from visitcare.kit.encryption import keyring, unseal
from visitcare.org.forms import NewPasswordForm, SignInForm
from visitcare.org.models import User
from visitcare.org.phones import waits_for_password

CARRIED_AS = "unsent"
WRITTEN_BY = "written_by"
CSRF_FIELD = "csrfmiddlewaretoken"
LOST_FILES = "lost_files"
"""The field that tells of files which came with the form: they cannot be carried along."""
# Keeps what the database holds sealed from being read by way of a form.
_KIND = "unsent form:"


@dataclass(frozen=True, slots=True)
class Unsent:
    """Who opened the form, where it was sent to, and its fields."""

    owner: str
    address: str
    fields: list[tuple[str, str]]

    def sealed(self) -> str:
        return keyring().encrypt(_KIND + json.dumps([self.owner, self.address, self.fields]))


def unsent_of(request: HttpRequest) -> Unsent | None:
    """What came along from an earlier form, or else what this request sends, where it can be sent again."""
    return carried(request) or typed(request)


def typed(request: HttpRequest) -> Unsent | None:
    """What this request sends, if it is a form of ours that can be sent again."""
    owner = request.POST.get(WRITTEN_BY) if _comes_from_us(request) else None
    if not owner:
        return None
    fields = [
        (name, str(text)) for name, texts in request.POST.lists() for text in texts if name != CSRF_FIELD
    ]
    fields += [(LOST_FILES, name) for name in request.FILES]
    return Unsent(owner, request.get_full_path(), fields)


def carried(request: HttpRequest) -> Unsent | None:
    """What came along with this request from the form that could not be taken."""
    sealed = request.POST.get(CARRIED_AS) if _comes_from_us(request) else None
    try:
        text = unseal(sealed) if sealed else ""
    except (ImproperlyConfigured, ValueError):
        text = ""
    return Unsent(*json.loads(text.removeprefix(_KIND))) if text.startswith(_KIND) else None


def go_on(request: HttpRequest, unsent: Unsent, *, status: int = 200) -> HttpResponse:
    """Ask for whatever stands in the way, or offer to send the form again; but not to somebody else."""
    context: dict[str, object] = {"unsent": unsent, "next": ""}
    user = request.user
    if not isinstance(user, User):
        page, context["form"] = "org/login.html", SignInForm(request)
    elif str(user.pk) != unsent.owner:
        messages.warning(
            request, "刚才没有办成的，是另一个账号填的，没有记到您的名下。请那位自己登录后重新办。"
        )
        return redirect("home")
    elif waits_for_password(request):
        page = "org/password.html"
        context |= {"form": NewPasswordForm(user=user, just_typed=True), "is_first": True}
    else:
        page = "org/send_again.html"
    response = render(request, page, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _comes_from_us(request: HttpRequest) -> bool:
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
