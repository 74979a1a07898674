"""Both languages are whole: a text that Chinese lacks, or that nobody shows any more, fails here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from starlette.requests import Request

from hub.pages.i18n import LANGUAGES, SOURCE, TOLD, TOLD_BY_CHANNELS, catalog, language_of, translations
from hub.pages.labels import LABELS, label, tone
from hub.pages.missing import missing, po_lines, unused, used_texts

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [code for code in LANGUAGES if code != SOURCE]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_code_and_templates_has_words_in_every_language(language: str) -> None:
    lines = [po_lines(text, place) for text, place in missing(language).items()]
    assert not lines, "run `python -m hub.pages.missing`:\n" + "\n".join(lines)


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalog_keeps_texts_that_nobody_shows(language: str) -> None:
    assert unused(language) == set()


@pytest.mark.parametrize("language", OTHERS)
def test_places_to_fill_are_the_same_in_every_language(language: str) -> None:
    places = re.compile(r"%\(\w+\)s|\{[a-z_]+\d*\}")
    for message in (*catalog(language), *catalog(language, TOLD), *catalog(language, TOLD_BY_CHANNELS)):
        one = message.id if isinstance(message.id, str) else message.id[0]
        for words in [message.string] if isinstance(message.string, str) else message.string:
            assert sorted(places.findall(words)) == sorted(places.findall(one)), one


def test_the_extractor_sees_texts_in_templates_and_in_code() -> None:
    used = used_texts()
    assert {"Sign in", "Holds", "The key was revoked.", ("%(num)s try", "%(num)s tries")} <= set(used)


def test_labels_are_marked_texts_with_a_known_tone() -> None:
    used = used_texts()
    for kind, words in LABELS.items():
        for code, (text, color) in words.items():
            assert text in used, f"{kind}.{code}"
            assert color in {"ok", "busy", "warn", "bad", "quiet"}
    assert (label("order", "held"), tone("order", "held")) == ("Held", "bad")
    assert (label("order", "new_word"), tone("nothing", "x")) == ("new_word", "quiet")


def test_every_action_that_is_written_down_has_words() -> None:
    calls = [
        node
        for folder in ("hub/usecases", "workers")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record" and len(node.args) > 3
    ]
    actions = {part.value for call in calls for part in ast.walk(call.args[3]) if isinstance(part, ast.Constant)}
    assert "orders.recovered" in actions
    assert actions - LABELS["action"].keys() == set()


@pytest.mark.parametrize(
    ("header", "cookie", "chosen", "language"),
    [
        ("", "", None, "en"),
        ("zh", "", None, "zh_CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", None, "zh_CN"),
        ("zh-Hans-CN", "", None, "zh_CN"),
        ("en-GB,zh;q=0.5", "", None, "en"),
        ("fr", "", None, "en"),
        ("zh-CN", "en", None, "en"),
        ("zh-CN", "xx", "en", "en"),
        ("garbage;;;,,", "../../etc", "nonsense", "en"),
    ],
)
def test_the_persons_choice_wins_over_the_cookie_and_the_cookie_over_the_browser(
    header: str, cookie: str, chosen: str | None, language: str
) -> None:
    headers = [(b"accept-language", header.encode()), (b"cookie", f"stockline_language={cookie}".encode())]
    request = Request({"type": "http", "headers": headers})
    assert language_of(request, chosen) == language


def test_a_translation_is_used() -> None:
    assert translations("zh_CN").gettext("Orders") == "订单"
    assert translations("en").gettext("Orders") == "Orders"
