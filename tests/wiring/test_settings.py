"""Settings come from STOCKLINE_* variables, options win, and a bad one is named without its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.canonical.errors import Misconfigured
from hub.settings import load


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATA_DIR", "BROKER_URL", "PORT", "HOST", "PUBLIC_URL", "SECRET_KEYS"):
        monkeypatch.delenv(f"STOCKLINE_{name}", raising=False)


def test_without_any_setting_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/stockline.sqlite3"
    assert settings.embedded
    assert settings.address == "http://127.0.0.1:8765"


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKLINE_DATABASE_URL", "sqlite:///from-environment")
    assert load().database == "sqlite:///from-environment"
    assert load(database_url="sqlite:///from-option").database == "sqlite:///from-option"
    assert load(database_url=None).database == "sqlite:///from-environment"


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:9"), ("::1", "http://[::1]:9"), ("hub.local", "http://hub.local:9")],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, address: str) -> None:
    assert load(host=host, port=9).address == address


def test_the_house_currency_is_a_code_in_capital_letters() -> None:
    assert (load().house_currency, load(house_currency="cny").house_currency) == ("", "CNY")


def test_the_public_address_has_no_slash_at_the_end() -> None:
    assert load(public_url="https://hub.example.com/").address == "https://hub.example.com"


def test_a_bad_setting_is_named_without_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKLINE_PORT", "hunter2")
    with pytest.raises(Misconfigured) as caught:
        load()
    assert str(caught.value).startswith("STOCKLINE_PORT: Input should be a valid integer")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("BROKER_URL", "foo://hunter2", "expected amqp://USER:PASSWORD@HOST// or redis://HOST"),
        ("BROKER_URL", "hunter2", "expected amqp://USER:PASSWORD@HOST// or redis://HOST"),
        (
            "DATA_DIR",
            "postgresql://ada:hunter2@host/x",
            "expected a folder, and this is the address of a database; that is STOCKLINE_DATABASE_URL or "
            "--database-url",
        ),
        ("PUBLIC_URL", "hunter2.example", "expected the address of the hub such as https://hub.example.com"),
        ("HOUSE_CURRENCY", "EURO", "expected the ISO 4217 code of a currency in use, such as EUR, USD or CNY"),
        ("HOUSE_CURRENCY", "DEM", "expected the ISO 4217 code of a currency in use, such as EUR, USD or CNY"),
        ("PUBLIC_URL", "https://", "expected the address of the hub such as https://hub.example.com"),
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_starts(
    name: str, content: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"STOCKLINE_{name}", content)
    with pytest.raises(Misconfigured) as caught:
        load()
    assert str(caught.value) == f"STOCKLINE_{name}: {message}; correct or unset it"


def test_keys_do_not_show_in_a_print_of_the_settings() -> None:
    assert "a2V5" not in repr(load(secret_keys="k1:a2V5"))
