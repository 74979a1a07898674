"""JSON for programs: every module here that has a `router` is a part of the API."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import APIRouter


def routers() -> tuple[APIRouter, ...]:
    """The routers of all modules in this package, by name."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(module.router for module in modules if isinstance(getattr(module, "router", None), APIRouter))
