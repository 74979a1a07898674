"""Which extra of this package brings a module that not everybody needs."""

from __future__ import annotations

from collections.abc import Mapping

EXTRAS: Mapping[str, str] = {
    "graphql": "sandbox",
    "highspy": "optimize",
    "numpy": "optimize",
    "openpyxl": "sheets",
    "defusedxml": "sheets",
    "paramiko": "edi",
    "psycopg": "postgres",
    "pytest": "contract",
    "redis": "redis",
}
"""Module -> the extra in `pyproject.toml` that brings it."""


def extra_words(error: BaseException) -> str:
    """What to install where an import failed for want of an extra; "" for any other error."""
    module = (getattr(error, "name", None) or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    extra = EXTRAS.get(module)
    return f"this needs {module}, which is not installed: pip install 'stockline[{extra}]'" if extra else ""
