"""Masks for people who need to recognise a value, not to read it. Short values are hidden whole."""


def mask_id_number(number: str) -> str:
    """An ID number (or other paper) with its first and last four characters."""
    return _masked(number, head=4, tail=4)


def mask_phone(phone: str) -> str:
    """A mobile or landline with its first three and last four characters."""
    return _masked(phone, head=3, tail=4)


def mask_card(number: str) -> str:
    """A bank card as "**** 5080"; the mask has one length, whatever the card has."""
    if not number:
        return ""
    return f"**** {number[-4:]}" if len(number) >= 8 else "****"


def mask_name(name: str) -> str:
    """A name with its first character, which is the family name: "王**"."""
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else "*" * len(name)


def _masked(text: str, *, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    if hidden < 4:  # "H1234567" with four characters at each end would be the whole paper
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]
