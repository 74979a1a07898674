"""A connector of another package says its texts in Chinese with a catalog of its own; ours stay as they are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from connectors.kit import registry
from hub.main import create_app
from hub.pages import brought, i18n, said
from hub.pages.shell import environment
from hub.ports.channel import CONNECTORS
from hub.settings import load
from hub.store import migrate
from hub.wiring import Hub
from tests.fixtures.pages import MovedClock, Web

SPEC = """
from hub.ports.channel import Can, ConnectorSpec, Field
SPEC = ConnectorSpec("corner", "Corner shop", frozenset(), (Field("till", "Number of the till", "Below its drawer"),),
                     secrets=(Field("word", "Word of the day"),), calls_per_second=0)
"""
CONNECTOR = """
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Finding
from .spec import SPEC

class Shop(BaseChannel):
    spec = SPEC
    def __init__(self, connection):
        self.till = connection.settings["till"]
    def check(self, callback_url=None):
        return (Finding("the drawer", False, f"till {self.till} is shut: open it with its key"),)

CONNECTOR = Shop
"""
WORDS = {
    "Corner shop": "街角小店",
    "Number of the till": "收银台编号",
    "Below its drawer": "在抽屉下方",
    "Word of the day": "当日口令",
    "the drawer": "抽屉",
    "till {till} is shut: open it with its key": "收银台 {till} 已关闭：请用钥匙打开",
}
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: zh_CN\\n"\n'
Bring = Callable[[str], Path]


def po(words: dict[str, str]) -> str:
    return HEAD + "".join(f'\nmsgid "{text}"\nmsgstr "{said}"\n' for text, said in words.items())


def forget() -> None:
    for known in (registry._installed, registry.spec, i18n.translations, said.said, said._forms, environment):
        known.cache_clear()


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bring]:
    """Installs a package whose Chinese catalog has this text; gives its file."""
    package = tmp_path / f"stockline_{tmp_path.name.rstrip('_')}"
    points = EntryPoints([EntryPoint("corner", package.name, CONNECTORS)])
    monkeypatch.syspath_prepend(tmp_path)
    for module in (registry, brought):
        monkeypatch.setattr(module, "entry_points", lambda group: points.select(group=group))

    def made(catalog: str) -> Path:
        file = package / "locale" / "zh_CN" / "LC_MESSAGES" / "corner.po"
        file.parent.mkdir(parents=True)
        for name, text in (("__init__", ""), ("spec", SPEC), ("connector", CONNECTOR)):
            (package / f"{name}.py").write_text(text)
        file.write_text(catalog, encoding="utf-8")
        forget()
        return file

    yield made
    forget()


def test_form_and_check_of_a_package_speak_the_persons_language(bring: Bring, tmp_path: Path) -> None:
    bring(po(WORDS))
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        migrate.upgrade(hub.db)
        admin = Web(create_app(hub), hub.context("web"), MovedClock(datetime.now(UTC))).as_role("admin")
        admin.cookies.set(i18n.COOKIE, "zh_CN")
        pages = [
            admin.get("/connect").text,
            admin.get("/connect/corner").text,
            admin.post("/connect/corner", data={"name": "eck", "settings.till": "7", "secrets.word": "x"}).text,
        ]
        admin.cookies.set(i18n.COOKIE, "en")
        english = admin.get("/connect/corner").text
    wanted = (["街角小店"], ["收银台编号", "在抽屉下方", "当日口令"], ["抽屉", "收银台 7 已关闭：请用钥匙打开"])
    assert [[word for word in words if word not in page] for page, words in zip(pages, wanted, strict=True)] == [[]] * 3
    assert "Number of the till" in english and "收银台" not in english


def test_what_the_hub_says_itself_stays_as_its_own_catalogs_have_it(bring: Bring) -> None:
    mine, told = "Orders", "there is no SKU {sku}: add it first, or mend the file"
    before = i18n.Voice("zh_CN").gettext(mine), said.said(told.format(sku="'A'"), "zh_CN")
    bring(po({mine: "x", told: "x {sku}", **WORDS}))
    assert (i18n.Voice("zh_CN").gettext(mine), said.said(told.format(sku="'A'"), "zh_CN")) == before
    assert said.said("Below its drawer", "zh_CN") == "在抽屉下方"


@pytest.mark.parametrize(
    ("_case", "catalog", "why"),
    [
        ("no catalog", "msgid hello", "corner.po cannot be read ("),
        (
            "no UTF-8",
            HEAD.replace("utf-8", "no-such-charset") + 'msgid "a"\nmsgstr "b"\n',
            "corner.po cannot be read (",
        ),
        ("a place too many", po({"till {till} is shut": "收银台 {tills}"}), "their places differ from the text's"),
        ("nothing but places", po({"{a}: {b}": "{b}"}), "their places differ from the text's"),
    ],
)
def test_a_catalog_that_cannot_be_used_is_told_with_its_file_and_does_no_harm(
    bring: Bring, caplog: pytest.LogCaptureFixture, _case: str, catalog: str, why: str
) -> None:
    file = bring(catalog)
    with caplog.at_level(logging.ERROR, "hub.pages.brought"):
        assert said.said("till 7 is shut", "zh_CN") == "till 7 is shut"
        assert i18n.Voice("zh_CN").gettext("Orders") == "订单"
    assert str(file) in caplog.text and why in caplog.text
