"""Draws the routing figures of a bench result: `python -m bench.plot RESULT.json PICTURE.svg|.png` (extra `bench`).

RESULT is what `stockline bench --json` or `python -m bench.routing` printed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.canonical.errors import BadInput

KEY = "routing.js_small"
NAMES = {
    "priority_list": "priority list", "nearest": "nearest warehouse", "fewest_parcels": "fewest parcels",
    "cheapest": "cheapest, order by order", "bid_price": "Stockline with bid prices",
}  # fmt: skip
OURS_COLOR, OTHERS_COLOR, LINE_COLOR = "#0f766e", "#94a3b8", "#334155"

Bar = tuple[str, float]
"""(policy, percent above the linear program)"""


def bars(result: Mapping[str, Any]) -> list[Bar]:
    """The policies of JS-small, dearest first.

    Raises: BadInput: the result has no such figure.
    """
    policies = result.get(KEY, {}).get("policies")
    if not policies:
        raise BadInput(f"{KEY}.policies: missing in this result; run stockline bench --json --only {KEY}")
    rows = [(name, (numbers["cost_over_dlp"] - 1) * 100) for name, numbers in policies.items()]
    return sorted(rows, key=lambda row: -row[1])


def draw(rows: Sequence[Bar], target: Path) -> None:
    """One horizontal bar a policy; the file's ending says the format."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "stockline"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 2.9), layout="constrained")
    names = [NAMES.get(name, name) for name, _ in rows]
    colors = [OURS_COLOR if name == "bid_price" else OTHERS_COLOR for name, _ in rows]
    drawn = axes.barh(names, [percent for _, percent in rows], color=colors, height=0.62)
    axes.bar_label(drawn, [f"+{percent:.1f} %" for _, percent in rows], padding=4, color=LINE_COLOR)
    axes.set_xlabel("cost of serving all orders above the linear program (less is better)", color=LINE_COLOR)
    axes.margins(x=0.12)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(colors=LINE_COLOR, left=False)
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None)
    pyplot.close(figure)


def main(words: Sequence[str]) -> int:
    """Exit code 2 with one line where an input cannot be used."""
    if len(words) != 2:
        print("use: python -m bench.plot RESULT.json PICTURE.svg", file=sys.stderr)
        return 2
    try:
        draw(bars(json.loads(Path(words[0]).read_text(encoding="utf-8"))), Path(words[1]))
    except (OSError, ValueError, BadInput) as error:
        print(f"bench.plot: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
