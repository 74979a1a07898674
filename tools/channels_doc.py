"""Writes docs/channels.md from the connectors' passports: `python -m tools.channels_doc`; a test compares the two."""

from __future__ import annotations

from pathlib import Path

from connectors.kit import registry
from connectors.kit.quality import Quality, lines_of_code, read_quality
from hub.ports.channel import Can, ConnectorSpec

FILE = Path(__file__).parent.parent / "docs" / "channels.md"

HEAD = """# Channels

Made from the connectors' passports by `python -m tools.channels_doc`; change those, not this page. How a merchant
connects one stands in the README of its folder. What the hub asks of a channel is `hub/ports/channel.py`.

Quality is what `quality.toml` claims and the contract suite proves (`connectors/kit/contract/`). Lines are Python
and YAML of connector and mapping, without practice server, blank lines, comments, docstrings and tables.
"""


def page() -> str:
    """The whole page."""
    specs = [registry.spec(name) for name in registry.names()]
    return "\n".join([HEAD, *_abilities(specs), "", *_limits(specs), "", *_rules(specs), ""])


def _abilities(specs: list[ConnectorSpec]) -> list[str]:
    rows = [[_words(verb), *["yes" if verb in spec.can else "–" for spec in specs]] for verb in Can]
    return ["## What each can do", "", *_table(["", *[spec.title for spec in specs]], rows)]


def _limits(specs: list[ConnectorSpec]) -> list[str]:
    heads = [
        "channel",
        "calls a second",
        "seconds between two calls",
        "stock is written",
        "lines a call",
        "polled every",
        "overlap",
        "lines of code",
    ]
    rows = [[f"[{spec.title}](../{spec.docs})", *_ways(spec), str(lines_of_code(spec.name))] for spec in specs]
    return ["## Limits and ways", "", *_table(heads, rows)]


def _ways(spec: ConnectorSpec) -> list[str]:
    """Nothing of it concerns a channel that the hub never calls."""
    if spec.can == {Can.STOCK_FEED}:
        return ["–"] * 6
    gaps = ", ".join(f"{operation} {seconds:g}" for operation, seconds in spec.call_gaps_s.items()) or "–"
    calls = f"{spec.calls_per_second:g}" if spec.calls_per_second else "–"
    ways = [calls, gaps, spec.stock_mode.replace("_", " "), str(spec.max_stock_lines)]
    return [*ways, f"{spec.poll_s} s", f"{spec.overlap_s} s"]


def _rules(specs: list[ConnectorSpec]) -> list[str]:
    found = [read_quality(spec.name) for spec in specs]
    names = list(dict.fromkeys(rule for quality in found for rule in quality.rules))
    rows = [["**level**", *[f"**{quality.level or '–'}**" for quality in found]]]
    rows += [[name.replace("_", " "), *[_standing(quality, name) for quality in found]] for name in names]
    return ["## Quality", "", *_table(["", *[spec.title for spec in specs]], rows)]


def _standing(quality: Quality, rule: str) -> str:
    word = quality.rules.get(rule, "–")
    return "does not apply" if word.startswith("exempt") else word


def _words(verb: Can) -> str:
    return str(verb).replace("_", " ")


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [_row(heads), _row(["---"] * len(heads)), *map(_row, rows)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
