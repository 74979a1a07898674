"""What the guides tell a merchant to type is what the connector asks for: README.md, docs/connect.md, each folder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.kit import registry
from hub.ports.channel import Connection
from hub.usecases.connection_fields import check_fields

ROOT = Path(__file__).parents[2]
GUIDES = ("README.md", "docs/connect.md")


@dataclass(frozen=True, slots=True)
class Typed:
    """One `stockline connection add` of a guide."""

    guide: str
    channel: str
    name: str
    settings: Mapping[str, str]
    secrets: tuple[str, ...]


def _typed(guide: str) -> Iterator[Typed]:
    text = (ROOT / guide).read_text(encoding="utf-8").replace("\\\n", " ")
    for command in re.findall(r"^ +stockline connection add (?!CHANNEL)(.+)$", text, re.MULTILINE):
        channel, name, *rest = shlex.split(command)
        pairs = list(zip(rest[::2], rest[1::2], strict=True))
        assert {option for option, _ in pairs} <= {"--set", "--secret", "--on-shortage"}
        settings = dict(value.split("=", 1) for option, value in pairs if option == "--set")
        yield Typed(guide, channel, name, settings, tuple(value for option, value in pairs if option == "--secret"))


EVERY = [*GUIDES, *(f"connectors/{name}/README.md" for name in registry.names())]
TYPED = [typed for guide in EVERY for typed in _typed(guide)]


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: f"{typed.guide}:{typed.channel}:{typed.name}")
def test_a_guides_command_gives_what_the_connector_asks_for(typed: Typed) -> None:
    spec = registry.spec(typed.channel)
    secrets = {name.partition("=")[0]: "x" * 24 for name in typed.secrets}
    check_fields(spec, typed.name, typed.settings, secrets, "hold")
    registry.build(Connection(1, typed.name, typed.channel, typed.settings, secrets))


@pytest.mark.parametrize("name", registry.names())
def test_every_connector_has_its_steps_in_a_guide_of_the_whole(name: str) -> None:
    found = [typed.name for typed in TYPED if typed.guide in GUIDES and typed.channel == name]
    assert len(found) == 1, f"write how to connect {name} once, in README.md or docs/connect.md"
    texts = "".join((ROOT / guide).read_text(encoding="utf-8") for guide in GUIDES)
    assert f"`connectors/{name}/README.md`" in texts
    can_check = f"stockline connection check {found[0]}" in texts or name == "feed"
    assert can_check, f"say how to check {found[0]}"
