"""What a page handler is given: who asks, in which language, and how to answer."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, Undefined

from hub.canonical.amounts import from_micros
from hub.pages import labels
from hub.pages.assets import asset, has_asset, icon
from hub.pages.formats import Formats
from hub.pages.hold_words import cause_title, hold_name, hold_why, mend_text
from hub.pages.i18n import LANGUAGES, Voice, language_of, translations
from hub.pages.menu import Entry, menu_for
from hub.pages.said import said, said_reason, said_to_form
from hub.rules.permissions import ALL, Permission, Principal, Role
from hub.usecases.context import Context
from hub.usecases.sign_in import Session
from hub.web.auth import SignInNeeded, csrf_checked, current_session, signed_in
from hub.web.services import Services, get_services

TEMPLATES = Path(__file__).parent / "templates"
FLASH = "stockline_flash"
THEME = "stockline_theme"
THEMES = ("auto", "light", "dark")


class Loud(Undefined):
    """An unknown name fails when it is printed or walked; asked for its truth it is false, as in `{{ a if b }}`."""

    __slots__ = ()

    def __str__(self) -> str:
        if self._undefined_hint and "inline if" in self._undefined_hint:
            return ""
        self._fail_with_undefined_error()

    def __iter__(self) -> NoReturn:
        self._fail_with_undefined_error()

    def __len__(self) -> NoReturn:
        self._fail_with_undefined_error()


@cache
def environment(language: str, house: str = "") -> Environment:
    """Jinja for one language and house currency: undefined names fail, everything is escaped, texts are translated."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=Loud, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )  # fmt: skip
    env.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    found = translations(language)
    env.install_gettext_translations(found, newstyle=True)  # type: ignore[attr-defined]
    formats, voice = Formats(language, house), Voice(language, house)
    env.globals |= {
        "cause_title": partial(cause_title, voice), "mend_text": partial(mend_text, voice),
        "hold_name": partial(hold_name, voice), "hold_why": partial(hold_why, voice),
        "asset": asset, "has_asset": has_asset, "icon": icon, "language": language, "LANGUAGES": LANGUAGES,
        "money": formats.money, "number": formats.number, "compact": formats.compact, "seconds": formats.seconds,
        "clock": formats.clock, "amount": formats.amount, "about": formats.about, "micros": from_micros,
        "pretty": formats.pretty, "placed": formats.placed, "format_ago": formats.ago, "tone": labels.tone,
        "label": lambda kind, code: found.gettext(labels.label(kind, str(code))), "THEMES": THEMES,
        "said": lambda text: said(text, language), "reason": lambda text: said_reason(text, language),
    }  # fmt: skip
    return env


