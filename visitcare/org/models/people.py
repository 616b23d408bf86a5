"""Where and who: the tree of divisions, the people with an account, and their dated postings; and what they import."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import verify_password
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.masking import mask_card, mask_phone
from visitcare.kit.ranges import days
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas, nothing
from visitcare.kit.sheets import OUTCOME_WORDS
from visitcare.kit.weeks import today
from visitcare.org.roles import OFFICE_ROLES, ROLES, Right, Role

SYSTEM_LOGIN = "system"
CODE_DIGITS = (15, 12, 9, 6)
"""Of a group, a village, a town and a county."""


class DivisionQuerySet(ScopedQuerySet):
    area_path = "code"

    def within(self, user: Viewer) -> Q:
        """A person sees the divisions of every posting, whatever its role: names of places are no secret."""
        return in_areas("code", user.areas_with(""))

    def at(self, level: str) -> "DivisionQuerySet":
        return self.filter(level=level)


class Division(models.Model):
    """County, town (also street or park), village or village group.

    The code is the path: a town's code begins with its county's, and so on (6, 9, 12 and 15 digits). A code never
    changes; a division that moves gets a new row. Groups have no national code: the village's and three digits.
    """

    class Level(models.TextChoices):
        COUNTY = "county", "市县"
        TOWN = "town", "镇（园区、街道）"
        VILLAGE = "village", "村（居）"
        GROUP = "group", "村民小组"

    code = models.CharField("代码", max_length=15, primary_key=True, db_collation="C")
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_column="parent_code",
        related_name="children",
    )
    path = models.CharField("全称", max_length=200, editable=False)
    active = models.BooleanField("启用", default=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "地区"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="division_code_fits_level",
                condition=Q(level="county", code__regex=r"^[0-9]{6}$", parent__isnull=True)
                | Q(level="town", code__regex=r"^[0-9]{9}$", parent__isnull=False)
                | Q(level="village", code__regex=r"^[0-9]{12}$", parent__isnull=False)
                | Q(level="group", code__regex=r"^[0-9]{15}$", parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def town_code(self) -> str:
        return self.code[:9]

    @property
    def village_code(self) -> str:
        return self.code[:12]


def common_place(codes: Collection[str]) -> str:
    """The code of the smallest division that has all of these within it; "" where none has."""
    shortest = min(codes, key=len, default="")
    around = (shortest[:digits] for digits in CODE_DIGITS if len(shortest) >= digits)
    return next((place for place in around if all(code.startswith(place) for code in codes)), "")


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


class BankAccountQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        seen = User.objects.filter(
            pk__in=Posting.objects.filter(
                in_areas("place__code", user.areas_with(Right.SEE_SETTLEMENT))
            ).values("user")
        )
        return Q(user__in=seen) if user.areas_with(Right.SEE_SETTLEMENT) else nothing()


@keeps_history(of="user")
class BankAccount(models.Model):
    """Where a worker's subsidy goes, from a day on; the latest that has begun is in force."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, verbose_name="人员", on_delete=models.PROTECT, related_name="bank_accounts"
    )
    bank = models.CharField("开户银行", max_length=60)
    card = EncryptedTextField("卡号")
    since = models.DateField("起始日期")

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "银行卡"
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_bank_account_a_day", fields=["user", "since"]),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {mask_card(self.card)}"


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


class ImportBatchQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """Those who could have uploaded it: they hold all that it asks for over its place. And whoever did, as long as
        it would be filed there today: of two towns one serves, none is the batch's place."""
        areas = {right: held for right in Right if (held := user.areas_with(right))}
        reach = {right: frozenset({common_place(held)}) for right, held in areas.items()}
        return _that_ask_for(areas) | Q(uploaded_by=getattr(user, "pk", None)) & _that_ask_for(reach)


