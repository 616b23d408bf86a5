"""What the list of accounts is narrowed by."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from visitcare.kit.admin import Choice, OfficeRequest
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.models import LoginCard, Phone, Posting
from visitcare.org.roles import Role


class RoleFilter(Choice):
    title = "角色"
    parameter_name = "role"

    def options(self, request: OfficeRequest) -> list[tuple[str, str]]:
        return list(Role.choices)

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        serving = Posting.objects.visible_to(self.request.user).in_force(today()).filter(role=value)
        return rows.filter(pk__in=serving.values("user"))


class SignInFilter(Choice):
    """Who can sign in already: an account without a password is of no use to anybody."""

    title = "登录"
    parameter_name = "sign_in"

    def options(self, request: OfficeRequest) -> list[tuple[str, str]]:
        return [("none", "还没发初始密码"), ("first", "等本人改密码"), ("off", "停用")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "off":
            return rows.filter(is_active=False)
        if value == "none":
            return without_password(rows)
        return rows.filter(is_active=True, must_change_password=True).exclude(
            password__startswith=UNUSABLE_PASSWORD_PREFIX
        )


def without_password(users: QuerySet) -> QuerySet:
    """Accounts that nobody can sign in to yet, by password or by card."""
    by_card = Q(pk__in=Phone.objects.values("user")) | Q(pk__in=LoginCard.objects.values("user"))
    return users.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).exclude(by_card)


class PlaceOfUser:
    """Narrowing by the places of postings in force, as a condition on keys (a user may have several)."""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        serving = Posting.objects.visible_to(self.request.user).in_force(today())  # type: ignore[attr-defined]
        return rows.filter(pk__in=serving.filter(place__code__startswith=value).values("user"))


TownOfUser, VillageOfUser = (type(base.__name__, (PlaceOfUser, base), {}) for base in places("place"))
