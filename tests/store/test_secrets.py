"""Credentials at rest: sealed, bound to their row and field, and moved to a new key."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from hub.canonical.errors import InvariantBroken, Misconfigured
from hub.store.secrets import KEY_FILE, SecretBox, connection_aad, installation_keys, new_key_line, parse_keys

OLD = ("old", b"\x01" * 32)
NEW = ("new", b"\x02" * 32)
CANARY = "shpat_canary_4711"


def test_a_sealed_text_opens_again_under_the_same_aad() -> None:
    box = SecretBox([OLD])
    for text in ("", CANARY, "密钥 🔑", "x" * 10_000):
        assert box.open(box.seal(text, "connection:1:token"), "connection:1:token") == text


def test_neither_the_blob_nor_the_repr_shows_the_secret_or_the_key() -> None:
    box = SecretBox([OLD])
    sealed = box.seal(CANARY, "connection:1:token")
    assert CANARY not in sealed
    assert base64.b64encode(CANARY.encode()).decode().rstrip("=") not in sealed
    assert repr(box) == "SecretBox(seals with old, opens ['old'])"


def test_sealing_twice_gives_two_texts() -> None:
    box = SecretBox([OLD])
    assert box.seal(CANARY, "a") != box.seal(CANARY, "a")


def test_two_rows_with_swapped_ciphertext_do_not_open() -> None:
    box = SecretBox([OLD])
    first, second = connection_aad(1, "token"), connection_aad(2, "token")
    rows = {first: box.seal("one", first), second: box.seal("two", second)}
    for mine, other in ((first, second), (second, first)):
        with pytest.raises(InvariantBroken, match="does not open"):
            box.open(rows[other], mine)
    with pytest.raises(InvariantBroken):
        box.open(rows[first], connection_aad(1, "secret"))


def test_a_data_key_moved_to_another_ciphertext_does_not_open() -> None:
    box = SecretBox([OLD])
    one, two = box.seal("one", "a").split("."), box.seal("two", "a").split(".")
    with pytest.raises(InvariantBroken):
        box.open(".".join([*one[:3], two[3]]), "a")


def test_every_flipped_character_is_noticed() -> None:
    box = SecretBox([OLD])
    sealed = box.seal("one", "a")
    for place in range(sealed.index(".", 3) + 1, len(sealed)):
        if sealed[place] == ".":
            continue
        flipped = chr(ord("A") + (ord(sealed[place]) + 7) % 26)
        if flipped == sealed[place]:
            continue
        altered = sealed[:place] + flipped + sealed[place + 1 :]
        if _same_bytes(altered, sealed):
            continue
        with pytest.raises(InvariantBroken):
            box.open(altered, "a")


def _same_bytes(one: str, two: str) -> bool:
    """The last character of a base64 text may carry bits that mean nothing."""
    pad = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))  # noqa: E731
    return [pad(part) for part in one.split(".")[2:]] == [pad(part) for part in two.split(".")[2:]]


@pytest.mark.parametrize("text", ["", "plain", "v1.a.b", "v2.old.AAAA.AAAA", "v1.old.A.A"])
def test_what_is_no_sealed_text_is_refused(text: str) -> None:
    with pytest.raises(InvariantBroken):
        SecretBox([OLD]).open(text, "a")


def test_a_thousand_secrets_move_to_the_new_key_and_the_old_one_is_not_needed_any_more() -> None:
    before, during, after = SecretBox([OLD]), SecretBox([NEW, OLD]), SecretBox([NEW])
    rows = {connection_aad(n, "token"): before.seal(f"{CANARY}-{n}", connection_aad(n, "token")) for n in range(1000)}
    assert all(during.needs_rotation(sealed) for sealed in rows.values())
    moved = {aad: during.rewrap(sealed) for aad, sealed in rows.items()}
    assert not any(during.needs_rotation(sealed) for sealed in moved.values())
    assert [after.open(sealed, aad) for aad, sealed in moved.items()] == [f"{CANARY}-{n}" for n in range(1000)]
    assert [sealed.split(".")[3] for sealed in moved.values()] == [sealed.split(".")[3] for sealed in rows.values()]
    with pytest.raises(Misconfigured, match="'new'"):
        before.open(moved[connection_aad(0, "token")], connection_aad(0, "token"))


def test_a_key_renamed_to_another_id_does_not_open() -> None:
    sealed = SecretBox([OLD]).seal("one", "a").replace("v1.old.", "v1.new.")
    with pytest.raises(InvariantBroken):
        SecretBox([("new", OLD[1])]).open(sealed, "a")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no key"),
        ("kid", "is not base64|has 0 bytes"),
        ("k:AAAA", "has 3 bytes"),
        ("bad id:AAAA", "key id must be"),
        ("k:!!!", "not base64"),
        (",".join([f"k:{base64.b64encode(b'1' * 32).decode()}"] * 2), "twice"),
    ],
)
def test_unusable_keys_are_named_by_place_and_never_by_content(text: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        parse_keys(text)
    assert "AAAA" not in str(caught.value)


def test_the_first_run_makes_a_key_file_for_the_owner_only_and_later_runs_read_it(tmp_path: Path) -> None:
    made = installation_keys(None, tmp_path / "new")
    path = tmp_path / "new" / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert installation_keys(None, tmp_path / "new") == made
    assert sorted(os.listdir(path.parent)) == [KEY_FILE]


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    installation_keys(None, tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        installation_keys(None, tmp_path)


def test_given_keys_win_and_touch_no_file(tmp_path: Path) -> None:
    line = new_key_line()
    assert installation_keys(line, tmp_path) == parse_keys(line)
    assert list(tmp_path.iterdir()) == []
