"""Keys that grow with time."""

import secrets
import time
from uuid import UUID

RANDOM_BITS = 80
"""Of a key, in which version and variant take six; the time in milliseconds stands before them."""


def uuid7() -> UUID:
    """A key of now (RFC 9562, version 7): rows that came together lie together in an index of millions, as those do
    whose keys a phone has made. Python has its own from 3.14 on."""
    milliseconds = time.time_ns() // 1_000_000
    key = milliseconds << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    key = key & ~(0xF << 76) | 0x7 << 76
    key = key & ~(0b11 << 62) | 0b10 << 62
    return UUID(int=key)
