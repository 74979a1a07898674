"""What every GraphQL channel reads alike: the name of a document, and the errors of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.canonical.errors import InvariantBroken

NAME = re.compile(r"(?:query|mutation)\s+(\w+)")


def operation_name(document: str) -> str:
    """The name of the first operation. Raises InvariantBroken where it has none."""
    found = NAME.search(document)
    if not found:
        raise InvariantBroken("a GraphQL document without a name")
    return found.group(1)


def error_codes(body: Mapping[str, Any]) -> set[str]:
    """`extensions.code` of each error in an answer."""
    return {str((error.get("extensions") or {}).get("code")) for error in _errors(body)}


def error_words(body: Mapping[str, Any]) -> str:
    """The messages of all errors; of errors that are no list, what stands there."""
    listed = _errors(body)
    return "; ".join(str(error.get("message")) for error in listed) if listed else str(body.get("errors"))


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = body.get("errors") or []
    return [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []
