"""What a server key looks like: `sq_live_` or `sq_test_`, a public id, `_`, a secret, and a checksum.

    sq_live_4FzK9qT2_8sJd0kP3vXbW7nL1mQ5rT9yU2hG6cA4eZ1RbN0
    |      prefix   |            secret              |check|

The checksum is the CRC-32 of everything before it, so whoever scans texts for leaked keys can verify one by itself.
"""

import re
import secrets
import string
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

START = "sq_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 32, 6  # 32 of 62 characters are 190 bits
TOKEN = re.compile(
    rf"(?P<prefix>sq_(?P<mode>live|test)_[0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}",
    re.ASCII,
)


@dataclass(frozen=True)
class KeyToken:
    """A key as it is sent. `prefix` is public: it names the key in lists and logs."""

    prefix: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 is enough: nobody can try out 190 random bits, so a slow hash would only cost every request time."""
        return sha256(self.text.encode()).hexdigest()


def make_token(mode: str) -> KeyToken:
    prefix = f"{START}{mode}_{_random(ID_LENGTH)}"
    body = f"{prefix}_{_random(SECRET_LENGTH)}"
    return KeyToken(prefix, body + checksum(body))


def is_meant_as_key(text: str) -> bool:
    """Whether a bearer token is to be judged as a server key; access tokens begin otherwise."""
    return text.startswith(START)


def read_token(text: str) -> KeyToken | None:
    """None for what is mistyped or cut off, which is known without looking it up."""
    match = TOKEN.fullmatch(text)
    if match is None or checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        return None
    return KeyToken(match["prefix"], text)


def checksum(body: str) -> str:
    """The CRC-32 in base 62, with leading zeros."""
    number, digits = crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
