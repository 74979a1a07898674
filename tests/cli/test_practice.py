"""`stockline connectors practice` opens a shop that the command it prints connects, until somebody closes it."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import pytest
import requests

from connectors.kit import registry
from connectors.kit.scaffold import PACKAGE
from hub.ports.channel import Can
from tests.cli.conftest import Done, Run

SHOPS = [name for name in registry.names() if name != "feed"]
Open = Callable[..., tuple[str, Done]]


@pytest.fixture
def open_shop(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Open]:
    """`open_shop(meanwhile, "medusa", …)`: what it said when it was open, and how it ended.

    `meanwhile` gets what was said; then Enter is pressed once, and Ctrl-C.
    """
    before = {ending: signal.getsignal(ending) for ending in (signal.SIGINT, signal.SIGTERM)}

    def opened(meanwhile: Callable[[str], None], *arguments: str) -> tuple[str, Done]:
        said = list[str]()

        class Person:
            def readline(self) -> str:
                if said:
                    raise KeyboardInterrupt
                said.append(capsys.readouterr().out)
                meanwhile(said[0])
                return "\n"

        monkeypatch.setattr(sys, "stdin", Person())
        done = run("connectors", "practice", *arguments)
        return said[0] if said else "", done

    yield opened
    for ending, handler in before.items():
        signal.signal(ending, handler)


@pytest.fixture
def third_party(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The template is registered beside our own, as a package of somebody else is."""
    packages = {**registry._packages(), "shelfmart": PACKAGE}
    monkeypatch.setattr(registry, "_packages", lambda: packages)
    yield
    registry.spec.cache_clear()


def _command(said: str) -> list[str]:
    """The words after `stockline` of the command that connects the shop."""
    return shlex.split(next(line for line in said.splitlines() if line.startswith("stockline connection add ")))[1:]


def _connects(run: Run, name: str) -> Callable[[str], None]:
    def meanwhile(said: str) -> None:
        added = run(*_command(said))
        assert (added.code, added.err) == (0, ""), added.err
        checked = run("connection", "check", f"practice-{name}")
        assert checked.code == 0, checked.out
        pulled = run("connection", "pull", f"practice-{name}")
        assert pulled.code == 0, pulled.err
        assert {"received: 2", "read: 2"} <= set(pulled.out.strip().split(", ")), pulled.out
        listed = 26 if Can.PULL_LISTINGS in registry.spec(name).can else 0
        assert len(json.loads(run("listing", "--json").out)) == listed

    return meanwhile


@pytest.mark.parametrize("name", SHOPS)
def test_the_printed_command_connects_a_shop_with_goods_and_orders(run: Run, open_shop: Open, name: str) -> None:
    said, done = open_shop(_connects(run, name), name, "--orders", "2")
    title = registry.spec(name).title
    assert said.startswith(f"The practice shop of {title} is open, with 26 SKUs on its shelf. Connect it ")
    assert said.count("\nOrder ") == 2
    assert done.code == 0
    assert done.out.startswith("Order ")
    assert done.out.endswith("\nThe practice shop is closed.\n")


def test_the_shop_of_another_package_opens_too(run: Run, open_shop: Open, third_party: None) -> None:
    _, done = open_shop(_connects(run, "shelfmart"), "shelfmart", "--orders", "2")
    assert (done.code, done.err) == (0, "")


def test_the_form_is_told_the_same_and_the_secrets_are_gone_with_the_shop(open_shop: Open) -> None:
    said, _ = open_shop(lambda said: None, "medusa", "--orders", "0")
    *_, setting, secret = _command(said)
    assert "Order " not in said
    assert secret.startswith("api_key=@")
    assert not Path(secret.partition("@")[2]).exists()
    fields = said.partition("The same for the dashboard's form:\n")[2].splitlines()
    assert [line.split(" = ")[0] for line in fields[:3]] == ["  shop_url", "  calls_per_second", "  api_key"]
    assert fields[2].partition(" = ")[2].startswith("sk_")
    assert setting == "--secret"


