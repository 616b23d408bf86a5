"""Signing in and out, the password, large type, and whom to turn to."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from visitcare.org import actions
from visitcare.org.forms import NewPasswordForm, SignInForm
from visitcare.org.models import User
from visitcare.org.pages import BIG_TEXT_COOKIE, SignedInRequest, way_back, worker_page

YEAR_SECONDS = 365 * 24 * 3600


class SignIn(LoginView):
    """Mobile number or user name, and password; from there to the page that was asked for."""

    http_method_names = ("get", "head", "post")
    authentication_form = SignInForm
    template_name = "org/login.html"
    redirect_authenticated_user = True


@worker_page
@require_http_methods(["GET", "POST"])
def change_password(request: SignedInRequest) -> HttpResponse:
    """A password of one's own; a first password leads here before anything else. The session goes on."""
    form = NewPasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.change_password(by=request.user, password=form.cleaned_data["new"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码改好了。下次登录用新密码。")
        return redirect("home")
    return render(request, "org/password.html", {"form": form})


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
