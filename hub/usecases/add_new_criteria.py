"""Makes a draft of a ruleset with the criteria that came after it was stored."""

from __future__ import annotations

from hub.canonical.errors import BadInput
from hub.rules.ruleset_gaps import filled, gaps
from hub.store.rulesets import body, read_ruleset, read_version
from hub.usecases.context import Context
from hub.usecases.manage_rulesets import draft_ruleset


def add_new_criteria(ctx: Context, *, actor: str, base: int | None = None) -> int:
    """Returns the draft's version; nothing is routed by it yet.

    Args:   base: the version to begin with; None: the one that is active.
    Raises: NotFound: no such version. BadInput: it lacks none.
    """
    with ctx.db.read() as db:
        found = read_ruleset(db) if base is None else read_version(db, base)
    missing = gaps(found)
    if not missing:
        raise BadInput(f"ruleset version {found.version} lacks no new criterion: there is nothing to add")
    added = ", ".join(sorted({criterion for _, criterion in missing}))
    note = f"version {found.version} with {added}"
    return draft_ruleset(ctx, actor=actor, base=found.version, given=body(filled(found)), note=note)
