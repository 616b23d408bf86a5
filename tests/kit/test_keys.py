"""UUIDs of version 7."""

import time
import uuid

from visitcare.kit.keys import uuid7


def test_a_key_says_its_version_variant_and_time() -> None:
    before = time.time_ns() // 1_000_000
    keys = [uuid7() for _ in range(200)]
    after = time.time_ns() // 1_000_000
    assert {(key.version, key.variant) for key in keys} == {(7, uuid.RFC_4122)}
    assert all(before <= key.int >> 80 <= after for key in keys)


def test_keys_of_the_same_millisecond_differ() -> None:
    keys = [uuid7() for _ in range(10_000)]
    assert len(set(keys)) == len(keys)
    assert len({key.int >> 80 for key in keys}) < len(keys)


def test_a_later_key_is_greater() -> None:
    earlier = uuid7()
    time.sleep(0.002)
    assert uuid7() > earlier
