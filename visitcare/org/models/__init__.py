"""Where and who: the tree of divisions, the people with an account, and their dated postings; and what they import."""

from visitcare.org.models.people import (
    CODE_DIGITS,
    SYSTEM_LOGIN,
    BankAccount,
    Division,
    ImportBatch,
    ImportVerdict,
    LoginCard,
    PasswordTries,
    Phone,
    Posting,
    User,
    common_place,
)

__all__ = [
    "CODE_DIGITS",
    "SYSTEM_LOGIN",
    "BankAccount",
    "Division",
    "ImportBatch",
    "ImportVerdict",
    "LoginCard",
    "PasswordTries",
    "Phone",
    "Posting",
    "User",
    "common_place",
]
