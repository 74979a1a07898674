"""Puts the shared parts onto an application: services, headers, error handlers."""

from __future__ import annotations

from fastapi import FastAPI

from hub.web.errors import ErrorPage, install_errors
from hub.web.headers import SecurityHeaders
from hub.web.services import Services


def install_web(app: FastAPI, services: Services, error_page: ErrorPage | None = None) -> None:
    """Call once, before the first request; `hub.pages.app.install_pages` does it with the error page for people."""
    app.state.services = services
    install_errors(app, error_page)
    app.add_middleware(SecurityHeaders)
