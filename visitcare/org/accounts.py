"""Which account somebody means who types a mobile number or a user name."""

from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_mobile
from visitcare.org.models import User


def find_account(typed: str) -> User | None:
    """The account with this user name or mobile number."""
    return User.objects.filter(**_looked_up(typed)).first()


def as_meant(typed: str) -> str:
    """What somebody typed, in the one way in which it is looked up."""
    return "{}={}".format(*_looked_up(typed).popitem())


def _looked_up(typed: str) -> dict[str, str | None]:
    try:
        return {"mobile_index": blind_index("mobile", parse_mobile(typed))}
    except PaperError:
        return {"login": typed.strip()}
