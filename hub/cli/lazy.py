"""A click group that imports a command only when it is called, so that `stockline --help` answers at once."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from hub.canonical.errors import BadInput


class LazyGroup(click.Group):
    """`commands`: name -> ("package.module:attribute", one line of help)."""

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], help: str) -> None:
        super().__init__(name="stockline", help=help)
        self._lazy = dict(lazy)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click's; a wrong option is one line."""
        ctx.meta[WORDS] = tuple(args)
        with one_line(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Like click's; a wrong command, option or argument is one line."""
        with one_line(ctx):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, sorted."""
        return sorted(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None where there is none of that name."""
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{self._lazy[cmd_name][0]} is no click command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in the help text, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._lazy[name][1]) for name in self.list_commands(ctx)])


WORDS = "stockline.words"
"""Where a context keeps what was typed after the program's name."""


def called(ctx: click.Context) -> tuple[str, click.Command]:
    """The command that the typed words name, and its whole path: click forgets it where an option lacks its value."""
    path, command = ctx.command_path, ctx.command
    for word in ctx.meta.get(WORDS, ()):
        found = command.get_command(ctx, word) if isinstance(command, click.Group) else None
        if found is None:
            break
        path, command = f"{path} {word}", found
    return path, command


@contextmanager
def one_line(ctx: click.Context) -> Iterator[None]:
    """Turns click's lines about wrong usage into one BadInput: with the command's own example, where it has one
    (its epilog), and the help to see. A bare group shows its help."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as wrong:
        where, command = (wrong.ctx.command_path, wrong.ctx.command) if wrong.ctx else called(ctx)
        said = " ".join(wrong.format_message().split())
        parts = [
            said if said.endswith((".", "?", "?)")) else f"{said}.",
            *([f"{command.epilog}."] * bool(command.epilog)),
        ]
        raise BadInput(f"{' '.join(parts)} See: {where} --help") from None
