"""What waits because code failed on it: ours, or that of a connector's own package, which is named then."""

from __future__ import annotations

from hub.canonical.errors import ConnectorFault
from hub.usecases.resolve_lines import Problem

CRASHED = ("crashed", "package_fault")
"""Kinds of holds that an update mends."""


def crash_reason(error: Exception) -> str:
    """What stands at a message that code failed on."""
    return str(error) if isinstance(error, ConnectorFault) else f"our code failed on it: {type(error).__name__}"


def crash_problem(error: Exception, where: str, field: str, ours: str) -> Problem:
    """The hold of what code failed on: one cause per place and kind of error, and per package.

    Args: where: the place, in its fingerprint. ours: what is said where the fault is our own.
    """
    if isinstance(error, ConnectorFault):
        value = f"{error.package}: {error.kind}"
        return Problem("package_fault", f"package_fault:{where}:{value}"[:300], field, value, str(error))
    name = type(error).__name__
    return Problem("crashed", f"crashed:{where}:{name}"[:300], field, name, ours)
