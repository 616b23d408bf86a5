"""The only writers of divisions, accounts and postings."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from visitcare.audit.actions import record
from visitcare.kit.cells import group_name
from visitcare.kit.weeks import today
from visitcare.org.models import BankAccount, Division, LoginCard, Phone, Posting, User
from visitcare.org.passwords import first_password
from visitcare.org.phones import end_sessions
from visitcare.org.roles import ROLES, Right, Role, right_to_appoint
from visitcare.org.throttling import forget_tries, key_of_account

VIRTUAL_VILLAGE = "498"
"""Last three digits of 虚拟社区 in the statistical codes: nobody lives there."""


class NotAllowed(PermissionDenied):
    """The person may not do this, or not here. The message is for them."""


def require(by: User, right: Right, code: str = "") -> None:
    """Raise NotAllowed unless `by` holds the right for the division."""
    require_any(by, (right,), code)


def require_any(by: User, rights: Iterable[Right], code: str = "") -> None:
    """Raise NotAllowed unless `by` holds one of the rights for the division."""
    if not any(by.may(right, code) for right in rights):
        raise NotAllowed("您没有办理这件事的权限，或者它不在您管的地区。需要的话，请找系统管理员。")


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """One line of the divisions file."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(slots=True)
class Loaded:
    """What load_divisions did."""

    added: int = 0
    renamed: int = 0
    unchanged: int = 0


def load_divisions(*, by: User, rows: Iterable[DivisionRow]) -> Loaded:
    """Add and rename divisions; never delete. Raise ValueError (Chinese, with the code) on a row that cannot be."""
    require(by, Right.KEEP_ACCOUNTS)
    done = Loaded()
    with transaction.atomic():
        known = {division.code: division for division in Division.objects.all()}
        for row in sorted(rows, key=lambda row: len(row.code)):
            _load_division(row, known, done)
        if done.added or done.renamed:
            _refresh_paths(known)
            record(
                by=by, verb="load_divisions", words=f"导入区划：新增 {done.added} 个，改名 {done.renamed} 个"
            )
    return done


def _load_division(row: DivisionRow, known: dict[str, Division], done: Loaded) -> None:
    digits = {"county": 6, "town": 9, "village": 12}
    if row.level not in digits or not row.code.isdecimal() or len(row.code) != digits[row.level]:
        raise ValueError(
            f"区划代码 {row.code or '（空）'} 和级别“{row.level}”对不上：市县 6 位、镇 9 位、村 12 位。"
        )
    if not row.name:
        raise ValueError(f"区划代码 {row.code} 没有名称。请补上。")
    if row.level != "county" and (row.parent not in known or not row.code.startswith(row.parent)):
        raise ValueError(
            f"区划代码 {row.code} 的上级 {row.parent or '（空）'} 不在文件里，或者不是它的前几位。"
        )
    division = known.get(row.code)
    if division is None:
        known[row.code] = Division.objects.create(
            code=row.code,
            name=row.name,
            level=row.level,
            parent=known.get(row.parent),
            active=not (row.level == "village" and row.code.endswith(VIRTUAL_VILLAGE)),
        )
        done.added += 1
    elif division.name != row.name:
        division.name = row.name
        division.save(update_fields=["name"])
        done.renamed += 1
    else:
        done.unchanged += 1


def _refresh_paths(known: dict[str, Division]) -> None:
    changed = []
    for code in sorted(known, key=len):
        division = known[code]
        above = known[division.parent_id] if division.parent_id else None
        path = _path(division.name, above)
        if division.path != path:
            division.path = path
            changed.append(division)
    Division.objects.bulk_update(changed, ["path"], batch_size=500)


def _path(name: str, above: Division | None) -> str:
    """The county is left out: everybody is in it."""
    return name if above is None or above.parent_id is None else f"{above.path}{name}"


def ensure_group(*, by: User, village: Division, text: str) -> Division:
    """The village group a person means by 1, 1组 or 第1组; made when it is new."""
    require_any(by, (Right.REGISTER_ELDER, Right.KEEP_WORKERS), village.code)
    name = group_name(text)
    with transaction.atomic():
        groups = {group.name: group for group in village.children.all()}
        if name in groups:
            return groups[name]
        digits = name.removesuffix("组")
        taken = {group.code[12:] for group in groups.values()}
        number = f"{int(digits):03d}" if digits.isdecimal() and int(digits) < 500 else ""
        if (
            not number or number in taken
        ):  # named groups (东组) are numbered from 501 in the order they turn up
            number = next(f"{n:03d}" for n in range(501, 1000) if f"{n:03d}" not in taken)
        group = Division.objects.create(
            code=village.code + number,
            name=name,
            level=Division.Level.GROUP,
            parent=village,
            path=_path(name, village),
        )
        record(by=by, verb="add_group", words=f"新增村民小组 {group.path}", about=group, where=group)
        return group


def add_user(*, by: User, name: str, login: str = "", mobile: str = "", id_number: str = "") -> User:
    """A new account without a password: nobody can sign in until one is issued."""
    require_any(by, (Right.KEEP_WORKERS, Right.KEEP_ACCOUNTS))
    with transaction.atomic():
        user = User(
            id=uuid.uuid4(),
            name=name,
            login=login,
            mobile=mobile,
            id_number=id_number,
            must_change_password=True,
        )
        user.login = login or f"u{user.id.hex[:12]}"
        user.set_unusable_password()
        user.save(force_insert=True)
        record(by=by, verb="add_user", words=f"新建账号：{name}", about=user)
        return user