class Page:
    """One request for a page. Handlers call one use case or report and then `render` or `redirect`."""

    def __init__(self, request: Request, services: Services, session: Session | None) -> None:
        self.request = request
        self.services = services
        self.session = session
        self.language = language_of(request, session.language if session else None)

    @property
    def ctx(self) -> Context:
        """The use-case context: `page.ctx.db` for reports, `page.ctx` for verbs."""
        return self.services.ctx

    @property
    def who(self) -> Principal:
        """Who is signed in; only on pages made with `page_for`."""
        if self.session is None:
            raise RuntimeError("this page may be seen by people who are not signed in; it has no principal")
        return self.session.who

    @property
    def house_currency(self) -> str:
        """The currency of amounts that name none; "" where nobody set it."""
        return self.services.house_currency

    @property
    def now(self) -> datetime:
        return self.services.ctx.clock()

    @property
    def home(self) -> str:
        """Where this person starts: pickers on their next list, others on the first page of their menu."""
        if self.session is None:
            return "/sign-in"
        if self.session.who.role is Role.WAREHOUSE:
            return "/pick"
        return next((entry.path for entry in self._menu()), "/account")

    @property
    def paths(self) -> frozenset[str]:
        """The paths that can be opened: links lead only to pages that exist."""
        found: frozenset[str] = self.request.app.state.page_paths
        return found

    def _menu(self) -> list[Entry]:
        return menu_for(self.session.who if self.session else None, self.paths)

    def gettext(self, text: str, **values: object) -> str:
        """A text in the person's language; `%(name)s` places are filled from `values`."""
        return Voice(self.language).gettext(text, **values)

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """Like `gettext`, for so many; `%(num)s` names them."""
        return Voice(self.language).ngettext(one, many, num, **values)

    def said(self, message: object) -> str:
        """One of the hub's own messages (an error, a reason) in the person's language."""
        return said_to_form(str(message), self.language)

    def kind(self, channel: str) -> str:
        """What a kind of channel is called, such as WooCommerce; its name where that connector is not installed."""
        titles = {spec.name: spec.title for spec in self.services.specs()}
        return self.gettext(titles.get(channel, channel))

    def render(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """The template as a page. Besides `values` it has everything in README.md, "What a template has"."""
        html = self._environment().get_template(template).render(self._shell() | values)
        response = HTMLResponse(html, status)
        if FLASH in self.request.cookies:
            response.delete_cookie(FLASH, path="/")
        return response

    def fragment(self, template: str, /, **values: Any) -> str:
        """A template as text: for server-sent events and htmx swaps."""
        return self._environment().get_template(template).render(self._shell() | values)

    def _environment(self) -> Environment:
        return environment(self.language, self.house_currency)

    def redirect(self, path: str, say: str = "", tone: str = "ok") -> Response:
        """Go to one of our own pages after a change (303); `say` is shown there once. `tone`: ok, warn, bad."""
        response = RedirectResponse(path, status_code=303)
        if say:
            text = base64.urlsafe_b64encode(json.dumps([tone, say[:600]]).encode()).decode()
            response.set_cookie(FLASH, text, max_age=60, path="/", httponly=True, samesite="lax")
        return response

    def here(self, **changes: object) -> str:
        """This page's address with other query values; None takes one out, and the cursor always goes."""
        query = dict(parse_qsl(self.request.url.query)) | {"after": None} | changes
        kept = {key: str(value) for key, value in query.items() if value not in (None, "")}
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def _shell(self) -> dict[str, Any]:
        now = self.now
        who = self.session.who if self.session else None
        return {
            "page": self, "who": who, "may": who.may if who else (lambda _permission: False), "here": self.here,
            "query": self.request.query_params, "path": self.request.url.path, "now": now,
            "csrf": self.session.csrf if self.session else "", "theme": self._theme(), "flash": self._flash(),
            "menu": self._menu(), "ago": lambda at: self._formats().ago(at, now),
            "placed_ago": lambda at: self._formats().placed_ago(at, now),
            "demo": self.services.demo, "version": self.services.version,
        }  # fmt: skip

    def _formats(self) -> Formats:
        return Formats(self.language)

    def _theme(self) -> str:
        chosen = (self.session.theme if self.session else "") or self.request.cookies.get(THEME, "")
        return chosen if chosen in THEMES else "auto"

    def _flash(self) -> tuple[str, str] | None:
        try:
            tone, text = json.loads(base64.urlsafe_b64decode(self.request.cookies.get(FLASH, "")))
            return str(tone), str(text)
        except (ValueError, TypeError, binascii.Error):
            return None


def open_page(
    request: Request,
    services: Annotated[Services, Depends(get_services)],
    session: Annotated[Session | None, Depends(current_session)],
) -> Page:
    """FastAPI dependency for pages that need no sign-in."""
    return Page(request, services, session)


def page_for_anyone(
    request: Request,
    services: Annotated[Services, Depends(get_services)],
    _who: Annotated[Principal, Depends(signed_in)],
    _checked: Annotated[None, Depends(csrf_checked)],
    session: Annotated[Session | None, Depends(current_session)],
) -> Page:
    """FastAPI dependency for what every signed-in person may do (own password, looks, signing out)."""
    if session is None or getattr(request.state, "by_key", False):
        raise SignInNeeded("pages are for people who sign in; programs use /api/v1 with their key")
    return Page(request, services, session)


def page_for(permission: Permission) -> Callable[..., Page]:
    """FastAPI dependency: the page, once the person is signed in, holds `permission`, and forms carry their token.

    Use: `page: Annotated[Page, Depends(page_for("orders.read"))]`.
    """
    if permission not in ALL:
        raise ValueError(f"unknown permission {permission!r}")

    def opened(page: Annotated[Page, Depends(page_for_anyone)]) -> Page:
        page.who.must(permission)
        return page

    opened.permission = permission  # type: ignore[attr-defined]
    return opened
