"""API keys: made here, kept only as hashes, compared in constant time.

A key has 256 random bits, so that one hash without a salt is enough: there is no list of likely ones to try.
"""

import errno
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from glassbox import records

_DIGEST = re.compile(r"[0-9a-f]{64}")


def add(path: Path) -> str:
    """Return a new key, whose hash this adds to the file `path`; nothing else keeps it.

    Raises OSError where it can't be written, and then the file is as it was.
    """
    key = f"gb_{secrets.token_urlsafe(32)}"
    line = f"{_digest(key)}\n".encode()
    with open(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end and file.seek(end - 1) and file.read(1) != b"\n":  # a line that somebody wrote by hand
            line = b"\n" + line
        try:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            with suppress(OSError):
                file.truncate(end)  # a piece of a hash would keep out everyone
            raise
    return key


def load(path: Path) -> tuple[str, ...]:
    """Return the hashes in the file `path`, one at the start of each line, and what it is for behind it.

    Raises ValueError where there is no such file, or one without hashes: then nobody may ask.
    """
    try:
        lines = records.contents(path).decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the keys in {path} can't be read: {error}") from None
    found = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    if not found or not all(map(_DIGEST.fullmatch, found)):
        raise ValueError(f"{path} does not hold the hash of a key on each line: glassbox serve --new-key writes one")
    return tuple(found)


def of(headers: Mapping[bytes, bytes]) -> str:
    """Return the key that came with a request, "" if none: "Authorization: Bearer KEY" or "X-API-Key: KEY"."""
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    sent = key.strip() if scheme.lower() == b"bearer" else headers.get(b"x-api-key", b"")
    return sent.decode("latin-1")


def holder(key: str, digests: Sequence[str]) -> str | None:
    """Return the hash of `key` if it is one of `digests`, in a time that does not tell which, or how much of it."""
    digest = _digest(key)
    return digest if sum(hmac.compare_digest(digest, one) for one in digests) else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
