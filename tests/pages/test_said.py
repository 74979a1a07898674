"""The hub's own messages are said in the person's language: errors, problems of a file, reasons of a hold."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from html import unescape

import pytest

from hub.canonical.errors import BadInput, BadRecord
from hub.pages.brought import PLACE
from hub.pages.i18n import LANGUAGES, SOURCE, TOLD_BY_CHANNELS, catalog
from hub.pages.said import called, said, said_reason, said_to_form
from hub.pages.told_texts import CHANNELS, template, told_texts
from hub.rules.stock_file import read_header, read_row
from tests.fixtures.pages import Web

OTHERS = [code for code in LANGUAGES if code != SOURCE]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: values[place[1]], text)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_of_the_code_is_recognized_and_keeps_its_values(language: str) -> None:
    for text in told_texts() | {str(message.id): "" for message in catalog(language, TOLD_BY_CHANNELS) if message.id}:
        values = {name: f"V{at}" for at, name in enumerate(PLACE.findall(text))}
        message = _filled(text, values)
        shown = said(message, language)
        assert all(value in shown for value in values.values()), text
        assert shown != message or not values.keys() - {"field", "value", "why"}, text


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("there is no SKU 'A-1': add it first, or mend the file", "没有 SKU 'A-1'：请先添加，或修改文件"),
        (
            "shop_url = 'shop.example': it lacks https:// at its beginning: write https://shop.example",
            "shop_url = 'shop.example': 开头缺少 https://：请写成 https://shop.example",
        ),
        ("order #1001 is shipped: what has left comes back as a return", "订单 #1001 为“已发货”：已发出的只能退货"),
        ("transfer 3 is draft and cannot be shipped: reserve it first", "调拨 3 为“草稿”，不能发出：请先预留"),
        (
            "W2 cannot take order #7: it takes no more orders on that day; 2 of 3 x A missing",
            "W2 不能接订单 #7：它当天不再接单；A 缺 2 件（共需 3 件）",
        ),
        (
            "nothing was written; line 3: up_to_g = 'x': use a whole number from 1 to 9; line 4: carrier is empty",
            "未写入任何内容；第 3 行：up_to_g = 'x': 请用 1 到 9 的整数；第 4 行：carrier 为空",
        ),
        (
            "2 rows cannot be used (line 2: no SKU): mend the file, or say that these rows are to be left out",
            "2 行不能用（第 2 行：没有 SKU）：请修改文件，或选择略过这些行",
        ),
        (
            "A in W1: 5 on hand, 3 promised to orders, 1 damaged, 0 on quality hold; 2 would be too few: "
            "move or cancel orders first",
            "W1 的 A：在库 5，已承诺给订单 3，破损 1，待检 0；只剩 2 件太少：请先移走或取消订单",
        ),
        (
            "A in W1: 5 on hand, 0 promised to orders; -1 would be too few: no more than 5 can be taken away",
            "W1 的 A：在库 5，已承诺给订单 0；只剩 -1 件太少：最多只能减少 5 件",
        ),
        ("what nobody has written down = is kept", "what nobody has written down = is kept"),
    ],
)
def test_a_message_is_said_with_its_values_in_their_places(message: str, words: str) -> None:
    assert said(message, "zh_CN") == words
    assert said(message, "en") == message


def test_a_long_text_full_of_fixed_parts_is_answered_all_the_same() -> None:
    text = "A in W: " * 20_000 + "5 on hand, promised to orders; would be too few: "
    assert said(text, "zh_CN") == text


def test_errors_as_they_are_raised_and_rows_of_a_file_are_said() -> None:
    assert said(str(BadRecord("lines[0].price", "x", "expected a number such as 19.90")), "zh_CN") == (
        "lines[0].price = 'x': 应为数字，例如 19.90"
    )
    with pytest.raises(BadInput) as no_sku:
        read_header(("quantity",))
    assert said(str(no_sku.value), "zh_CN").startswith("没有表示 sku 的列：请把其中一列命名为 sku, item")
    row = read_row(2, ("A", "1,5"), {"sku": 0, "quantity": 1}, "W1")
    assert said(row.problem, "zh_CN") == "数量 '1,5'：请用不带分隔符的整数，例如 1200"


@pytest.mark.parametrize("language", OTHERS)
def test_most_of_what_the_first_connectors_say_has_words(language: str) -> None:
    have = {str(message.id) for message in catalog(language, TOLD_BY_CHANNELS)}
    said_by = told_texts(("connectors/kit", "connectors/x12", "connectors/shopify", "connectors/woocommerce"))
    assert len(said_by.keys() & have) > 0.9 * len(said_by)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_channels_has_a_source_in_a_connector(language: str) -> None:
    """What none says any more is taken out; a source may stand behind a place in a file, or a value."""
    made = {_bare(text) for text in told_texts(CHANNELS)}
    texts = [str(message.id) for message in catalog(language, TOLD_BY_CHANNELS) if message.id]
    unsaid = [text for text in texts if not {_bare(text), _bare(text).removeprefix("{}")} & made]
    assert [text for text in unsaid if not any(said.endswith(f": {_bare(text)}") for said in made)] == []


def _bare(text: str) -> str:
    return PLACE.sub("{}", text)


def test_templates_name_the_places_of_a_text() -> None:
    def of(source: str) -> str | None:
        return template(ast.parse(source, mode="eval").body)

    assert of("f'no {sku!r}: {sku}, {row.state}, {row[\"line\"]}'") == "no {sku}: {sku2}, {state}, {line}"
    assert of("f'{a} ({b})'") is None
    assert of("str(problem)") is None


def test_pages_say_refusals_and_problems_in_the_persons_language(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    browser.cookies.set("stockline_language", "zh_CN")
    file = b"sku,warehouse,quantity\nNOPE,BER,3\nMUG-BLUE,MOON,3\n"
    browser.post("/stock/imports", data={"mode": "set", "key": "k"}, files={"file": ("a.csv", file, "text/csv")})
    rows = unescape(browser.get("/stock/imports/1").text)
    assert "没有 SKU 'NOPE'：请先添加，或修改文件" in rows and "没有仓库 'MOON'" in rows
    refused = unescape(browser.post("/stock/imports/1/apply", data={}).text)
    assert "2 行不能用（第 2 行：没有 SKU 'NOPE'：请先添加，或修改文件）" in refused
    assert "没有仓库 'NOPE'" in unescape(browser.post("/orders/1/move", data={"to": "NOPE"}).text)
    assert "订单 #1001 为“已发货”" in unescape(browser.post("/orders/1/cancel", data={"why": "x"}).text)
    held = unescape(browser.get("/holds?kind=bad_record").text)
    assert "未知的 status：请在 status.csv 中加一行" in held
    assert "盘点 99" in unescape(browser.get("/stock/counts/99").text)
    assert "没有调拨 99" in unescape(browser.get("/stock/transfers/99").text)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("routed", "已分配仓库"), ("lost", "盘亏"), ("damaged: wet", "损坏: wet"), ("rejected: busy", "仓库退回：太忙"),
        ("moved to BER", "改由 BER 发货"), ("transfer from A to B", "从 A 调拨到 B"),
        ("gave it to Pia", "gave it to Pia"),
        ("expired: 2026-11-29", "过期: 2026-11-29"),
    ],
)  # fmt: skip
def test_reasons_of_the_ledger_are_said_and_a_persons_own_words_stay(reason: str, words: str) -> None:
    assert said_reason(reason, "zh_CN") == words
    assert said_reason("routed", "en") == "routed"


def test_a_form_calls_its_fields_as_people_read_them() -> None:
    text = "pieces = 'x': use a whole number, such as 12 or -3"
    assert said_to_form(text, "en") == "Pieces = 'x': use a whole number, such as 12 or -3"
    assert said_to_form(text, "zh_CN") == "件数 = 'x': 请填整数，例如 12 或 -3"
    assert said_to_form("soft_minutes = 'x': bad", "en") == "soft_minutes = 'x': bad"


def test_a_sentence_about_settings_calls_them_as_their_form_does_before_its_colon() -> None:
    labels = {"zone": "Time zone", "in_dir": "Inbox", "out_dir": "Outbox"}
    for text, words in (
        ("zone = 'in_dir: x': expected a zone", "Time zone = 'in_dir: x': expected a zone"),
        ("setting zone = 'x': expected a zone", "Time zone = 'x': expected a zone"),
        ("设置 zone = 'x': 应为时区 zone", "Time zone = 'x': 应为时区 zone"),
        ("in_dir and out_dir are both '/a': two folders", "Inbox and Outbox are both '/a': two folders"),
        ("必须设置 zone：见 README", "必须设置 Time zone：见 README"),
        ("zones are many", "zones are many"),
    ):
        assert called(text, labels) == words
    assert called("zone = 'x': bad", {}) == "zone = 'x': bad"


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("inbound folder; files waiting: 3", "收件文件夹；待处理文件：3"),
        ("location Main (900)", "地点 Main（900）"),
        ("permissions in channel default", "销售渠道 default 中的权限"),
    ],
)
def test_what_a_check_looked_at_is_said_with_its_names(finding: str, words: str) -> None:
    assert said(finding, "zh_CN") == words


def test_a_state_of_stock_is_said_in_the_other_language() -> None:
    text = "A in W1: 1 pieces are quality hold, not 2: give a smaller number"
    assert said(text, "zh_CN") == "W1 的 A：“待检”的有 1 件，不是 2 件：请减少数量"
