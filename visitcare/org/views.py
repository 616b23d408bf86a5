"""Signing in and out, the password, one's phones, large type, and whom to turn to. Login cards are in `card_views`."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from visitcare.org import actions, cards
from visitcare.org.forms import NewPasswordForm, SignInForm
from visitcare.org.models import Phone, User
from visitcare.org.pages import BIG_TEXT_COOKIE, SignedInRequest, way_back, worker_page
from visitcare.org.phones import came_by_card, stay_signed_in, waits_for_password
from visitcare.org.unsent import carried, go_on, unsent_of

YEAR_SECONDS = 365 * 24 * 3600
OPENED_ANEW = ("login", "admin:login", "change_password", "open_card")
"""Pages with a form that can be opened again when its token was too old."""


class SignIn(LoginView):
    """Mobile number or user name, and password; from there to the page that was asked for."""

    http_method_names = ("get", "head", "post")
    authentication_form = SignInForm
    template_name = "org/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        signed_in = super().form_valid(form)
        unsent = carried(self.request)
        return go_on(self.request, unsent) if unsent else signed_in

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(unsent=carried(self.request), **more)

    def get_success_url(self) -> str:
        """Signing in does not lead to signing in."""
        asked = super().get_success_url()
        return self.get_default_redirect_url() if urlsplit(asked).path == self.request.path else asked


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not of this session: it was opened before signing in, or before the cookies went."""
    unsent = unsent_of(request)
    if unsent:
        return go_on(request, unsent, status=403)
    match = request.resolver_match
    can_be_opened = match is not None and match.view_name in OPENED_ANEW
    return render(request, "403_csrf.html", {"can_be_opened": can_be_opened}, status=403)


@worker_page
@require_http_methods(["GET", "POST"])
def change_password(request: SignedInRequest) -> HttpResponse:
    """A password of one's own, and one's phones; a first password leads here before anything else. The session goes on."""
    is_first = waits_for_password(request)
    form = NewPasswordForm(request.POST or None, user=request.user, just_typed=is_first)
    unsent = carried(request)
    if request.method == "POST" and form.is_valid():
        actions.change_password(by=request.user, password=form.cleaned_data["new"])
        stay_signed_in(request, request.user)
        messages.success(request, "密码改好了。下次登录用新密码。")
        return go_on(request, unsent) if unsent else redirect("home")
    context: dict[str, Any] = {"form": form, "unsent": unsent, "is_first": is_first}
    if not is_first:
        context |= {
            "phones": request.user.phones.all(),
            "here": request.session.session_key,
            "has_none": came_by_card(request) and not request.user.has_usable_password(),
        }
    return render(request, "org/password.html", context)


@worker_page
@require_POST
def end_phone(request: SignedInRequest, phone: UUID) -> HttpResponse:
    """Sign another phone of one's own out."""
    mine = get_object_or_404(Phone, pk=phone, user=request.user)
    cards.end_phone(by=request.user, phone=mine)
    messages.success(request, f"退出了：{mine}。那部手机再点一下，就要重新登录。")
    return redirect("change_password")


def turn_big_text(request: HttpRequest) -> bool:
    """Turn large type on or off for whoever is signed in; return what it is now."""
    user = request.user
    was_big = user.big_text if isinstance(user, User) else request.COOKIES.get(BIG_TEXT_COOKIE) == "1"
    if isinstance(user, User):
        actions.switch_big_text(by=user, big=not was_big)
    return not was_big


@require_POST
def big_text(request: HttpRequest) -> HttpResponse:
    """The 大字 switch; a cookie remembers it on this phone for the pages before signing in."""
    big = turn_big_text(request)
    response = redirect(way_back(request))
    response.set_cookie(
        BIG_TEXT_COOKIE, "1" if big else "0", max_age=YEAR_SECONDS, httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return response


@require_GET
def complaint(request: HttpRequest) -> HttpResponse:
    """投诉建议: whom to turn to (domain.md §3)."""
    return render(request, "org/feedback.html")
