"""Searching a list: what is typed travels in a form, and no number of a person ever stands in an address.

Addresses are kept: by the browser's history, by logs of servers on the way, by whoever is sent a link. A name or the last
four digits may stand there. A term with more digits is sealed for the person who typed it: the address then finds the
same rows again, for them alone.
"""

from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR, ChangeListSearchForm
from django.core.exceptions import ImproperlyConfigured, ValidationError

from visitcare.kit.encryption import keyring, unseal

FIND = "find"
"""The hidden field by which a list's form for filters and search is known from that of its bulk doors."""
FEWEST_DIGITS = 7
"""Of any number of a person: a landline has seven; ID numbers, mobiles and cards have more."""
_SEALED = "~"


def in_address(term: str, *, by: Any) -> str:
    """A search term as it may stand in an address."""
    is_sealed = _may_be_a_number(term) or term.startswith(_SEALED)  # what looks sealed would be opened
    return _SEALED + keyring().encrypt(_owned(by) + term) if is_sealed else term


def stands_open(found: str) -> bool:
    """Whether what was found in an address is a number that somebody has written there by hand."""
    return _may_be_a_number(found) and not found.startswith(_SEALED)


def _may_be_a_number(term: str) -> bool:
    return sum(char.isdigit() for char in term) >= FEWEST_DIGITS


def _owned(user: Any) -> str:
    # Also keeps what the database holds sealed from being read by way of a search box.
    return f"search by {user.pk}:"


class SearchForm(ChangeListSearchForm):
    """Reads the search term out of an address."""

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owned = _owned(by)

    def clean_q(self) -> str:
        term: str = self.cleaned_data[SEARCH_VAR]
        return self._opened(term.removeprefix(_SEALED)) if term.startswith(_SEALED) else term

    def _opened(self, sealed: str) -> str:
        try:
            text = unseal(sealed)
        except (ImproperlyConfigured, ValueError):
            text = ""
        if not text.startswith(self._owned):
            raise ValidationError("这个查找是别人做的，或者太久了，打不开。请重新输入要找的号码。")
        return text.removeprefix(self._owned)