def _that_ask_for(areas: Mapping[Right, frozenset[str]]) -> Q:
    """The batches whose rights are all held over their place."""
    rows = nothing()
    for area in frozenset().union(*areas.values()):
        held = [right for right, codes in areas.items() if any(area.startswith(code) for code in codes)]
        rows |= Q(rights__contained_by=held) & in_areas("place__code", frozenset({area}))
    return rows


class ImportBatch(models.Model):
    """A file that somebody uploads to have its rows stored: judged first, stored when they have seen the verdicts.

    The file itself stands sealed in the data folder, its key here, until it is stored or given up. `rights` are what its
    kind and options ask for, `place` is where all of that is held: whoever sees a batch may act on it. `transaction` is
    that which stored the rows: what it changed, the history of the rows tells; `made` names the new rows of a table whose
    history keeps no making.
    """

    class State(models.TextChoices):
        JUDGING = "judging", "正在检查"
        JUDGED = "judged", "等您确认"
        REFUSED = "refused", "文件没有收下"
        STORING = "storing", "正在导入"
        STORED = "stored", "已导入"
        ABANDONED = "abandoned", "已放弃"
        UNDOING = "undoing", "正在撤销"
        UNDONE = "undone", "已撤销"

    RUNNING: ClassVar = (State.JUDGING, State.STORING, State.UNDOING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=20)
    rights = ArrayField(models.CharField(max_length=30), verbose_name="权限", default=list)
    options = ArrayField(models.CharField(max_length=20), verbose_name="选项", default=list)
    place = models.ForeignKey(
        Division, verbose_name="地区", on_delete=models.PROTECT, db_column="place_code", related_name="+"
    )
    uploaded_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=200)
    file_key = EncryptedTextField("文件密钥", blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.JUDGING)
    said = models.TextField("说明", blank=True)
    started_at = models.DateTimeField("开始时间")
    total = models.PositiveIntegerField("行数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    counts = models.JSONField("结果", default=dict)
    digest = models.CharField("结果指纹", max_length=64, blank=True)
    skip_bad_rows = models.BooleanField("跳过有问题的行", default=False)
    touched_at = models.DateTimeField("最近变化", auto_now=True)
    transaction = models.BigIntegerField("事务", null=True, blank=True)
    stored_at = models.DateTimeField("导入时间", null=True, blank=True)
    made = ArrayField(models.UUIDField(), verbose_name="新增的记录", default=list)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        User, verbose_name="撤销人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入"
        ordering: ClassVar = ["-uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_import_at_a_time_a_person",
                fields=["uploaded_by"],
                condition=Q(state__in=["judging", "storing"]),
            ),
            models.CheckConstraint(
                name="import_stored_by_a_transaction",
                condition=Q(
                    state__in=["stored", "undoing", "undone"],
                    transaction__isnull=False,
                    stored_at__isnull=False,
                )
                | ~Q(state__in=["stored", "undoing", "undone"]) & Q(transaction=None, stored_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uploaded_by} 的导入"

    @property
    def refused_rows(self) -> int:
        return int(self.counts.get("refused", 0))


class ImportVerdictQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        return Q(batch__in=ImportBatch.objects.visible_to(user).values("pk"))


class ImportVerdict(models.Model):
    """What an import does with one row of its file, in the file's order; numbers of people stand masked in its words."""

    batch = models.ForeignKey(
        ImportBatch, verbose_name="导入", on_delete=models.CASCADE, related_name="verdicts", db_index=False
    )
    position = models.PositiveIntegerField("次序")
    row = models.PositiveIntegerField("行号")
    key = models.CharField("对象", max_length=200)
    outcome = models.CharField("结果", max_length=10, choices=OUTCOME_WORDS.items())
    words = models.TextField("说明", blank=True)

    objects = ImportVerdictQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入结果"
        ordering: ClassVar = ["batch", "position"]
        indexes: ClassVar = [
            models.Index(fields=["batch", "position"], name="verdict_of_batch"),
            models.Index(fields=["batch", "outcome", "position"], name="verdict_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"第 {self.row} 行 {self.key}"
