"""The permission table: each role exactly."""

from __future__ import annotations

import pytest

from hub.canonical.errors import NotAllowed
from hub.rules.permissions import ALL, PEOPLE_ROLES, PERMISSIONS, SYSTEM, Principal, Role, confined


def test_every_role_has_a_row_and_no_row_names_an_unknown_permission() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert all(row <= ALL for row in PERMISSIONS.values())


def test_only_the_admin_manages_people_keys_and_the_system() -> None:
    guarded = {"users.read", "users.write", "keys.write", "system.write"}
    assert PERMISSIONS[Role.ADMIN] == ALL
    assert [role for role in Role if PERMISSIONS[role] & guarded] == [Role.ADMIN]


def test_a_viewer_only_reads_and_the_warehouse_picks_counts_and_moves() -> None:
    assert all(permission.endswith(".read") for permission in PERMISSIONS[Role.VIEWER])
    assert PERMISSIONS[Role.WAREHOUSE] == {"picks.read", "picks.work", "stock.read", "stock.count", "stock.move"}


def test_a_dealers_key_reads_its_own_feed_and_nothing_else() -> None:
    assert PERMISSIONS[Role.FEED] == {"feed.read"}
    assert Role.FEED not in PEOPLE_ROLES
    dealer = Principal("key", 9, "dealer", Role.FEED, connection_id=3)
    assert dealer.asks_about(3) and not dealer.asks_about(4)
    assert SYSTEM.asks_about(4)


def test_the_refusal_names_the_permission_and_the_role() -> None:
    viewer = Principal(kind="user", id=3, name="Vi", role=Role.VIEWER)
    with pytest.raises(NotAllowed, match=r"role viewer may not do this \(it needs stock.write\)"):
        viewer.must("stock.write")
    assert viewer.actor == "user:3"


def test_the_warehouse_role_is_confined_to_its_codes_where_it_has_any() -> None:
    assert confined(Role.ADMIN, ["SZ"]) is None
    assert confined(Role.WAREHOUSE, []) is None
    picker = Principal("user", 4, "Pia", Role.WAREHOUSE, confined(Role.WAREHOUSE, ["SZ"]))
    assert picker.works_in("SZ") and not picker.works_in("BER")
    assert SYSTEM.works_in("SZ")
    with pytest.raises(NotAllowed, match="the warehouse 'BER' is not yours"):
        picker.must_work_in("BER")
    picker.must_work_in("SZ")