def _require_somebody_of_ours(by: User, user: User) -> None:
    """Raise NotAllowed for oneself, and for people who serve outside the area that `by` keeps: another town that pays
    them has a say too. Where somebody served once counts only while they serve nowhere: the last pay is still to come."""
    if user == by:
        raise NotAllowed("自己的身份证号码和银行卡，请同事来登记。")
    postings = _going_on(user) or user.postings.all()
    places = [posting.place_id for posting in postings] or [""]
    if not all(by.may(Right.KEEP_WORKERS, place) for place in places):
        raise NotAllowed(
            f"{user.name}不只在您管的地区任职，身份证号码和银行卡请系统管理员登记。导入时这几格先空着。"
        )


def set_id_number(*, by: User, user: User, id_number: str) -> None:
    """Add the ID number (checked, 18 digits) that an account lacks."""
    _require_somebody_of_ours(by, user)
    with transaction.atomic():
        user.id_number = id_number
        user.save(update_fields=["id_number", "id_number_index"])
        record(by=by, verb="set_id_number", words=f"补登{user.name}的身份证号码", about=user)


def appoint(
    *,
    by: User,
    user: User,
    role: str,
    place: Division,
    starts_on: date,
    ends_on: date | None = None,
    payable: bool = False,
    own_household: str = "",
) -> Posting:
    """Give a person a posting. Only grid workers are payable (notice part 4); nobody appoints themselves."""
    require(by, right_to_appoint(role), place.code)
    if user == by:
        raise NotAllowed("不能给自己登记任职。请同事来办。")
    if place.level not in ROLES[role].levels:
        levels = "、".join(Division.Level(level).label for level in ROLES[role].levels)
        raise ValueError(f"{Role(role).label}要任在：{levels}，不能任在“{place.path}”。")
    with transaction.atomic():
        posting = Posting.objects.create(
            user=user,
            role=role,
            place=place,
            starts_on=starts_on,
            ends_on=ends_on,
            payable=payable and role == Role.GRID_WORKER,
            own_household=own_household,
        )
        record(
            by=by,
            verb="appoint",
            words=f"{user.name}自 {starts_on} 起任{place.path}{Role(role).label}{'，计酬' if posting.payable else ''}",
            about=user,
            where=place,
        )
        return posting


def end_posting(*, by: User, posting: Posting, last_day: date) -> None:
    """End a posting after `last_day`."""
    require(by, right_to_appoint(posting.role), posting.place_id)
    with transaction.atomic():
        posting.ends_on = last_day
        posting.save(update_fields=["ends_on"])
        record(
            by=by,
            verb="end_posting",
            words=f"{posting.user.name}的{posting.place.path}{posting.get_role_display()}任职到 {last_day} 为止",
            about=posting.user,
            where=posting.place,
        )


def set_bank_account(*, by: User, user: User, bank: str, card: str, since: date) -> bool:
    """Register where the subsidy goes; False when that is already so. Nobody registers their own."""
    _require_somebody_of_ours(by, user)
    latest = user.bank_accounts.order_by("-since").first()
    if latest and (latest.bank, latest.card) == (bank, card):
        return False
    with transaction.atomic():
        if latest:  # a changed card holds from today, or the day after one that was entered today
            since = max(since, latest.since + timedelta(days=1))
        BankAccount.objects.create(user=user, bank=bank, card=card, since=since)
        record(by=by, verb="set_bank_account", words=f"登记{user.name}的银行卡（{bank}）", about=user)
    return True


def _going_on(user: User) -> QuerySet[Posting]:
    """The postings that have not ended."""
    return user.postings.filter(Q(ends_on=None) | Q(ends_on__gte=today()))


def may_issue_password(by: User, user: User) -> bool:
    """Whoever issues a password could sign in with it: only where they keep all places and roles of the person."""
    places = user.postings.values_list("place_id", flat=True)
    powers = _going_on(user).values_list("role", "place_id")
    return (
        not user.is_system
        and by.may(Right.ISSUE_PASSWORD)
        and all(by.may(Right.ISSUE_PASSWORD, place) for place in places)
        and all(by.may(right_to_appoint(role), place) for role, place in powers)
    )


def issue_first_password(*, by: User, user: User) -> str:
    """A new first password, to be shown once and changed at the first sign-in. Every session of that person ends
    with it, and so do an unused login card and the wait after wrong passwords. Towns issue those of their field workers (ADR 7)."""
    if not may_issue_password(by, user):
        raise NotAllowed("只能给本地区的探访人员发初始密码；镇里、市里的账号，请找系统管理员。")
    with transaction.atomic():
        password = first_password()
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        forget_tries(key_of_account(user))
        end_sessions(Phone.objects.filter(user=user))
        LoginCard.objects.filter(user=user).delete()
        record(by=by, verb="issue_first_password", words=f"给{user.name}发了初始密码", about=user)
    return password


def change_password(*, by: User, password: str) -> None:
    """A person's own new password."""
    with transaction.atomic():
        by.set_password(password)
        by.must_change_password = False
        by.save(update_fields=["password", "must_change_password"])
        record(by=by, verb="change_password", words="修改了自己的密码", about=by)


def keep_password_anew(*, by: User, password: str) -> None:
    """The password that somebody just signed in with, kept as passwords are kept today: what is strong enough grows
    with the framework."""
    with transaction.atomic():
        by.set_password(password)
        by.save(update_fields=["password"])
        record(by=by, verb="keep_password_anew", words="登录时密码按新的强度重新保存，密码没有变", about=by)


def switch_big_text(*, by: User, big: bool) -> None:
    """The 大字 switch. A taste, not an act: no event."""
    by.big_text = big
    by.save(update_fields=["big_text"])
