"""Puts all pages onto an application: one line per area."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from hub.pages import (
    account,
    channels,
    connect,
    counts,
    expected,
    gallery,
    holds,
    imports,
    mapping,
    orders,
    overview,
    people,
    pick,
    place_work,
    places,
    proposals,
    routing,
    rule_edit,
    selling,
    simulator,
    stock,
    traffic,
    transfers,
    work,
)
from hub.pages.assets import FOLDER, CachedFiles
from hub.pages.errors import error_page
from hub.web.install import install_web
from hub.web.services import Services

AREAS: tuple[APIRouter, ...] = (
    account.router, overview.router, orders.router, holds.router, stock.router, selling.router, transfers.router,
    expected.router, counts.router, imports.router, proposals.router, channels.router, traffic.router, mapping.router,
    connect.router, routing.router, rule_edit.router, simulator.router, places.router, place_work.router, work.router,
    pick.router, people.router,
)  # fmt: skip
"""The routers of all areas; a new page file adds its router here."""


def install_pages(app: FastAPI, services: Services, *, with_gallery: bool = False) -> None:
    """Services, headers, error pages, static files and every page. Call once; the API's routes are added apart.

    Args: with_gallery: also /gallery, which shows all components (for development and tests).
    """
    install_web(app, services, error_page)
    routers = (*AREAS, gallery.router) if with_gallery else AREAS
    for router in routers:
        app.include_router(router, include_in_schema=False)
    app.mount("/static", CachedFiles(directory=FOLDER), name="static")
    app.state.page_paths = frozenset(page_paths(routers))


def page_paths(routers: tuple[APIRouter, ...]) -> set[str]:
    """The paths that can be opened (GET): the menu shows only pages that exist."""
    return {
        route.path
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
