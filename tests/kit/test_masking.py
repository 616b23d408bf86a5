import pytest

from visitcare.kit.masking import mask_card, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("320699194603040173", "3206**********0173"),
        ("320699460304017", "3206*******4017"),
        ("32069919360510018X", "3206**********018X"),
        ("H12345678", "*********"),
        ("", ""),
    ],
)
def test_mask_id_number(number: str, shown: str) -> None:
    assert mask_id_number(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("19900001001", "199****1001"),
        ("0513-19900001", "051******0001"),
        ("19900001", "********"),
        ("", ""),
    ],
)
def test_mask_phone(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("9999000000000005080", "**** 5080"),
        ("9999000000005080", "**** 5080"),
        ("5080", "****"),
        ("", ""),
    ],
)
def test_mask_card(number: str, shown: str) -> None:
    assert mask_card(number) == shown


@pytest.mark.parametrize(("name", "shown"), [("郭炳南三", "郭***"), ("郭南", "郭*"), ("郭", "*"), ("", "")])
def test_mask_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown
