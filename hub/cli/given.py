"""Settings and secrets as they are given to a command; what cannot be read is kept beside them, to be told at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from hub.canonical.errors import BadInput
from hub.ports.channel import Field


@dataclass(frozen=True, slots=True)
class Given:
    """By name. `unread`: "settings.x" or "secrets.x" -> why it cannot be read."""

    settings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def ask_for(self, fields: Sequence[Field]) -> None:
        """Ask at the terminal for the required secrets that are missing; not where something must be mended anyway."""
        for one in fields:
            if one.required and one.name not in self.secrets and not self.unread and sys.stdin.isatty():
                self.secrets[one.name] = click.prompt(one.label, hide_input=True)


def read_given(pairs: Sequence[str], secrets: Sequence[str]) -> Given:
    """`KEY=VALUE` each, and `KEY`, `KEY=@FILE` or `KEY=env:NAME` each; secrets that are only named are asked for."""
    given = Given()
    for text in pairs:
        key, equals, value = text.partition("=")
        if key and equals:
            given.settings[key] = value
        else:
            given.unread[f"settings.{key}"] = f"--set {key!r}: write KEY=VALUE"
    for text in secrets:
        key, equals, value = text.partition("=")
        try:
            given.secrets[key] = _secret(key, value) if equals else _ask(key)
        except BadInput as why:
            given.unread[f"secrets.{key}"] = f"--secret {key}: {why}"
    return given


def _ask(key: str) -> str:
    if not sys.stdin.isatty():
        raise BadInput(f"there is no terminal to ask at; write {key}=@FILE or {key}=env:NAME")
    return str(click.prompt(key, hide_input=True))


def _secret(key: str, value: str) -> str:
    """Never the value itself: what stands in a command line is seen by everyone on the machine."""
    if value.startswith("@"):
        try:
            return Path(value[1:]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadInput(f"{value[1:]} cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise BadInput(f"{value[1:]} is no text") from None
    if value.startswith("env:"):
        if value[4:] not in os.environ:
            raise BadInput(f"there is no environment variable {value[4:]}")
        return os.environ[value[4:]]
    raise BadInput(f"write {key}=@FILE or {key}=env:NAME (others can read a command line)")
