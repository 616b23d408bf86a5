"""Where and who: the tree of divisions, the people with an account, and their dated postings; and what they import.

`places` holds the divisions, `people` the accounts and postings, `bank_accounts` where their money goes, `signing_in` passwords
tried, login cards and phones, `imports` the files. Imports go one way: places ← people ← all others.
"""

from visitcare.org.models.bank_accounts import BankAccount
from visitcare.org.models.imports import ImportBatch, ImportVerdict
from visitcare.org.models.people import SYSTEM_LOGIN, Posting, User
from visitcare.org.models.places import CODE_DIGITS, Division, common_place
from visitcare.org.models.signing_in import LoginCard, PasswordTries, Phone

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
