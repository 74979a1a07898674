"""Photographs the pages of a running demo for README and docs: `python3 run.py screenshots`."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
LINK = re.compile(r"(http://\S+?)/link/(\S+)")
LARGEST_KB = 300


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file name without `.png`, the page, its language, the width of the window in pixels."""

    name: str
    path: str
    language: str = "en"
    width: int = 1440
    theme: str = "light"

    @property
    def height(self) -> int:
        return 844 if self.width < 500 else 900


SHOTS = (
    Shot("overview-en", "/"),
    Shot("overview-zh", "/", "zh_CN"),
    Shot("overview-dark", "/", theme="dark"),
    Shot("order-en", "/orders?tab=to_ship"),
    Shot("holds-en", "/holds"),
    Shot("stock-en", "/stock"),
    Shot("channels-en", "/channels"),
    Shot("routing-en", "/routing"),
    Shot("routing-zh-390", "/routing", "zh_CN", 390),
    Shot("simulator-en", "/routing/simulator"),
    Shot("counts-390", "/stock/counts", width=390),
    Shot("pick-390", "/pick", width=390),
    Shot("pick-zh-390", "/pick", "zh_CN", 390),
)
INSIDE = {"order-en": ".table tbody a[href^='/orders/']", "pick-390": ".pick-card form button"}
"""Pictures that are taken one click further: what to click."""


@contextmanager
def demo(seconds: float) -> Iterator[str]:
    """A demo that has worked for so many seconds; yields its one-time sign-in link. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from hub.cli.main import main; main()", "demo", "--data-dir", folder]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            yield _link(process, seconds)
        finally:
            process.terminate()
            process.wait(30)


def _link(process: subprocess.Popen[str], seconds: float) -> str:
    if process.stdout is None:
        raise RuntimeError("the demo has no output")
    for line in process.stdout:
        found = LINK.search(line)
        if found:
            threading.Thread(target=process.stdout.read, daemon=True).start()  # keeps its pipe from filling
            time.sleep(seconds)
            return found.group(0)
    raise RuntimeError(f"the demo ended with {process.wait()} before it was ready: run `python3 run.py demo` and look")


def _sign_in(context: BrowserContext, link: str) -> None:
    page = context.new_page()
    page.goto(link)
    page.locator("input[name=password]").first.fill("a picture is worth a thousand words")
    page.locator("button[type=submit], main button.primary").first.click()
    page.wait_for_url(lambda url: "/link/" not in url)
    page.close()


def _take(browser: Browser, cookies: list[dict[str, object]], address: str, shot: Shot) -> Path:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, locale=shot.language.replace("_", "-"),
        color_scheme="dark" if shot.theme == "dark" else "light",
    )  # fmt: skip
    context.add_cookies(cookies)  # type: ignore[arg-type]  # Playwright's own cookies, given back
    extra = {"stockline_language": shot.language, "stockline_theme": shot.theme}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in extra.items()])
    page = context.new_page()
    page.goto(address + shot.path)
    _go_inside(page, shot)
    page.wait_for_timeout(700)
    path = FOLDER / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    return path


def _go_inside(page: Page, shot: Shot) -> None:
    inner = page.locator(INSIDE.get(shot.name, "#none"))
    if inner.count():
        inner.first.click()
        page.wait_for_load_state()


def main() -> int:
    """Write the pictures; exit code 1 when one is larger than the repository wants."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--seconds", type=float, default=40, help="how long the demo works before (default 40)")
    parser.add_argument("--chromium", default="", help="the browser's path; else the first on the PATH")
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [shot for shot in SHOTS if not given.names or shot.name in given.names]
    with demo(given.seconds) as link, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=given.chromium or _chromium(), args=["--no-sandbox"])
        signing = browser.new_context()
        _sign_in(signing, link)
        cookies = [dict(cookie) for cookie in signing.cookies()]
        paths = [_take(browser, cookies, link.split("/link/")[0], shot) for shot in chosen]
        browser.close()
    return _report(paths)


def _chromium() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("no Chromium on the PATH (Debian: apt-get install chromium), or name one with --chromium")
    return found


def _report(paths: list[Path]) -> int:
    large = 0
    for path in paths:
        size = path.stat().st_size // 1024
        large += size > LARGEST_KB
        print(f"{path.relative_to(ROOT)}  {size} kB{'  too large' if size > LARGEST_KB else ''}")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
