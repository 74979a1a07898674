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


@contextmanager
def one_line(ctx: click.Context) -> Iterator[None]:
    """Turns click's lines about wrong usage into one BadInput that names the help; a bare group shows its help."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as wrong:
        where = (wrong.ctx or ctx).command_path
        raise BadInput(f"{' '.join(wrong.format_message().split())} See: {where} --help") from None
