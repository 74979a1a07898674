"""The sandboxes' HTTP base: it answers, it misbehaves on order, and it ends cleanly."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from connectors.kit.practice.deliverer import Deliverer, Delivery
from connectors.kit.practice.sandbox import BookOrder, Faults
from connectors.kit.practice.server import Reply, Request, SandboxServer


class Counter:
    """A handler that counts what reached it."""

    def __init__(self) -> None:
        self.seen: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        self.seen.append(request)
        return Reply.json({"path": request.path, "n": len(self.seen)})


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def handler() -> Counter:
    return Counter()


@pytest.fixture
def server(handler: Counter, faults: Faults) -> Iterator[SandboxServer]:
    server = SandboxServer(handler, faults, hold_s=0.05)
    server.start()
    yield server
    server.stop()


def test_a_request_reaches_the_handler_with_its_query_headers_and_body(server: SandboxServer, handler: Counter) -> None:
    answer = requests.post(f"{server.url}/a/b?x=1&y=", data=b"\xff\x00", headers={"X-Thing": "t"}, timeout=5)
    assert answer.json() == {"path": "/a/b", "n": 1}
    got = handler.seen[0]
    assert (got.method, got.query, got.headers["x-thing"], got.body) == ("POST", {"x": "1", "y": ""}, "t", b"\xff\x00")


def test_a_forced_429_names_a_wait_and_changes_nothing(server: SandboxServer, handler: Counter, faults: Faults) -> None:
    faults.force("rate_limited_429")
    answer = requests.post(server.url, timeout=5)
    assert (answer.status_code, answer.headers["retry-after"], handler.seen) == (429, "1", [])
    assert requests.post(server.url, timeout=5).status_code == 200


def test_a_forced_500_changes_nothing(server: SandboxServer, handler: Counter, faults: Faults) -> None:
    faults.force("server_error_500")
    assert requests.get(server.url, timeout=5).status_code == 500
    assert (handler.seen, faults.counts["server_error_500"]) == ([], 1)


def test_a_time_out_after_the_effect_hangs_up_once_the_handler_has_run(
    server: SandboxServer, handler: Counter, faults: Faults
) -> None:
    faults.force("timeout_after_effect")
    assert requests.get(server.url, timeout=5).status_code == 200  # a read has no effect to time out after
    with pytest.raises(requests.ConnectionError):
        requests.post(server.url, timeout=5)
    assert (len(handler.seen), faults.counts["timeout_after_effect"]) == (2, 1)


def test_an_outage_hangs_up_on_new_and_open_connections_and_ends(
    server: SandboxServer, handler: Counter, faults: Faults
) -> None:
    with requests.Session() as session:
        assert session.get(server.url, timeout=5).status_code == 200
        server.outage(0.3)
        with pytest.raises(requests.ConnectionError):
            session.get(server.url, timeout=5)
        time.sleep(0.35)
        assert session.get(server.url, timeout=5).status_code == 200
    assert (len(handler.seen), faults.counts["outage"]) == (2, 1)


def test_a_stopped_server_refuses_connections_and_starts_again_on_its_port(handler: Counter, faults: Faults) -> None:
    server = SandboxServer(handler, faults)
    server.start()
    url, threads = server.url, threading.active_count()
    server.stop()
    assert threading.active_count() == threads - 1
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    server.start()
    assert requests.get(url, timeout=5).status_code == 200
    server.stop()


def test_a_body_beyond_five_megabytes_is_refused(server: SandboxServer, handler: Counter) -> None:
    assert requests.post(server.url, data=b"x" * 5_000_001, timeout=5).status_code == 413
    assert handler.seen == []


@pytest.fixture
def make(faults: Faults) -> Iterator[Callable[..., Deliverer]]:
    made: list[Deliverer] = []

    def build(**options: object) -> Deliverer:
        deliverer = Deliverer(faults, **options)  # type: ignore[arg-type]
        deliverer.start()
        made.append(deliverer)
        return deliverer

    yield build
    for deliverer in made:
        deliverer.stop()


def _to(server: SandboxServer, name: str) -> Delivery:
    return Delivery(server.url, name.encode(), {"x-name": name}, group=name)


def _bodies(handler: Counter) -> list[str]:
    return [request.body.decode() for request in handler.seen]


def test_webhooks_arrive_in_order_with_their_headers(
    server: SandboxServer, handler: Counter, make: Callable[..., Deliverer]
) -> None:
    deliverer = make()
    for name in "abc":
        deliverer.send(_to(server, name))
    assert deliverer.wait_idle()
    assert _bodies(handler) == ["a", "b", "c"]
    assert handler.seen[1].headers["x-name"] == "b"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("webhook_lost", ["b"]),
        ("webhook_doubled", ["a", "a", "b"]),
        ("webhook_reordered", ["b", "a"]),
        ("webhook_late", ["b", "a"]),
    ],
)
def test_a_forced_webhook_fault_strikes_once(
    server: SandboxServer, handler: Counter, faults: Faults, make: Callable[..., Deliverer],
    kind: str, expected: list[str],
) -> None:  # fmt: skip
    deliverer = make(late_s=0.2)
    faults.force(kind)
    deliverer.send(_to(server, "a"))
    deliverer.send(_to(server, "b"))
    assert deliverer.wait_idle()
    assert (_bodies(handler), faults.counts[kind]) == (expected, 1)


def test_a_held_webhook_goes_out_although_none_follows(
    server: SandboxServer, handler: Counter, faults: Faults, make: Callable[..., Deliverer]
) -> None:
    deliverer = make(held_s=0.1)
    faults.force("webhook_reordered")
    deliverer.send(_to(server, "a"))
    assert deliverer.wait_idle()
    assert _bodies(handler) == ["a"]


def test_a_refused_webhook_is_tried_again_until_the_retries_end(
    server: SandboxServer, faults: Faults, make: Callable[..., Deliverer]
) -> None:
    answers: list[tuple[int, bool, bool]] = []
    deliverer = make(
        backoff_s=(0.01, 0.01), on_answer=lambda d, accepted, final: answers.append((d.tries, accepted, final))
    )
    faults.force("server_error_500", 4)
    deliverer.send(_to(server, "a"))
    assert deliverer.wait_idle()
    deliverer.send(_to(server, "b"))
    assert deliverer.wait_idle()
    assert answers == [
        (1, False, False), (2, False, False), (3, False, True),
        (1, False, False), (2, True, True),
    ]  # fmt: skip


def test_forgetting_a_subscription_drops_what_waits_for_it(
    server: SandboxServer, handler: Counter, faults: Faults, make: Callable[..., Deliverer]
) -> None:
    deliverer = make(late_s=0.2)
    faults.force("webhook_late", 2)
    deliverer.send(_to(server, "a"))
    deliverer.send(_to(server, "b"))
    deliverer.forget("a")
    assert deliverer.wait_idle()
    assert _bodies(handler) == ["b"]


def test_answers_do_not_wait_for_acknowledgments(server: SandboxServer) -> None:
    """asyncio sets TCP_NODELAY only on sockets that name TCP; without it each answer takes 40 ms."""
    listening = server._server.servers[0].sockets[0]  # type: ignore[union-attr]
    assert listening.proto == socket.IPPROTO_TCP


def test_the_book_takes_its_own_words_only_and_says_which_there_are() -> None:
    with pytest.raises(ValueError) as refused:
        BookOrder("17", "fulfilled", ())
    assert str(refused.value) == (
        "order 17 is 'fulfilled' in the practice shop's book, which has words of its own: translate the platform's "
        "into open, partial, shipped, cancelled, refused (docs/add-a-channel.md, The practice shop)"
    )
