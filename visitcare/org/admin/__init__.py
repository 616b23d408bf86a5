"""Where and who in the offices' admin: 地区 and 人员账号."""

from visitcare.org.admin.users import DivisionAdmin, UserAdmin, without_password

__all__ = ["DivisionAdmin", "UserAdmin", "without_password"]
