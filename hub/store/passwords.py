"""Passwords: argon2id hashes, and what a password must be like."""

from __future__ import annotations

import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.canonical.errors import BadInput

MIN_LENGTH = 12
MAX_LENGTH = 256
MIN_DIFFERENT = 5

_HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
"""argon2id with 46 MiB (OWASP password storage sheet: at least m=46 MiB, t=1, p=1)."""

_ROOM = BoundedSemaphore(2)
"""At most two hashes at a time in one process: a flood of sign-ins must not take the memory of the hub."""


_SENTENCES = {
    "short": f"The password needs at least {MIN_LENGTH} characters. A sentence is easy to remember.",
    "long": f"The password may have at most {MAX_LENGTH} characters.",
    "repeats": f"The password repeats itself; use at least {MIN_DIFFERENT} different characters.",
    "email": "The password is the e-mail address; choose another one.",
}


def password_problem(password: str, email: str = "") -> str | None:
    """Why the password may not be used: "short", "long", "repeats", "email"; None when it may.

    12 to 256 characters, at least 5 different ones, and not the e-mail address; no other rule.
    """
    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    if len(set(password)) < MIN_DIFFERENT:
        return "repeats"
    if email and password.casefold().strip() == email.casefold().strip():
        return "email"
    return None


def check_password(password: str, email: str = "") -> None:
    """Raises BadInput with one sentence for the person when the password may not be used."""
    problem = password_problem(password, email)
    if problem:
        raise BadInput(_SENTENCES[problem])


def hash_password(password: str) -> str:
    """The argon2id hash to store (salt and parameters inside); call `check_password` first."""
    with _ROOM:
        return _HASHER.hash(_normal(password))


def verify_password(stored: str | None, password: str) -> bool:
    """True when the password fits. Without a stored hash it takes just as long and is False."""
    with _ROOM:
        try:
            return _HASHER.verify(stored or _nobody(), _normal(password)) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(stored: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password[: MAX_LENGTH + 1])


@cache
def _nobody() -> str:
    """A hash that no password of ours has, to spend the same time on unknown people."""
    return _HASHER.hash("nobody has this password")
