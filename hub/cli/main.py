"""The entry point of `stockline`: one table of commands, each imported when it is called."""

from __future__ import annotations

from hub.cli.lazy import LazyGroup

COMMANDS = {
    "map": ("hub.cli.map:map_file", "Print the canonical order of a payload file."),
}
"""Command -> (module:attribute, one line of help). A new command is one line here."""

cli = LazyGroup(lazy=COMMANDS, help="Stockline keeps every sales channel in line with the stock.")


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 found problems, 2 bad input."""
    cli(prog_name="stockline")


if __name__ == "__main__":
    main()
