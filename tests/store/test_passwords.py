"""Passwords: what is refused and what the hash promises."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput
from hub.store.passwords import check_password, hash_password, needs_rehash, verify_password

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "needs at least 12 characters"),
        ("a" * 40, "repeats itself"),
        ("x1y2z" * 60, "at most 256 characters"),
        ("Someone@example.com", "is the e-mail address"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_password(password, "someone@example.com")


def test_twelve_characters_are_enough() -> None:
    check_password("abcde-fghijk", "someone@example.com")


def test_a_hash_is_argon2id_fits_only_its_password_and_is_never_twice_the_same() -> None:
    stored = hash_password(GOOD)
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, GOOD)
    assert not verify_password(stored, GOOD + "!")
    assert hash_password(GOOD) != stored
    assert not needs_rehash(stored)


def test_a_missing_or_broken_hash_fits_nothing() -> None:
    assert not verify_password(None, "nobody has this password")
    assert not verify_password("", GOOD)
    assert not verify_password("$argon2id$broken", GOOD)
