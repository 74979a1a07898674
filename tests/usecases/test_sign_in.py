"""Signing in: tries are counted first, sessions live in the database and end when they should."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from hub.canonical.errors import AuthFailed, BadInput, Conflict, NotAllowed, NotFound
from hub.reports.people import people
from hub.rules.permissions import SYSTEM, Principal, Role
from hub.store.database import Database
from hub.store.tables.people import api_keys, audit_log, login_links, user_sessions, users
from hub.usecases import sign_in as module
from hub.usecases.api_keys import create_key, find_key, revoke_key
from hub.usecases.context import Context
from hub.usecases.login_links import first_admin_link, link_for, link_owner, use_link
from hub.usecases.manage_users import change_own_password, change_user, create_user
from hub.usecases.sign_in import find_session, sign_in, sign_out
from tests.fixtures.pages import PASSWORD, MovedClock, no_channel

WRONG = "wrong horse battery"
VIEWER = Principal("user", 99, "vi", Role.VIEWER)


@pytest.fixture
def ctx(database: Database, clock: MovedClock) -> Context:
    return Context(db=database, channel=no_channel, clock=clock)


@pytest.fixture
def ada(ctx: Context) -> int:
    return create_user(ctx, SYSTEM, "ada", "admin", password=PASSWORD)


def test_a_fitting_password_opens_a_session_that_is_found_by_its_token_only(ctx: Context, ada: int) -> None:
    session = sign_in(ctx, " ada ", PASSWORD)
    found = find_session(ctx, session.token)
    assert found is not None
    assert (found.who.id, found.who.role, found.who.name, found.csrf) == (ada, Role.ADMIN, "ada", session.csrf)
    assert find_session(ctx, session.token + "x") is None
    assert find_session(ctx, found.who.session_id or "") is None
    assert session.token not in repr(session)


def test_the_database_holds_only_the_hash_of_a_token(ctx: Context, ada: int) -> None:
    session = sign_in(ctx, "ada", PASSWORD)
    with ctx.db.read() as connection:
        stored = connection.execute(select(user_sessions.c.token_hash)).scalars().all()
    assert stored == [hashlib.sha256(session.token.encode()).hexdigest()]


@pytest.mark.parametrize(("name", "password"), [("ada", WRONG), ("bob", PASSWORD), ("ada", ""), ("", "")])
def test_every_refusal_says_the_same(ctx: Context, ada: int, name: str, password: str) -> None:
    with pytest.raises(AuthFailed, match=r"^the name or the password is wrong, or there were too many tries$"):
        sign_in(ctx, name, password)


def test_of_a_thousand_tries_at_once_at_most_five_are_looked_at(ctx: Context, ada: int) -> None:
    with mock.patch.object(module, "verify_password", side_effect=lambda stored, _given: False) as verify:

        def attempt(number: int) -> None:
            with pytest.raises(AuthFailed):
                sign_in(ctx, "ada", f"guess number {number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(attempt, range(1000)))
    assert sum(call.args[0] is not None for call in verify.call_args_list) == 5


def test_an_account_rests_longer_each_time_and_the_right_password_waits_too(
    ctx: Context, ada: int, clock: MovedClock
) -> None:
    for _ in range(5):
        with pytest.raises(AuthFailed):
            sign_in(ctx, "ada", WRONG)
    with pytest.raises(AuthFailed):
        sign_in(ctx, "ada", PASSWORD)
    assert people(ctx.db, clock.now)[0].state == "resting"
    clock.move(seconds=60)
    with pytest.raises(AuthFailed):
        sign_in(ctx, "ada", WRONG)
    clock.move(seconds=119)
    with pytest.raises(AuthFailed):
        sign_in(ctx, "ada", PASSWORD)
    clock.move(seconds=1)
    assert sign_in(ctx, "ada", PASSWORD).who.id == ada
    with ctx.db.read() as connection:
        assert connection.execute(select(users.c.failures, users.c.locked_until)).one() == (0, None)


def test_an_hour_is_the_longest_rest(ctx: Context, clock: MovedClock) -> None:
    assert module._rest_until(clock.now, 4) is None
    rests = [(module._rest_until(clock.now, tries) or clock.now) - clock.now for tries in (5, 6, 11, 12, 10_000)]
    assert [rest.total_seconds() for rest in rests] == [60, 120, 3600, 3600, 3600]


def test_signing_in_again_ends_the_browsers_old_session_and_no_other(ctx: Context, ada: int) -> None:
    first, other = sign_in(ctx, "ada", PASSWORD), sign_in(ctx, "ada", PASSWORD)
    second = sign_in(ctx, "ada", PASSWORD, old_token=first.token)
    assert second.token != first.token
    assert [find_session(ctx, session.token) is not None for session in (first, other, second)] == [False, True, True]
    sign_out(ctx, second.token)
    assert find_session(ctx, second.token) is None


def test_a_session_ends_after_seven_days_and_is_swept(ctx: Context, ada: int, clock: MovedClock) -> None:
    session = sign_in(ctx, "ada", PASSWORD)
    clock.move(days=7, seconds=-1)
    assert find_session(ctx, session.token) is not None
    clock.move(seconds=1)
    assert find_session(ctx, session.token) is None
    sign_in(ctx, "ada", PASSWORD)
    assert people(ctx.db, clock.now)[0].sessions == 1


def test_switching_a_person_off_ends_their_sessions_and_a_new_role_counts_at_once(ctx: Context, ada: int) -> None:
    bob = create_user(ctx, SYSTEM, "bob", "operator", password=PASSWORD)
    session = sign_in(ctx, "bob", PASSWORD)
    change_user(ctx, SYSTEM, bob, role="viewer", warehouses=[], active=True)
    found = find_session(ctx, session.token)
    assert found is not None and found.who.role is Role.VIEWER
    change_user(ctx, SYSTEM, bob, role="viewer", warehouses=[], active=False)
    assert find_session(ctx, session.token) is None
    with pytest.raises(AuthFailed):
        sign_in(ctx, "bob", PASSWORD)


def test_the_last_admin_stays(ctx: Context, ada: int) -> None:
    create_user(ctx, SYSTEM, "invited", "admin")
    for role, active in (("viewer", True), ("admin", False)):
        with pytest.raises(Conflict, match="last admin"):
            change_user(ctx, SYSTEM, ada, role=role, warehouses=[], active=active)
    assert people(ctx.db, ctx.clock())[0].role == "admin"


@pytest.mark.parametrize(
    ("name", "role", "warehouses", "kind", "words"),
    [
        ("  ", "viewer", [], BadInput, "1 to 120 characters"),
        ("bob", "root", [], BadInput, "no role 'root'; there are: admin, operator, warehouse, viewer"),
        ("bob", "warehouse", ["SZ"], BadInput, "no warehouse 'SZ'; there are: none yet"),
        ("ada", "viewer", [], Conflict, "there is a user 'ada' already"),
    ],
)
def test_a_person_who_cannot_be_added_is_named_and_nobody_is_added(
    ctx: Context, ada: int, name: str, role: str, warehouses: list[str], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        create_user(ctx, SYSTEM, name, role, warehouses)
    assert [person.name for person in people(ctx.db, ctx.clock())] == ["ada"]


def test_people_verbs_need_the_permission(ctx: Context, ada: int) -> None:
    for verb in (
        lambda: create_user(ctx, VIEWER, "bob", "admin"),
        lambda: change_user(ctx, VIEWER, ada, role="viewer", warehouses=[], active=True),
        lambda: link_for(ctx, VIEWER, ada),
        lambda: create_key(ctx, VIEWER, "erp", "viewer"),
        lambda: revoke_key(ctx, VIEWER, 1),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_changing_the_own_password_needs_the_present_one_and_ends_other_sessions(ctx: Context, ada: int) -> None:
    here, there = sign_in(ctx, "ada", PASSWORD), sign_in(ctx, "ada", PASSWORD)
    with pytest.raises(AuthFailed):
        change_own_password(ctx, here.who, WRONG, "a new long sentence")
    with pytest.raises(BadInput):
        change_own_password(ctx, here.who, PASSWORD, "short")
    change_own_password(ctx, here.who, PASSWORD, "a new long sentence")
    assert find_session(ctx, here.token) is not None
    assert find_session(ctx, there.token) is None
    assert sign_in(ctx, "ada", "a new long sentence").who.id == ada


def test_the_first_admin_comes_in_by_a_link_that_works_once(ctx: Context) -> None:
    token = first_admin_link(ctx)
    assert token is not None
    assert link_owner(ctx, token).new
    with pytest.raises(BadInput):
        use_link(ctx, token, "short")
    session = use_link(ctx, token, PASSWORD)
    assert (session.who.name, session.who.role) == ("admin", Role.ADMIN)
    with pytest.raises(NotFound, match="used already or has run out"):
        use_link(ctx, token, PASSWORD)
    assert first_admin_link(ctx) is None
    with ctx.db.read() as connection:
        assert token not in str(connection.execute(select(login_links)).all())


def test_starting_again_makes_a_new_first_link_for_the_same_admin_and_the_old_one_stops(ctx: Context) -> None:
    old, new = first_admin_link(ctx), first_admin_link(ctx)
    assert old and new and old != new
    with pytest.raises(NotFound):
        link_owner(ctx, old)
    assert link_owner(ctx, new).name == "admin"
    assert len(people(ctx.db, ctx.clock())) == 1


def test_a_link_runs_out(ctx: Context, clock: MovedClock) -> None:
    token = first_admin_link(ctx) or ""
    clock.move(minutes=60)
    with pytest.raises(NotFound):
        use_link(ctx, token, PASSWORD)


def test_a_link_for_a_forgotten_password_ends_the_sessions_and_the_rest(ctx: Context, ada: int) -> None:
    session = sign_in(ctx, "ada", PASSWORD)
    for _ in range(5):
        with pytest.raises(AuthFailed):
            sign_in(ctx, "ada", WRONG)
    use_link(ctx, link_for(ctx, SYSTEM, ada), "a new long sentence")
    assert find_session(ctx, session.token) is None
    assert sign_in(ctx, "ada", "a new long sentence").who.id == ada


def test_a_key_is_known_by_its_hash_until_it_is_revoked_or_runs_out(ctx: Context, clock: MovedClock) -> None:
    key, short = create_key(ctx, SYSTEM, "erp", "operator"), create_key(ctx, SYSTEM, "bi", "viewer", days=1)
    who = find_key(ctx, key.text)
    assert who == Principal("key", key.id, "erp", Role.OPERATOR)
    assert key.text.startswith(key.prefix + "_") and key.text not in repr(key)
    with ctx.db.read() as connection:
        assert key.text not in str(connection.execute(select(api_keys)).all())
    assert find_key(ctx, key.text[:-1]) is None
    clock.move(days=1)
    assert find_key(ctx, short.text) is None
    revoke_key(ctx, SYSTEM, key.id)
    revoke_key(ctx, SYSTEM, key.id)
    assert find_key(ctx, key.text) is None


@pytest.mark.parametrize(
    ("name", "role", "days"), [("", "viewer", 1), ("x", "root", 1), ("x", "viewer", 0), ("x", "viewer", 731)]
)
def test_a_key_that_cannot_be_made_is_refused(ctx: Context, name: str, role: str, days: int) -> None:
    with pytest.raises(BadInput):
        create_key(ctx, SYSTEM, name, role, days)


def test_changes_are_in_the_audit_log_without_any_secret(ctx: Context, ada: int) -> None:
    key = create_key(ctx, SYSTEM, "erp", "operator")
    session = sign_in(ctx, "ada", PASSWORD)
    with ctx.db.read() as connection:
        rows = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    assert [row.action for row in rows] == ["user.created", "key.created", "user.signed_in"]
    assert not [secret for secret in (key.text, session.token, session.csrf, PASSWORD) if secret in str(rows)]


@pytest.mark.postgres
def test_the_same_verbs_hold_on_postgresql(new_postgres_url: Callable[[], str], clock: MovedClock) -> None:
    db = Database(new_postgres_url())
    try:
        SQLModel.metadata.create_all(db.engine)
        ctx = Context(db=db, channel=no_channel, clock=clock)
        use_link(ctx, first_admin_link(ctx) or "", PASSWORD)
        with pytest.raises(Conflict, match="already"):
            create_user(ctx, SYSTEM, "admin", "viewer")
        attempts = [lambda: sign_in(ctx, "admin", WRONG)] * 20
        with mock.patch.object(module, "verify_password", return_value=False) as verify, ThreadPoolExecutor(8) as pool:
            assert [type(pool.submit(attempt).exception()) for attempt in attempts] == [AuthFailed] * 20
        assert sum(call.args[0] is not None for call in verify.call_args_list) == 5
        clock.move(minutes=1)
        assert find_session(ctx, sign_in(ctx, "admin", PASSWORD).token) is not None
        assert find_key(ctx, create_key(ctx, SYSTEM, "erp", "viewer").text) is not None
        assert [(person.name, person.state) for person in people(db, clock.now)] == [("admin", "active")]
    finally:
        db.close()
