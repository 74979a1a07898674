"""Templates and static files keep the house rules: nothing from outside, nothing the policy forbids."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import click
import pytest
from jinja2 import UndefinedError

from hub.cli.lazy import LazyGroup
from hub.cli.main import COMMANDS
from hub.pages.assets import FOLDER, asset, icon
from hub.pages.formats import Formats, pretty
from hub.pages.i18n import LANGUAGES
from hub.pages.labels import LABELS
from hub.pages.menu import MENU
from hub.pages.shell import TEMPLATES, environment

PAGES = sorted(TEMPLATES.rglob("*.html"))
OWN_STATIC = sorted(path for path in FOLDER.glob("*") if path.is_file())
OUTSIDE = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)


@pytest.mark.parametrize("path", [*PAGES, *OWN_STATIC], ids=lambda path: path.name)
def test_no_file_of_ours_names_an_outside_address(path: Path) -> None:
    assert not OUTSIDE.search(path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_template_has_an_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text.replace('"</a>"|safe', "").replace('"</div>"|safe', "")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_post_form_carries_its_token_or_is_for_signed_out_people(path: Path) -> None:
    for form in re.findall(r"<form[^>]*method=.post.*?</form>", path.read_text(), re.DOTALL):
        assert "token()" in form or 'name="csrf"' in form or path.name in {"sign_in.html", "link.html"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_that_a_page_offers_is_there(path: Path) -> None:
    for offered in re.findall(r'"stockline ([^"]+)"', path.read_text()):
        command: click.Command | None = LazyGroup(lazy=COMMANDS, help="")
        for word in offered.split(" -")[0].split():
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
        assert command is not None, f"there is no command: stockline {offered}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_template_compiles_in_every_language(path: Path, language: str) -> None:
    environment(language).get_template(str(path.relative_to(TEMPLATES)))


def test_an_unknown_name_fails_when_printed_and_is_false_when_asked() -> None:
    env = environment("en")
    assert env.from_string("{{ 'a' if nothing }}{% if nothing %}b{% endif %}").render() == ""
    for text in ("{{ nothing }}", "{% for one in nothing %}{% endfor %}", "{{ nothing|length }}"):
        with pytest.raises(UndefinedError):
            env.from_string(text).render()


def test_what_comes_from_outside_is_escaped() -> None:
    shown = (
        environment("en").from_string("{{ name }}{{ _('One-time link for %(name)s', name=name) }}").render(name="<b>")
    )
    assert shown == "&lt;b&gt;One-time link for &lt;b&gt;"


def test_an_asset_address_changes_with_its_content_and_a_missing_one_is_an_error() -> None:
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", asset("app.css"))
    with pytest.raises(FileNotFoundError):
        asset("nothing.css")


def test_an_icon_that_is_not_there_is_an_empty_box_and_no_path_is_followed() -> None:
    assert icon("../../app") == '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"></svg>'


def test_menu_areas_and_paths_are_told_apart_and_label_kinds_are_not_empty() -> None:
    assert len({entry.area for entry in MENU}) == len({entry.path for entry in MENU}) == len(MENU)
    assert all(LABELS.values())


@pytest.mark.parametrize(
    ("language", "amount", "currency", "shown"),
    [
        ("en", Decimal("1234.5"), "USD", "$1,234.50"),
        ("zh_CN", "1234.5", "CNY", "¥1,234.50"),
        ("en", "10000000000000.01", "EUR", "€10,000,000,000,000.01"),
        ("en", 3, "JPY", "¥3"),
        ("en", None, "USD", "–"),
        ("en", "12.5", None, "12.5"),
        ("en", "12.5", "POINTS", "12.5 POINTS"),
        ("en", "not a number", "USD", "–"),
    ],
)
def test_money_is_written_exactly_in_the_language(language: str, amount: object, currency: str, shown: str) -> None:
    assert Formats(language).money(amount, currency) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "house", "exact", "rounded"),
    [
        ("en", "EUR", "€24.770166", "€24.77"),
        ("zh_CN", "CNY", "¥24.770166", "¥24.77"),
        ("en", "CNY", "CN¥24.770166", "CN¥24.77"),
        ("en", "JPY", "¥24.770166", "¥25"),
        ("en", "", "24.770166", "24.77"),
    ],
)
def test_amounts_that_name_no_currency_are_in_that_of_the_house(
    language: str, house: str, exact: str, rounded: str
) -> None:
    formats = Formats(language, house)
    assert (formats.amount("24.770166"), formats.about("24.770166")) == (exact, rounded)
    assert formats.money("9.5", "USD").endswith("$9.50"), "what names its currency keeps it"


def test_a_document_that_names_no_time_is_shown_by_its_day() -> None:
    formats, now = Formats("en"), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    day, moment = now.replace(hour=0, minute=0), now.replace(hour=8)
    assert (formats.placed(day), formats.placed(moment)) == ("2026-11-23", "2026-11-23 08:30 UTC")
    assert formats.placed_ago(day, now) == '<time datetime="2026-11-23">2026-11-23</time>'
    assert ">1 hour ago<" in formats.placed_ago(moment, now)


def test_numbers_keep_their_digits_and_tiles_are_short() -> None:
    english, chinese = Formats("en"), Formats("zh_CN")
    assert english.number("0.000000012345") == "0.000000012345"
    assert english.number(1234567) == "1,234,567"
    assert (english.compact(9999), english.compact(12840), chinese.compact(12840)) == ("9,999", "12.8K", "1.3万")
    assert (english.seconds(0.44), english.seconds(12), english.seconds(None)) == ("0.4 sec", "12 sec", "–")
    assert (chinese.seconds(0.7), chinese.seconds(12)) == ("0.7秒", "12秒")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"b":1.10,"a":"\xe6\xb7\xb1"}', '{\n  "b": 1.10,\n  "a": "深"\n}'),
        ("ISA*00*~", "ISA*00*~"),
        (b"\xff\xfe", "��"),
        ("[" * 5000, "[" * 5000),
        ("9" * 5000, "9" * 5000),
        (None, "null"),
    ],
)
def test_payloads_are_shown_whole_whatever_they_are(raw: object, shown: str) -> None:
    assert pretty(raw) == shown


def test_the_parts_of_a_cell_stay_together_on_a_phone_and_an_empty_cell_stays_empty() -> None:
    columns = '[{"key": "a", "text": "A", "lead": true}, {"key": "b", "text": "B"}, {"key": "c", "text": "C"}]'
    text = (
        "{% import 'ui.html' as ui with context %}{% call(row, key) ui.table(" + columns + ", [1]) %}"
        "{% if key == 'b' %}<a href='/x'>1</a> <span>sent</span>{% elif key == 'a' %}<b>x</b>{% endif %}{% endcall %}"
    )
    shown = environment("en").from_string(text).render(query={}, here=lambda **_: "", path="/")
    assert re.findall(r"<td[^>]*>(.*?)</td>", shown) == [
        "<b>x</b>",
        "<div><a href='/x'>1</a> <span>sent</span></div>",
        "",
    ]


def test_data_on_a_page_is_written_in_its_own_letters_and_breaks_out_of_nothing() -> None:
    shown = environment("en").from_string("{{ value|tojson }}").render(value={"b": "–深圳", "a": "</script>"})
    assert shown == '{"a": "\\u003c/script\\u003e", "b": "–深圳"}'
