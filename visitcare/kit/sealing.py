"""Files that hold people's data, sealed chunk by chunk with a key of their own: without the key they say nothing.

The key stands elsewhere (in an encrypted column, which a change of the keyring reaches), so that forgetting a file is
forgetting its key.
"""

import base64
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 1024 * 1024
_SIZE, _NONCE, _TAG = 4, 12, 16


class SealBroken(Exception):
    """The file is not whole, or not the one that this key sealed."""


def seal_file(path: Path, chunks: Iterable[bytes], key: str) -> int:
    """Write the chunks sealed, for this user alone; how many bytes they were."""
    cipher, size = _cipher(key), 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        number = 0
        for number, chunk in enumerate(_even(chunks), start=1):
            file.write(_sealed(cipher, number, chunk))
            size += len(chunk)
        # An empty chunk ends the file: one that is cut short is not taken for a shorter one.
        file.write(_sealed(cipher, number + 1, b""))
    return size


def unseal_file(path: Path, key: str, out: IO[bytes]) -> None:
    """Write to `out` what was sealed; raise SealBroken when it is not all there."""
    cipher = _cipher(key)
    with path.open("rb") as file:
        number = 0
        while True:
            number += 1
            size = int.from_bytes(file.read(_SIZE))
            nonce, sealed = file.read(_NONCE), file.read(min(size, CHUNK + _TAG))
            try:
                chunk = cipher.decrypt(nonce, sealed, _place(number))
            except (InvalidTag, ValueError) as error:
                raise SealBroken from error
            if not chunk:
                return
            out.write(chunk)


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of one size, but for the last."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
    if waiting:
        yield bytes(waiting)


def _sealed(cipher: AESGCM, number: int, chunk: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    sealed = cipher.encrypt(nonce, chunk, _place(number))
    return len(sealed).to_bytes(_SIZE) + nonce + sealed


def _place(number: int) -> bytes:
    """Each chunk is bound to its place: none can be left out, doubled or moved."""
    return number.to_bytes(8)


def _cipher(key: str) -> AESGCM:
    return AESGCM(base64.urlsafe_b64decode(key))
