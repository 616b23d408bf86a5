"""Who: the people with an account, and their dated postings, from which comes what they may do."""

import uuid
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import verify_password
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.masking import mask_phone
from visitcare.kit.ranges import days
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.kit.weeks import today
from visitcare.org.models.places import Division
from visitcare.org.roles import OFFICE_ROLES, ROLES, Right, Role

SYSTEM_LOGIN = "system"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(login=username)

    def system(self) -> "User":
        """The actor of commands and of what happens by itself; nobody can sign in as it."""
        return self.get(login=SYSTEM_LOGIN)


class UserQuerySet(ScopedQuerySet):
    area_path = "postings__place__code"
    seen_with = Right.SEE_ACCOUNTS

    def within(self, user: Viewer) -> Q:
        areas = user.areas_with(Right.SEE_ACCOUNTS)
        if not areas:
            return Q(pk=getattr(user, "pk", None))
        posted = Posting.objects.filter(in_areas("place__code", areas)).values("user")
        return Q(pk__in=posted) | Q(pk=getattr(user, "pk", None))


@keeps_history(without=["password"], unnoticed=["last_login", "big_text"])
class User(AbstractBaseUser):
    """A person with an account. What they may do comes from their postings alone; there is no superuser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    login = models.CharField("用户名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=60)
    mobile = EncryptedTextField("手机号", blank=True)
    mobile_index = BlindIndexField(source="mobile", kind="mobile", unique=True)
    id_number = EncryptedTextField("居民身份证号码", blank=True)
    id_number_index = BlindIndexField(source="id_number", kind="id_number", unique=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须改初始密码", default=False)
    big_text = models.BooleanField("大字", default=False)
    joined_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "人员账号"
        ordering: ClassVar = ["login"]

    def __str__(self) -> str:
        return self.name

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the right one. Only that: the framework's own would also keep it anew, which is an act
        (`org.backends`)."""
        return verify_password(raw_password, self.password)[0]

    @property
    def audit_id(self) -> uuid.UUID:
        return self.pk

    @property
    def audit_name(self) -> str:
        """With the operating system user behind it where the system acts for somebody at a terminal."""
        behind = getattr(self, "behind", "")
        return f"{self.name}（{behind}）" if behind else self.name

    @property
    def audit_place(self) -> Division | None:
        """Where this person serves: the widest of their places today; for the system its county."""
        if self.is_system:
            counties = list(Division.objects.at(Division.Level.COUNTY)[:2])
            return counties[0] if len(counties) == 1 else None
        return min(
            (posting.place for posting in self.postings_today), key=lambda one: len(one.code), default=None
        )

    @property
    def masked_mobile(self) -> str:
        return mask_phone(self.mobile)

    @property
    def is_system(self) -> bool:
        return self.login == SYSTEM_LOGIN

    @cached_property
    def all_postings(self) -> tuple["Posting", ...]:
        """Every posting of this person, of whatever time, with its place; read once per request."""
        return tuple(self.postings.select_related("place__parent"))

    @cached_property
    def postings_today(self) -> tuple["Posting", ...]:
        """The postings in force today."""
        day = today()
        return tuple(posting for posting in self.all_postings if posting.is_in_force(day))

    @property
    def standing(self) -> tuple[tuple[str, str], ...]:
        """(role, division code) of the postings in force today."""
        return tuple((posting.role, posting.place_id) for posting in self.postings_today)

    def areas_with(self, right: str) -> frozenset[str]:
        """Prefixes of division codes within which a posting in force gives the right ("" asks for any posting).
        The system actor holds every right everywhere: it acts only through commands."""
        if self.is_system:
            return frozenset(Division.objects.at(Division.Level.COUNTY).values_list("code", flat=True))
        if not self.is_active:
            return frozenset()
        return frozenset(code for role, code in self.standing if not right or right in ROLES[role].rights)

    def may(self, right: str, code: str = "") -> bool:
        """Whether the person holds the right for the division with this code ("": anywhere at all)."""
        if self.is_system:
            return True
        areas = self.areas_with(right)
        return any(code.startswith(area) for area in areas) if code else bool(areas)

    @property
    def is_staff(self) -> bool:
        """Whether the person works in the admin."""
        return any(role in OFFICE_ROLES for role, _ in self.standing)

    # The admin's own permissions are never given out: each admin class asks for a Right (kit.admin).
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class PostingQuerySet(ScopedQuerySet):
    area_path = "place__code"
    seen_with = Right.SEE_ACCOUNTS

    def in_force(self, day: date) -> "PostingQuerySet":
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


@keeps_history(of="user")
class Posting(models.Model):
    """Who serves where, as what, from when to when (both days included).

    `payable` belongs to grid workers (domain.md §4): any payable posting in force on the day of a visit makes its
    worker payable. `own_household` is the number of the worker's own household in the posting's village, as text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, verbose_name="人员", on_delete=models.PROTECT, related_name="postings")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    place = models.ForeignKey(
        Division,
        verbose_name="地区",
        on_delete=models.PROTECT,
        db_column="place_code",
        related_name="postings",
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    payable = models.BooleanField("计酬", default=False)
    own_household = models.CharField("本人户编号", max_length=40, blank=True)
    registered_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering: ClassVar = ["starts_on", "place_id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="posting_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="posting_payable_grid_worker", condition=Q(payable=False) | Q(role=Role.GRID_WORKER)
            ),
            ExclusionConstraint(
                name="posting_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.place.path} · {self.get_role_display()}"

    def is_in_force(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
