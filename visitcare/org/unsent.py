"""What was typed into a form that could not be taken: its session had ended, or somebody signed in since it was opened.

Nothing of it is lost and nothing is stored: the answer asks for what is missing (signing in, a password of one's own)
and carries what was typed along, signed; its last page sends it to where it was meant to go, with a token of today.

Only what one of our own pages sent is carried, or a stranger's page could lay words into somebody's mouth. Passwords are
never carried.
"""

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from visitcare.org.forms import NewPasswordForm, SignInForm
from visitcare.org.models import User

CARRIED_AS = "unsent"
SALT = "visitcare.org.unsent"
HOLD_PASSWORDS = frozenset({"login", "admin:login", "change_password"})
NOTHING_TO_KEEP = frozenset({"logout", "admin:logout"})


@dataclass(frozen=True, slots=True)
class Unsent:
    """Where a form was sent to, and its fields."""

    address: str
    fields: list[tuple[str, str]]

    def sealed(self) -> str:
        return signing.dumps([self.address, self.fields], salt=SALT, compress=True)


def unsent_of(request: HttpRequest) -> Unsent | None:
    """What came along from an earlier form, or else what this request sends, where it can be sent again."""
    return carried(request) or typed(request)


def typed(request: HttpRequest) -> Unsent | None:
    """What this request sends, if it is a form of ours and can be sent again."""
    match = request.resolver_match
    if request.method != "POST" or not _comes_from_us(request):
        return None
    if match is None or match.view_name in HOLD_PASSWORDS | NOTHING_TO_KEEP:
        return None
    fields = [(name, text) for name, texts in request.POST.lists() for text in texts]
    return Unsent(request.get_full_path(), [field for field in fields if field[0] != "csrfmiddlewaretoken"])


def carried(request: HttpRequest) -> Unsent | None:
    """What came along with this request from the form that could not be taken."""
    if request.method != "POST" or not _comes_from_us(request):
        return None
    try:
        address, fields = signing.loads(request.POST.get(CARRIED_AS, ""), salt=SALT)
    except signing.BadSignature:
        return None
    return Unsent(address, fields)


def go_on(request: HttpRequest, unsent: Unsent, *, status: int = 200) -> HttpResponse:
    """Ask for whatever stands in the way, or offer to send the form again."""
    context: dict[str, object] = {"unsent": unsent, "next": ""}
    user = request.user
    if not isinstance(user, User):
        page, context["form"] = "org/login.html", SignInForm(request)
    elif user.must_change_password:
        page, context["form"] = "org/password.html", NewPasswordForm(user=user)
    else:
        page = "org/send_again.html"
    response = render(request, page, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _comes_from_us(request: HttpRequest) -> bool:
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
