"""The message service: our messages lead to orders, others' stay, and the check opens the queue with what is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.settings import gateway_url
from connectors.kit.top.forms import REFRESH_TOKEN
from connectors.kit.top.router import RouterGateway
from connectors.kit.top.tmc import MESSAGE_QUEUE, QUEUE_GROUP, TmcQueue
from connectors.kit.values import Row
from hub.canonical.errors import AuthFailed, ChannelDown
from hub.ports.channel import Connection, ConnectorSpec, Field, Finding

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINE = Finding("message queue", True)


class Service(RouterGateway):
    """A shop whose service says of it what a test sets. `asked`: (method, parameters)."""

    spec = ConnectorSpec(
        "fish", "Fish", frozenset(),
        (Field("app_key", ""), Field("nick", ""), MESSAGE_QUEUE, QUEUE_GROUP, gateway_url("https://p.example")),
        (Field("app_secret", ""), Field("session_key", ""), REFRESH_TOKEN), calls_per_second=100.0,
    )  # fmt: skip
    user: object = None

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.messages, self.asked, self.refusal = list[Row](), list[tuple[str, Row]](), None

    refusal: Exception | None

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Row:
        self.asked.append((method, params))
        if self.refusal:
            raise self.refusal
        if method == "taobao.tmc.messages.consume":
            return {"messages": {"tmc_message": self.messages}}
        return {"tmc_user": self.user} if method == "taobao.tmc.user.get" else {}

    def changed(self) -> list[tuple[str, Row]]:
        return [each for each in self.asked if each[0] != "taobao.tmc.user.get"]


class Queue(TmcQueue):
    named, topics = "order_id", ("t_Create", "t_Pay")


def opened(**settings: str) -> tuple[Service, Queue]:
    given = {"app_key": "7", "nick": "ours", "message_queue": "yes", **settings}
    connection = Connection(1, "f", "fish", given, {"app_secret": "s", "session_key": "k"})
    service = Service(connection)
    return service, Queue(service, connection)


def message(ref: int, content: object, nick: str | None = "ours") -> dict[str, object]:
    return {"id": ref, "content": content, **({"user_nick": nick} if nick else {})}


def test_messages_of_the_shop_name_the_orders_that_changed() -> None:
    service, queue = opened(queue_group="vip")
    service.messages = [message(1, '{"order_id": 77}'), message(2, '{"order_id": 8}', "theirs"), message(3, "", None)]
    (batch,) = queue.batches()
    assert (batch.kind, batch.handles, batch.orders) == ("tmc", ("1", "3"), {"77": None})
    queue.confirm(batch.receipt(NOON))
    assert service.asked[0] == ("taobao.tmc.messages.consume", {"group_name": "vip", "quantity": "200"})
    assert service.asked[-1] == ("taobao.tmc.messages.confirm", {"group_name": "vip", "s_message_ids": "1,3"})


@pytest.mark.parametrize("content", ["", "{", "[]", '{"tid": 5}', None, 5])
def test_a_message_about_something_else_is_confirmed_and_names_none(content: object) -> None:
    service, queue = opened()
    service.messages = [message(4, content)]
    (batch,) = queue.batches()
    assert (batch.handles, batch.orders) == (("4",), {})
    assert "group_name" not in service.asked[0][1]


def test_a_queue_that_is_off_receives_nothing_and_still_confirms() -> None:
    service, queue = opened(message_queue="no")
    service.messages = [message(1, '{"order_id": 77}')]
    assert (list(queue.batches()), queue.check(), service.asked) == ([], (), [])
    queue.delete(["1", "2"])
    assert service.asked == [("taobao.tmc.messages.confirm", {"s_message_ids": "1,2"})]


@pytest.mark.parametrize(
    ("_case", "user", "told"),
    [
        ("all topics", {"is_valid": True}, None),
        ("ours among them", {"is_valid": True, "topics": {"string": ["t_Pay", "t_Other", "t_Create"]}}, None),
        ("not there", None, {}),
        ("switched off", {"is_valid": False}, {"topics": "t_Create,t_Pay"}),
        ("one is missing", {"is_valid": True, "topics": ["t_Other", "t_Pay"]}, {"topics": "t_Other,t_Pay,t_Create"}),
    ],
)
def test_the_check_opens_the_queue_for_what_is_needed(_case: str, user: Any, told: Row | None) -> None:
    service, queue = opened()
    service.user = user
    assert queue.check() == (FINE if told is None else Finding("message queue", True, repaired=True),)
    assert service.changed() == ([] if told is None else [("taobao.tmc.user.permit", told)])
    assert service.asked[0][1]["nick"] == "ours"


def test_a_shop_that_the_service_does_not_know_yet_is_in_no_other_group() -> None:
    service, queue = opened(queue_group="vip")
    assert queue.check() == (Finding("message queue", True, repaired=True),)
    assert service.changed() == [("taobao.tmc.user.permit", {})]


def test_messages_that_go_into_another_group_are_told_and_nothing_is_changed() -> None:
    service, queue = opened(queue_group="vip")
    service.user = {"is_valid": True, "group_name": "other"}
    assert queue.check() == (Finding("message queue", False, "the shop's messages go into group 'other': correct it"),)
    assert service.changed() == []


def test_an_app_without_the_service_is_told_what_to_do_and_an_outage_is_none_of_that() -> None:
    service, queue = opened()
    service.refusal = AuthFailed("no such right")
    (finding,) = queue.check()
    assert (finding.ok, finding.mend) == (
        False, "subscribe to the trade topics in the app's console (消息服务), or set message_queue to no: "
        "no such right",
    )  # fmt: skip
    service.refusal = ChannelDown("away")
    with pytest.raises(ChannelDown):
        queue.check()
