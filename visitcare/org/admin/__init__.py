"""Where and who in the offices' admin: 地区 and 人员账号."""

from visitcare.org.admin.divisions import DivisionAdmin
from visitcare.org.admin.filters import without_password
from visitcare.org.admin.users import UserAdmin

__all__ = ["DivisionAdmin", "UserAdmin", "without_password"]
