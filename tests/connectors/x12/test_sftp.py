"""The same over a real SFTP server, whose key is pinned."""

from __future__ import annotations

import builtins
import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.kit import registry
from connectors.kit.practice.sandbox import Faults
from connectors.x12.sandbox import X12Sandbox
from connectors.x12.sandbox.sftp_server import new_key
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured
from hub.ports.channel import Channel, Connection, StockLine
from tests.connectors.contract import CANARY, ITEMS, SHOPPER


@pytest.fixture
def sandbox() -> Iterator[X12Sandbox]:
    sandbox = X12Sandbox(seed=5, faults=Faults(5), transport="sftp")
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        yield sandbox
    finally:
        sandbox.stop()


def channel(sandbox: X12Sandbox, secrets: dict[str, str] | None = None, **settings: str) -> Channel:
    opened = dict(sandbox.secrets) if secrets is None else secrets
    return registry.build(Connection(1, "dealer", "x12", {**sandbox.settings, **settings}, opened))


def test_an_order_goes_in_and_its_files_are_archived_on_the_server(sandbox: X12Sandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    (page,) = channel(sandbox).pull_orders(None)
    assert [record.ref for record in page.records] == [ref]
    assert [path.is_file() for path in sandbox.mail.to_hub.iterdir()] == [False]
    assert len(list((sandbox.mail.to_hub / "archive").iterdir())) == 1


def test_a_name_taken_in_the_archive_is_not_replaced(sandbox: X12Sandbox) -> None:
    dealer = channel(sandbox)
    for body in (b"first", b"second"):
        (sandbox.mail.to_hub / "same.x12").write_bytes(body)
        list(dealer.pull_orders(None))
        time.sleep(0.35)
        list(dealer.pull_orders(None))
    assert {path.read_bytes() for path in (sandbox.mail.to_hub / "rejected").iterdir()} == {b"first", b"second"}


def test_a_key_opens_the_door_instead_of_a_password(sandbox: X12Sandbox) -> None:
    assert sandbox._server is not None
    findings = channel(sandbox, {"sftp_key": sandbox._server.client_key}).check()
    assert [finding.ok for finding in findings] == [True, True]


@pytest.mark.parametrize("secrets", [{"sftp_password": CANARY}, {"sftp_key": new_key()[0]}])
def test_a_wrong_password_or_key_is_refused_and_not_shown(sandbox: X12Sandbox, secrets: dict[str, str]) -> None:
    with pytest.raises(AuthFailed) as caught:
        list(channel(sandbox, secrets).pull_orders(None))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(("secrets", "words"), [({}, "sftp_password"), ({"sftp_key": CANARY}, "sftp_key")])
def test_no_secret_or_nonsense_needs_a_person(sandbox: X12Sandbox, secrets: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        list(channel(sandbox, secrets).pull_orders(None))
    assert words in str(caught.value)
    assert CANARY not in str(caught.value)


def test_without_a_pinned_key_the_message_says_how_to_get_it(sandbox: X12Sandbox) -> None:
    with pytest.raises(Misconfigured) as caught:
        list(channel(sandbox, sftp_host_key="").pull_orders(None))
    assert f"ssh-keyscan -p {sandbox.settings['sftp_port']} 127.0.0.1" in str(caught.value)


def test_another_host_key_than_the_pinned_one_is_refused_before_the_password_is_sent(sandbox: X12Sandbox) -> None:
    _, other = new_key()
    made = channel(sandbox, {"sftp_password": CANARY}, sftp_host_key=f"ssh-ed25519 {other.get_base64()}")
    with pytest.raises(Misconfigured, match="another key"):
        list(made.pull_orders(None))


def test_a_fingerprint_pins_as_well(sandbox: X12Sandbox) -> None:
    assert sandbox._server is not None
    fingerprint = sandbox._server._host_key.fingerprint
    assert [finding.ok for finding in channel(sandbox, sftp_host_key=fingerprint).check()] == [True, True]


@pytest.mark.parametrize("port", ["x", "0", "70000"])
def test_a_port_that_is_none_is_named(sandbox: X12Sandbox, port: str) -> None:
    with pytest.raises(Misconfigured, match="sftp_port"):
        list(channel(sandbox, sftp_port=port).pull_orders(None))


def test_a_closed_port_is_an_outage(sandbox: X12Sandbox) -> None:
    made = channel(sandbox)
    assert sandbox._server is not None
    sandbox._server.stop()
    with pytest.raises(ChannelDown):
        list(made.pull_orders(None))


def test_a_missing_folder_is_an_outage(sandbox: X12Sandbox) -> None:
    with pytest.raises(ChannelDown, match="no such folder"):
        list(channel(sandbox, inbound_dir="/elsewhere").pull_orders(None))
    with pytest.raises(ChannelDown):
        channel(sandbox, outbound_dir="/elsewhere").push_stock([StockLine("A", 1, "k")])


def test_a_line_that_breaks_after_the_effect_gives_one_file_when_repeated(sandbox: X12Sandbox) -> None:
    sandbox.faults.force("timeout_after_effect", 2)
    made, lines = channel(sandbox), [StockLine("MUG-RED", 7, "k1")]
    for _ in range(2):
        with pytest.raises(ChannelDown):
            made.push_stock(lines)
    assert made.push_stock(lines)[0].ok
    assert sandbox.shown_stock()["MUG-RED"] == 7
    assert (sandbox.complaints, sandbox.faults.counts["timeout_after_effect"]) == ([], 2)


def test_without_paramiko_the_message_says_what_to_install(
    sandbox: X12Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "paramiko":
            raise ImportError(name)
        return real(name, *rest)

    made = channel(sandbox)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Misconfigured, match=r"stockline\[edi\]"):
        list(made.pull_orders(None))
    (finding,) = made.check()
    assert (finding.ok, "stockline[edi]" in finding.mend) == (False, True)
