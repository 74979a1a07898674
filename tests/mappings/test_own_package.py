"""A mapping that stands in a package of its own: a mistake is told with its file, line and column."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from connectors.kit import registry
from connectors.kit.scaffold import PACKAGE
from hub.canonical.errors import Misconfigured
from hub.cli.map import map_file
from mappings.engine import check_named
from mappings.engine.sources import sources


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The template, as somebody's own package that is registered as a channel."""
    folder = tmp_path / f"stockline_{tmp_path.name.rstrip('_')}"
    shutil.copytree(Path(str(files(PACKAGE))), folder)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_packages", lambda: {"shelfmart": folder.name})
    registry.spec.cache_clear()
    yield folder
    registry.spec.cache_clear()


@pytest.mark.parametrize(
    ("_case", "file", "more", "said"),
    [
        ("YAML", "orders.yaml", b"# caf\xe9\n",
         "{mapping}/orders.yaml:37:6: the byte 0xe9 is no UTF-8: save it as UTF-8"),
        ("a table", "tables/status.csv", b"caf\xe9,open,\n",
         "tables/status.csv:7:4: the byte 0xe9 is no UTF-8: save it as UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_utf8_is_told_by_its_place(
    package: Path, _case: str, file: str, more: bytes, said: str
) -> None:
    with (package / "mapping" / file).open("ab") as stream:
        stream.write(more)
    mapping = f"{package.name}.mapping"
    with pytest.raises(Misconfigured) as refused:
        sources(mapping)
    assert str(refused.value) == said.format(mapping=mapping)


def test_stockline_map_blames_the_connector_and_not_the_settings(
    package: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    orders = package / "mapping" / "orders.yaml"
    orders.write_text(orders.read_text().replace("  number: id", "  numbr: id"))
    with pytest.raises(SystemExit):
        map_file.main(["shelfmart", "/nowhere"], standalone_mode=False)
    said = capsysbinary.readouterr().err.decode()
    assert said.startswith(
        f'{{"field": "connector", "value": "shelfmart", "why": "connector shelfmart ({package.name}) cannot be loaded: '
        f"{package.name}.mapping/orders.yaml:6:3: unknown key 'numbr' (did you mean 'number'?)"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("channel: shelfmart", "channel: shelfmat",
         "2:10: channel 'shelfmat' is not this connector's (did you mean 'shelfmart'?): write 'shelfmart'; there are: "
         "shelfmart"),
        ("  number: id", "  number: '@shop_name'",
         "6:11: @shop_name is no setting of shelfmart; there are: calls_per_second, orders_since, shop_url; "
         "write const: for a text that is always the same"),
        ("  number: id", "  number: '@shop_ur'",
         "6:11: @shop_ur is no setting of shelfmart (did you mean 'shop_url'?); there are: calls_per_second, "
         "orders_since, shop_url; write const: for a text that is always the same"),
        ("status: {table: status,", "status: {table: statsu,",
         "9:19: no table 'statsu' (did you mean 'status'?); there are: more, status"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_told_by_its_place_with_those_that_are(
    package: Path, old: str, new: str, said: str
) -> None:
    orders = package / "mapping" / "orders.yaml"
    orders.write_text(orders.read_text().replace(old, new, 1))
    (package / "mapping" / "tables" / "more.csv").write_text("value,word\na,b\n")
    with pytest.raises(Misconfigured) as refused:
        registry.spec("shelfmart")
    assert str(refused.value) == (
        f"connector shelfmart ({package.name}) cannot be loaded: {package.name}.mapping/orders.yaml:{said}; "
        "mend or remove it"
    )


def test_stockline_map_refuses_a_mapping_of_another_channel_too(package: Path) -> None:
    orders = package / "mapping" / "orders.yaml"
    orders.write_text(orders.read_text().replace("channel: shelfmart", "channel: shelfmat"))
    with pytest.raises(Misconfigured, match=r"2:10: channel 'shelfmat' is not this connector's"):
        registry.reader_of("shelfmart")


def test_functions_of_a_mapping_that_cannot_be_imported_take_nothing_else_down(package: Path) -> None:
    (package / "mapping" / "functions.py").write_text("import nosuchmodule\n")
    assert registry.specs() == ()
    (fault,) = registry.broken()
    assert fault.why == (
        f"connector shelfmart ({package.name}) cannot be loaded: mapping/functions.py: No module named 'nosuchmodule'; "
        "mend or remove it"
    )


@pytest.mark.parametrize("name", [name for name in registry.names() if name != "feed"])
def test_our_own_mappings_say_their_channel_and_settings_that_it_has(name: str) -> None:
    check_named(name, name, registry.names(), [field.name for field in registry.spec(name).settings])


def test_a_fault_in_a_connectors_code_is_told_by_its_place(
    package: Path, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    orders = package / "orders.py"
    orders.write_text("def read_orders(raw, settings):\n    return {}['lines']\n")
    payload = tmp_path / "order.json"
    payload.write_bytes(b"{}")
    with pytest.raises(SystemExit):
        map_file.main(["shelfmart", str(payload)], standalone_mode=False)
    assert json.loads(capsysbinary.readouterr().err) == {
        "field": "(document)",
        "value": str(payload),
        "why": f"could not be translated, a fault in the code: KeyError: 'lines', at {orders}:2",
    }
