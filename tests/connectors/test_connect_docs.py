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
from tests.cli.conftest import Run, run

__all__ = ["run"]

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


@pytest.mark.parametrize("guide", EVERY)
def test_a_section_that_links_a_sku_adds_it_first(guide: str) -> None:
    for section in (ROOT / guide).read_text(encoding="utf-8").split("\n## "):
        for link in re.finditer(r"^ +stockline listing link \S+ \S+ (\S+)$", section, re.MULTILINE):
            assert f"stockline item add {link[1]}" in section[: link.start()], section.partition("\n")[0]


def test_the_commands_of_the_section_on_edi_work_for_who_followed_it_alone(run: Run, tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Connect an EDI dealer")[2]
    text = section.partition("\n4. ")[0].replace("\\\n", " ").replace("/srv/edi", str(tmp_path))
    commands = re.findall(r"^ +stockline (.+)$", text, re.MULTILINE)
    for folder in ("in", "out"):
        (tmp_path / "acme" / folder).mkdir(parents=True)
    done = [run(*shlex.split(command)) for command in commands]
    assert [(each.code, each.err) for each in done] == [(0, "")] * 4
    assert done[-1].out == "acme MUG-1 is MUG-1; holds released: 0.\n"
