"""The wizard that connects a channel: who may, what it explains, and that a secret is never seen again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from connectors.woocommerce.sandbox import WooSandbox
from hub.main import create_app
from hub.pages.i18n import catalog
from hub.pages.missing import connector_texts
from hub.settings import load
from hub.store import migrate
from hub.store.tables import connections, streams
from hub.store.tables.people import audit_log
from hub.wiring import Hub
from tests.fixtures.pages import MovedClock, Web
from tests.fixtures.whole import whole_hub, whole_web

PUBLIC = "http://hub.example"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with whole_hub(tmp_path, PUBLIC) as opened:
        yield opened


@pytest.fixture
def web(hub: Hub) -> Web:
    return whole_web(hub)


@pytest.fixture
def shop() -> Iterator[WooSandbox]:
    sandbox = WooSandbox(5)
    sandbox.start()
    yield sandbox
    sandbox.stop()


def _form(shop: WooSandbox, name: str = "berlin-web", **changes: str) -> dict[str, str]:
    settings = {f"settings.{key}": text for key, text in shop.settings.items()}
    secrets = {f"secrets.{key}": text for key, text in shop.secrets.items()}
    return settings | secrets | {"name": name, "on_shortage": "refuse"} | changes


def _row(hub: Hub) -> Any:
    with hub.db.read() as db:
        return db.execute(select(connections)).one()


def _audit(hub: Hub) -> list[Any]:
    with hub.db.read() as db:
        return list(db.execute(select(audit_log).order_by(audit_log.c.id)))


def _errors(text: str) -> dict[str, str]:
    """Field -> what is said beside it."""
    found = re.findall(r'id="e-([^"]+)">.*?<span>(.*?)</span>', text, re.DOTALL)
    return {name: html.unescape(words) for name, words in found}


def _stored_bytes(hub: Hub) -> bytes:
    """Every byte that the installation has on its disk."""
    folder = hub.settings.data_dir
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def test_who_may_not_connect_is_sent_away_and_stores_nothing(web: Web, hub: Hub, shop: WooSandbox) -> None:
    form = _form(shop)
    out = web.browser().post("/connect/woocommerce", data=form)
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    viewer = web.as_role("viewer")
    for method, path in (("GET", "/connect"), ("GET", "/connect/woocommerce"), ("POST", "/connect/woocommerce")):
        assert viewer.request(method, path, data=form if method == "POST" else None).status_code == 403, path
    assert "/connect" not in viewer.get("/channels").text
    with hub.db.read() as db:
        assert db.scalar(select(connections.c.id)) is None


def test_an_admin_connects_a_shop_and_no_secret_is_ever_seen_again(web: Web, hub: Hub, shop: WooSandbox) -> None:
    admin = web.as_role("admin")
    assert 'href="/connect"' in admin.get("/channels").text
    assert 'href="/connect/woocommerce"' in admin.get("/connect").text
    assert 'type="password"' in admin.get("/connect/woocommerce").text

    done = admin.post("/connect/woocommerce", data=_form(shop))
    assert done.status_code == 200
    assert "All is set up" in done.text and f"{PUBLIC}/webhooks/berlin-web" in done.text
    assert done.text.count("repaired") == 5  # the webhooks that it registered
    row = _row(hub)
    assert (row.name, row.channel, row.on_shortage, row.state) == ("berlin-web", "woocommerce", "refuse", "active")
    assert row.settings["callback_url"] == f"{PUBLIC}/webhooks/berlin-web"

    again = admin.post(f"/channels/{row.id}/setup")
    assert "All is set up" in again.text and "repaired" not in again.text
    assert admin.post(f"/channels/{row.id}/sync").headers["location"] == f"/channels/{row.id}"

    paths = ("/", "/channels", f"/channels/{row.id}", f"/channels/{row.id}/edit", f"/channels/{row.id}/setup", "/users")
    seen = done.text + again.text + "".join(admin.get(path).text for path in paths)
    stored = _stored_bytes(hub)
    for secret in shop.secrets.values():
        assert secret not in seen
        assert secret.encode() not in stored
    assert b"berlin-web" in stored


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored(web: Web, hub: Hub, shop: WooSandbox) -> None:
    admin = web.as_role("admin")
    form = _form(shop, name="berlin web", **{"settings.shop_url": " ", "secrets.consumer_key": ""})
    answer = admin.post("/connect/woocommerce", data=form | {"on_shortage": "maybe"})
    assert answer.status_code == 422
    assert _errors(answer.text) == {
        "name": "1 to 80 letters, digits, “-”, “_” or “.”, no blanks.",
        "settings.shop_url": "Needed: fill this in.",
        "secrets.consumer_key": "Needed: fill this in.",
    }
    assert 'class="error">Choose one of the list.' in answer.text
    assert 'value="berlin web"' in answer.text and "America/New_York" in answer.text
    assert shop.secrets["consumer_secret"] not in answer.text
    for name, words in (("..", "letters"), ("x" * 81, "1 to 80")):
        assert words in _errors(admin.post("/connect/woocommerce", data=_form(shop, name=name)).text)["name"], name
    odd = admin.post("/connect/woocommerce", data=_form(shop, **{"settings.zone": "UTC\x00"}))
    assert "no text" in _errors(odd.text)["settings.zone"]
    with hub.db.read() as db:
        assert db.scalar(select(connections.c.id)) is None
    assert admin.get("/connect/nothing").status_code == 404


def test_a_setting_of_which_no_channel_can_be_built_is_refused_in_the_connectors_words(
    web: Web, hub: Hub, shop: WooSandbox
) -> None:
    admin = web.as_role("admin")
    answer = admin.post("/connect/woocommerce", data=_form(shop, **{"settings.zone": "Mars/Base"}))
    errors = _errors(answer.text)
    assert (answer.status_code, list(errors)) == (422, ["settings.zone"])
    assert "expected an IANA name such as Europe/Berlin" in errors["settings.zone"]
    with hub.db.read() as db:
        assert db.scalar(select(connections.c.id)) is None


def test_all_that_is_wrong_stands_beside_its_field_at_once_whoever_judges_it(web: Web, shop: WooSandbox) -> None:
    admin = web.as_role("admin")
    bad = {"shop_url": "https://shop example", "zone": "Mars/Base", "calls_per_second": "abc", "calls_per_day": "many"}
    form = _form(shop, **{f"settings.{name}": text for name, text in bad.items()}, **{"secrets.consumer_key": ""})
    errors = _errors(admin.post("/connect/woocommerce", data=form).text)
    assert {name: words.partition(" expected ")[2] or words for name, words in errors.items()} == {
        "settings.shop_url": "an address such as https://shop.example",
        "settings.zone": "an IANA name such as Europe/Berlin",
        "settings.calls_per_second": "a number from 0.01 to 1000",
        "settings.calls_per_day": errors["settings.calls_per_day"],
        "secrets.consumer_key": "Needed: fill this in.",
    }
    assert "use a whole number from 1 to" in errors["settings.calls_per_day"]


def test_a_name_that_is_taken_is_refused_beside_its_field(web: Web, shop: WooSandbox) -> None:
    admin = web.as_role("admin")
    assert admin.post("/connect/woocommerce", data=_form(shop)).status_code == 200
    twice = admin.post("/connect/woocommerce", data=_form(shop))
    assert (twice.status_code, list(_errors(twice.text))) == (409, ["name"])


def test_a_shop_that_does_not_answer_is_saved_and_explained(web: Web, shop: WooSandbox) -> None:
    form = _form(shop, **{"secrets.consumer_secret": "cs_wrong"})
    answer = web.as_role("operator").post("/connect/woocommerce", data=form)
    assert answer.status_code == 200
    assert "something is missing" in answer.text and "the shop refused the key" in answer.text


def test_what_is_to_mend_is_said_in_the_persons_language(web: Web, hub: Hub, shop: WooSandbox) -> None:
    admin = web.as_role("admin")
    admin.post("/connect/woocommerce", data=_form(shop, **{"secrets.consumer_secret": "cs_wrong"}))
    admin.cookies.set("stockline_language", "zh_CN")
    text = admin.post(f"/channels/{_row(hub).id}/setup").text
    assert "店铺拒绝了密钥：请在 WooCommerce" in text and "the shop refused" not in text


def test_only_a_channel_with_webhooks_promises_to_register_them(web: Web) -> None:
    admin = web.as_role("admin")
    for channel, promised in (("woocommerce", True), ("ebay", True), ("magento", False), ("mirakl", False)):
        text = admin.get(f"/connect/{channel}").text
        assert ("registers the webhooks" in text) is promised, channel
        assert ("part of the webhook address" in text) is promised, channel
        assert ("signs in to the channel and looks at rights and places." in text) is not promised, channel


def test_a_dealer_who_fetches_is_asked_nothing_of_orders_and_gets_a_key(web: Web) -> None:
    admin = web.as_role("admin")
    page = admin.get("/connect/feed").text
    assert "When an order comes in" not in page
    assert "Then make a key" in page
    assert "When an order comes in" in admin.get("/connect/medusa").text
    made = admin.post("/connect/feed", data={"name": "dealer"}).text
    assert "stockline connection key dealer" in made
    assert "orders come in" not in made
    assert "Pull now" not in made


def test_what_every_connection_has_is_set_changed_and_taken_back_in_its_form(
    web: Web, hub: Hub, shop: WooSandbox
) -> None:
    admin = web.as_role("admin")
    ours = {"calls_per_day": "5000", "quota_zone": "Asia/Shanghai", "soft_minutes": "unpaid=30"}
    typed = {f"settings.{name}": text for name, text in ours.items()}
    wrong = typed | {"settings.soft_minutes": "30", "settings.calls_per_day": "0", "settings.quota_zone": "Mars"}
    refused = admin.post("/connect/woocommerce", data=_form(shop) | wrong)
    assert refused.status_code == 422
    assert _errors(refused.text) == {
        "settings.calls_per_day": "Calls a day = '0': use a whole number from 1 to 1000000000, such as 5000",
        "settings.quota_zone": "Time zone of that day = 'Mars': use the name of a time zone, such as Asia/Shanghai",
        "settings.soft_minutes": "Stock for unpaid orders = '30': write unpaid=MINUTES or authorized=MINUTES, "
        'from 0 to 43200, such as "unpaid=30, authorized=1440"',
    }
    admin.cookies.set("stockline_language", "zh_CN")
    chinese = _errors(admin.post("/connect/woocommerce", data=_form(shop) | wrong).text)
    assert chinese["settings.calls_per_day"] == "每日调用次数 = '0': 请填 1 到 1000000000 的整数，例如 5000"
    assert "请写 unpaid=分钟" in chinese["settings.soft_minutes"] and len(chinese) == 3
    admin.cookies.set("stockline_language", "en")
    assert admin.post("/connect/woocommerce", data=_form(shop) | typed).status_code == 200
    made = _row(hub)
    assert ours.items() <= made.settings.items()
    page = admin.get(f"/channels/{made.id}/edit").text
    for name, text in ours.items():
        assert re.search(rf'name="settings.{name}"[^>]* value="{text}"', page), name
    empty = _form(shop) | dict.fromkeys(typed, "")
    assert admin.post(f"/channels/{made.id}/edit", data=empty).status_code == 200
    assert not set(ours) & set(_row(hub).settings)


def test_the_form_asks_only_for_limits_and_stock_that_the_channel_can_have(web: Web) -> None:
    admin = web.as_role("admin")
    ours = ("calls_per_day", "quota_zone", "soft_minutes")
    asked = {channel: admin.get(f"/connect/{channel}").text for channel in ("feed", "x12", "mirakl")}
    found = {channel: [name for name in ours if f'name="settings.{name}"' in text] for channel, text in asked.items()}
    assert found == {"feed": [], "x12": ["soft_minutes"], "mirakl": list(ours)}
    heads = {
        channel: re.findall(r">(Limits|Unpaid orders|Limits and unpaid orders)\s*<", text)
        for channel, text in asked.items()
    }
    assert heads == {"feed": [], "x12": ["Unpaid orders"], "mirakl": ["Limits and unpaid orders"]}
    assert 'value="authorized=43200"' in asked["mirakl"]  # its passport's own
    admin.cookies.set("stockline_language", "zh_CN")
    text = admin.get("/connect/mirakl").text
    assert "每日调用次数" in text and "Calls a day" not in text


def test_kinds_of_channels_are_in_the_order_of_the_alphabet(web: Web) -> None:
    titles = re.findall(r'<h2><a href="/connect/[^"]+">([^<]+)</a>', web.as_role("admin").get("/connect").text)
    assert titles == sorted(titles, key=str.casefold)
    assert {"eBay", "Shopify"} < set(titles)


@pytest.fixture
def connected(web: Web, shop: WooSandbox) -> TestClient:
    admin = web.as_role("admin")
    admin.post("/connect/woocommerce", data=_form(shop, **{"secrets.webhook_secret_previous": "old-secret"}))
    return admin


def test_settings_and_secrets_are_changed_and_what_is_left_empty_stays(
    connected: TestClient, hub: Hub, shop: WooSandbox
) -> None:
    before = _row(hub)
    page = connected.get(f"/channels/{before.id}/edit").text
    assert shop.settings["shop_url"] in page and "Stored; leave it empty to keep it." in page
    settings = {f"settings.{key}": text for key, text in shop.settings.items()} | {"settings.calls_per_second": ""}
    form = settings | {"secrets.consumer_secret": "cs_wrong", "on_shortage": "hold", "drop.consumer_key": "1"}
    wrong = connected.post(f"/channels/{before.id}/edit", data=form)
    assert "the shop refused the key" in wrong.text  # at once, though this process had the old channel at hand
    right = form | {"secrets.consumer_secret": shop.secrets["consumer_secret"], "drop.webhook_secret_previous": "1"}
    assert "All is set up" in connected.post(f"/channels/{before.id}/edit", data=right).text

    after = _row(hub)
    assert after.settings == before.settings | {"calls_per_second": "10"}  # empty: the default; ours are kept
    assert after.on_shortage == "hold"
    assert sorted(after.secrets) == ["consumer_key", "consumer_secret", "webhook_secret"]  # a needed one is not dropped
    assert after.secrets["consumer_key"] == before.secrets["consumer_key"]
    opened = hub.box.open(after.secrets["consumer_secret"], f"connection:{after.id}:consumer_secret")
    assert opened == shop.secrets["consumer_secret"]
    rows = [row for row in _audit(hub) if row.action == "connection.changed"]
    assert [row.data for row in rows] == [
        {"settings": ["calls_per_second", "on_shortage"], "secrets": ["consumer_secret"], "dropped": []},
        {"settings": [], "secrets": ["consumer_secret"], "dropped": ["webhook_secret_previous"]},
    ]
    assert rows[0].actor.startswith("user:")


def test_a_change_that_leaves_a_needed_setting_empty_changes_nothing(connected: TestClient, hub: Hub) -> None:
    before = _row(hub)
    form = {"settings.shop_url": "", "settings.zone": "UTC", "settings.callback_url": "http://evil.example/x"}
    answer = connected.post(f"/channels/{before.id}/edit", data=form)
    assert answer.status_code == 422 and list(_errors(answer.text)) == ["settings.shop_url"]
    assert _row(hub) == before
    assert connected.get("/channels/999999/edit").status_code == 404


def test_a_fault_calls_its_field_as_the_form_does_and_the_help_stays(connected: TestClient, hub: Hub) -> None:
    form = {"settings.shop_url": "https://shop example", "settings.calls_per_day": "many"}
    path = f"/channels/{_row(hub).id}/edit"
    shown = connected.post(path, data=form).text
    errors = _errors(shown)
    assert errors["settings.shop_url"].startswith("Shop address = ")
    assert errors["settings.calls_per_day"].startswith("Calls a day = 'many': use a whole number")
    assert 'aria-describedby="e-settings.shop_url h-settings.shop_url"' in shown and 'id="h-settings.shop_url"' in shown
    assert "type them once more" not in shown
    assert "type them once more" in connected.post(path, data=form | {"secrets.consumer_key": "ck_new"}).text
    connected.cookies.set("stockline_language", "zh_CN")
    assert _errors(connected.post(path, data=form).text)["settings.calls_per_day"].startswith("每日调用次数 = 'many'")


def test_a_channel_is_told_by_what_its_kind_is_called(connected: TestClient, hub: Hub) -> None:
    number = _row(hub).id
    for path in (f"/channels/{number}", f"/channels/{number}/setup", "/channels"):
        shown = connected.get(path).text
        assert "WooCommerce" in shown and ">woocommerce" not in shown, path


def test_what_failed_with_old_credentials_is_due_at_once(connected: TestClient, hub: Hub, shop: WooSandbox) -> None:
    key = _row(hub).id
    late = datetime(2030, 1, 1, tzinfo=UTC)
    with hub.db.write() as db:
        db.execute(streams.update().where(streams.c.stream == "orders").values(failures=4, error="401", due_at=late))
        db.execute(streams.update().where(streams.c.stream == "stock").values(paused=True, error="stop", due_at=late))
    settings = {f"settings.{name}": text for name, text in shop.settings.items()}
    assert connected.post(f"/channels/{key}/edit", data=settings).status_code == 200
    with hub.db.read() as db:
        found = {row.stream: row for row in db.execute(select(streams))}
    assert (found["orders"].failures, found["orders"].error) == (0, "") and found["orders"].due_at < late
    assert (found["stock"].paused, found["stock"].error, found["stock"].due_at) == (True, "stop", late)


def test_without_a_public_address_polling_is_promised_and_no_webhook_made(tmp_path: Path, shop: WooSandbox) -> None:
    with Hub(load(data_dir=tmp_path / "private", log_level="error")) as private:
        migrate.upgrade(private.db)
        web = Web(create_app(private), private.context("web"), MovedClock(datetime.now(UTC)))
        answer = web.as_role("admin").post("/connect/woocommerce", data=_form(shop))
    assert "STOCKLINE_PUBLIC_URL" in answer.text and "pulled by the clock" in answer.text
    assert "webhook order.created" not in answer.text


def test_every_text_of_the_passports_that_come_along_is_there_in_chinese() -> None:
    chinese = catalog("zh_CN")
    found = {text: chinese.get(text) for text in connector_texts() if text}
    assert [text for text, message in found.items() if message is None or not message.string] == []