def test_a_port_that_is_named_is_taken(open_shop: Open) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    said, _ = open_shop(lambda said: None, "medusa", "--port", port)
    assert f"shop_url=http://127.0.0.1:{port}" in _command(said)


def test_a_port_that_is_taken_is_refused_in_one_line(open_shop: Open) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        _, done = open_shop(lambda said: None, "medusa", "--port", str(port))
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"stockline: port {port} cannot be used (Address already in use); name another: --port, or 0 for any\n"
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("feed",), f"stockline: feed brings no practice shop; these do: {', '.join(SHOPS)}\n"),
        (("ebey",), f"stockline: no connector named 'ebey'; there are: {', '.join(registry.names())}\n"),
        (("x12", "--port", "4000"),
         "stockline: this dealer works in a folder and listens on no port: leave --port out\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_said_in_one_line(open_shop: Open, arguments: tuple[str, ...], line: str) -> None:
    _, done = open_shop(lambda said: None, *arguments)
    assert (done.code, done.out, done.err) == (2, "", line)


def test_a_package_that_names_no_shop_is_told_what_it_needs(
    open_shop: Open, third_party: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(f"{PACKAGE}.sandbox.SANDBOX")
    _, done = open_shop(lambda said: None, "shelfmart")
    assert (done.code, done.err) == (
        2, f"stockline: {PACKAGE}.sandbox names no practice shop: it needs SANDBOX (docs/add-a-channel.md)\n",
    )  # fmt: skip


@pytest.mark.parametrize(("fault", "status"), [("rate_limited_429=1", 429), ("server_error_500=1", 500)])
def test_a_shop_misbehaves_as_it_is_told(open_shop: Open, fault: str, status: int) -> None:
    answers = list[int]()

    def ask(said: str) -> None:
        url = next(word for word in _command(said) if word.startswith("shop_url=")).partition("=")[2]
        answers.append(requests.get(f"{url}/admin/orders", timeout=10).status_code)

    _, done = open_shop(ask, "medusa", "--fault", "webhook_lost=0", "--fault", fault)
    assert (done.code, answers) == (0, [status])


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("rate_limited=0.2", "--fault rate_limited=0.2: no kind of fault 'rate_limited'; there are: webhook_late, "
         "webhook_doubled, webhook_reordered, webhook_lost, rate_limited_429, server_error_500, timeout_after_effect, "
         "duplicate_file, corrupt_file"),
        ("webhook_late", "--fault webhook_late: expected a rate from 0 to 1, such as --fault webhook_late=0.2"),
        ("webhook_late=2", "--fault webhook_late=2: expected a rate from 0 to 1, such as --fault webhook_late=0.2"),
        ("webhook_late=nan", "--fault webhook_late=nan: expected a rate from 0 to 1, such as --fault webhook_late=0.2"),
    ],
)  # fmt: skip
def test_a_fault_that_cannot_be_is_told_with_what_can(open_shop: Open, fault: str, line: str) -> None:
    _, done = open_shop(lambda said: None, "medusa", "--fault", fault)
    assert (done.code, done.out, done.err) == (2, "", f"stockline: {line}\n")


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("medusa", r"at http://127\.0\.0\.1:\d+"),
        ("amazon", r"at http://127\.0\.0\.1:\d+"),
        ("x12", r"at /\S+/to_hub and /\S+/from_hub"),
    ],
)
def test_it_says_where_it_serves_and_ctrl_c_closes_it_where_nobody_types(tmp_path: Path, name: str, where: str) -> None:
    words = [str(Path(sys.executable).parent / "stockline"), "connectors", "practice", name]
    process = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        before = "".join(takewhile(lambda line: not line.startswith("Order "), said))
        assert re.search(
            rf"^It serves {where} until Ctrl-C, which closes it\. Enter places one more order\.$", before, re.M
        )
        on = rf"Nobody types here, so no more orders come\. The shop serves on {where}, until Ctrl-C or: kill "
        assert re.fullmatch(f"{on}{process.pid}\n", next(said))
        process.send_signal(signal.SIGINT)
        assert said.read() == "The practice shop is closed.\n"
    assert process.wait(20) == 0
