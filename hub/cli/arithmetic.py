"""Tells a listing's arithmetic in lines, for `stockline stock explain`."""

from __future__ import annotations

from collections.abc import Iterator

from hub.reports.arithmetic import Arithmetic
from hub.rules.ats import Part, PlaceLine


def tell(found: Arithmetic) -> str:
    """Several lines, from the shelves to what the channel is told."""
    return "\n".join(_lines(found))


def _lines(found: Arithmetic) -> Iterator[str]:
    offer = found.offer
    yield f"{found.connection} {found.listing_ref} ({found.sku}), as of {found.as_of:%Y-%m-%d %H:%M} UTC"
    for part in offer.parts:
        yield from _part(part, found)
    for row in found.coming:
        due = f"due {row.due_on}" if row.due_on else "nobody knows when"
        ref = f", {row.ref}" if row.ref else ""
        yield f"  expected in {row.warehouse}: {row.pieces} {row.sku} ({due}{ref}), not counted before they are here"
    yield f"  units of the scarcest component: {offer.units}"
    yield from _limits(found)
    yield f"  number: {offer.number}"
    if offer.held_back:
        yield f"  held back ({offer.held_back}); publishes: {'nothing' if found.publishes is None else found.publishes}"
    yield f"  last told: {'nothing yet' if found.shown is None else found.shown}"
    for owner, pieces in found.pools_unfilled.items():
        yield f"  exclusive pool of {owner} lacks {pieces}: more is set aside than there is"


def _limits(found: Arithmetic) -> Iterator[str]:
    limits = found.offer.limits
    told = (
        (limits.permille != 1000, f"share of this channel, {limits.permille / 10:g} %: {found.offer.share}"),
        (limits.buffer != 0, f"buffer of the listing: -{limits.buffer}"),
        (limits.lag != 0, f"buffer for what sells elsewhere meanwhile: -{limits.lag}{_pace(found)}"),
        (limits.cap is not None, f"at most listed: {limits.cap}"),
        (limits.end_when is not None, f"shows 0 once no more is left than: {limits.end_when}"),
    )
    return (f"  {words}" for there, words in told if there)


def _part(part: Part, found: Arithmetic) -> Iterator[str]:
    yield f"  {part.sku}, {part.per_unit} in one unit"
    sources = {(shelf.sku, shelf.warehouse): shelf for shelf in found.shelves}
    for line in part.places:
        shelf = sources.get((part.sku, line.warehouse))
        told = f" [{shelf.source} {shelf.as_of:%Y-%m-%d %H:%M}]" if shelf else ""
        yield f"    {line.warehouse}: {_place(line)}{told}"
    if part.kept:
        yield f"    kept for other channels: -{part.kept}"
    if part.mode != "stock":
        stock = "" if part.stock_counts else ", stock does not count before its day"
        yield f"    {part.mode}: {part.room:+d}{stock}"
    yield f"    sellable: {part.sellable} pieces, {part.units} units"


def _place(line: PlaceLine) -> str:
    names = ("reserved", "damaged", "quality_hold", "too_short", "safety", "buffer")
    less = "".join(f" - {getattr(line, name)} {name.replace('_', ' ')}" for name in names if getattr(line, name))
    stale = f" ({line.stale.replace('_', ' ')}: stale)" if line.stale else ""
    return f"{line.on_hand} on hand{less} = {line.free}{stale}"


def _pace(found: Arithmetic) -> str:
    parts = [
        f"{one['per_day']:g} {one['sku']} a day x {one['latency_ms'] / 1000:g} s = {one['expected']:g} expected, "
        f"{one['service_permille'] / 10:g} % quantile {one['pieces']}"
        for one in found.pace.get("components", ())
    ]
    return f" ({'; '.join(parts)})" if parts else ""
