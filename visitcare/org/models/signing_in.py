"""How somebody signs in: passwords that were tried, printed cards, and the phones they are signed in on."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.org.models.people import Posting, User
from visitcare.org.roles import Right


class PasswordTries(models.Model):
    """Passwords tried on one account, or on a name that nobody has, since the last right one (org.throttling).

    The key is a keyed index: nobody can read from it who was meant, or what was typed. `last_at` is the last try that
    was looked at; how long the next has to wait follows from both.
    """

    key = models.CharField("索引", max_length=32, primary_key=True, editable=False)
    tries = models.PositiveIntegerField("次数", default=0)
    last_at = models.DateTimeField("最近一次", db_index=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "密码尝试"

    def __str__(self) -> str:
        return f"{self.tries} 次，最近 {self.last_at:%Y-%m-%d %H:%M}"


class PhoneQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """One's own, and those of the people whose accounts one keeps."""
        return Q(user=getattr(user, "pk", None)) | Q(
            user__in=_serving_in(user.areas_with(Right.KEEP_WORKERS))
        )


class Phone(models.Model):
    """A phone on which a field worker is signed in: it goes with its session, however that ends.

    Whoever deletes the session ends the phone at its next request. `last_used_on` is noted once a day.
    """

    class How(models.TextChoices):
        PASSWORD = "password", "密码"
        CARD = "card", "登录卡"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, verbose_name="人员", on_delete=models.CASCADE, related_name="phones")
    session = models.OneToOneField(
        "sessions.Session", verbose_name="会话", on_delete=models.CASCADE, related_name="phone"
    )
    how = models.CharField("登录方式", max_length=10, choices=How.choices)
    browser = models.CharField("手机", max_length=40)
    registered_at = models.DateTimeField("登录时间", default=timezone.now)
    last_used_on = models.DateField("最近使用")

    objects = PhoneQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录的手机"
        ordering: ClassVar = ["-last_used_on", "-registered_at"]

    def __str__(self) -> str:
        return f"{self.browser}，{timezone.localdate(self.registered_at)} 用{self.get_how_display()}登录"


class LoginCardQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        return Q(user__in=_serving_in(user.areas_with(Right.PRINT_CARD)))


class LoginCard(models.Model):
    """The printed card that signs a field worker in once: the row goes when it is used, and a new card takes its place.

    The token itself stands on the paper alone. It is random, so that a plain hash of it tells nothing.
    """

    user = models.OneToOneField(
        User, verbose_name="人员", on_delete=models.CASCADE, primary_key=True, related_name="login_card"
    )
    token_hash = models.CharField("令牌指纹", max_length=64, unique=True)
    printed_by = models.ForeignKey(User, verbose_name="打印人", on_delete=models.PROTECT, related_name="+")
    printed_at = models.DateTimeField("打印时间")

    objects = LoginCardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录卡"

    def __str__(self) -> str:
        return f"{self.user} 的登录卡"


def _serving_in(areas: frozenset[str]) -> Any:
    """Whoever has a posting there, an ended one too."""
    return Posting.objects.filter(in_areas("place__code", areas)).values("user")
