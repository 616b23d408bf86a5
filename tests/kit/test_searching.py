"""Search terms in addresses: what stays readable, what is sealed, and for whom it opens again."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import id_number
from visitcare.kit.admin.searching import SearchForm, in_address, stands_open
from visitcare.kit.encryption import keyring

ONE: Any = SimpleNamespace(pk=1)
OTHER: Any = SimpleNamespace(pk=11)
NUMBER = id_number(date(1945, 2, 3))


def read(address: str, *, by: Any = ONE) -> tuple[str, bool]:
    form = SearchForm({"q": address}, by=by)
    valid = form.is_valid()
    return form.cleaned_data.get("q", ""), valid


@pytest.mark.parametrize("term", ["施汉清", "永安村1组", "1234", "123X", "", "01001"])
def test_names_places_and_last_four_stay_readable(term: str) -> None:
    assert in_address(term, by=ONE) == term
    assert not stands_open(term)


@pytest.mark.parametrize(
    "term",
    [
        NUMBER,
        NUMBER.lower(),
        f"~{NUMBER}",
        "19900012345",
        "199 0001 2345",
        "0513-83211234",
        "83211 23",
        "6217 6690 7439 1500 080",
        "".join(chr(ord(char) + 0xFEE0) for char in NUMBER),
        f"施汉清{NUMBER}",
        "G12345678",
        "~张",
    ],
)
def test_whatever_may_be_a_number_of_a_person_is_sealed_and_opens_as_it_was_typed(term: str) -> None:
    address = in_address(term, by=ONE)
    assert term not in address
    assert read(address) == (term, True)
    assert read(in_address(term, by=OTHER), by=OTHER) == (term, True)


def test_nobody_else_opens_it() -> None:
    assert read(in_address(NUMBER, by=ONE), by=OTHER) == ("", False)
    assert read(in_address(NUMBER, by=OTHER), by=ONE) == ("", False)


def test_nothing_that_the_database_holds_sealed_opens() -> None:
    assert read("~" + keyring().encrypt(NUMBER)) == ("", False)


@pytest.mark.parametrize("address", ["~", "~k1", "~k1:", "~k1:AAAA", "~k9:AAAA", "~k1:!", f"~{NUMBER}"])
def test_what_does_not_open_says_so(address: str) -> None:
    form = SearchForm({"q": address}, by=ONE)
    assert form.errors == {"q": ["这个查找是别人做的，或者太久了，打不开。请重新输入要找的号码。"]}


def test_only_a_number_in_plain_stands_open() -> None:
    assert stands_open(NUMBER)
    assert not stands_open(in_address(NUMBER, by=ONE))
