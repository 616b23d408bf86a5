"""A constraint of the database that speaks to the person who met it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction


@contextmanager
def refused_in_words(words: Mapping[str, str]) -> Iterator[None]:
    """Run the block in a transaction of its own; what one of these constraints refuses is a ValueError with its words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        if name not in words:
            raise
        raise ValueError(words[name]) from error
