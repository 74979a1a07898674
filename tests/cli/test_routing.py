"""`stockline rules`, `rates`, `warehouse set`: what they print, and one clear line where something cannot be."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_rules_from_a_file_to_activation_and_back(run: Run, tmp_path: Path) -> None:
    assert [row["version"] for row in json.loads(run("rules", "--json").out)] == [0]
    body = json.loads(run("rules", "show", "0").out)
    body["strategies"][0]["criteria"] = ["distance", "priority"]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(body))
    made = run("rules", "draft", "--file", str(path), "--note", "nearest")
    assert made.out == "Version 1 is a draft. Try it: stockline simulate --ruleset 1 --days 7\n"
    assert run("rules", "diff", "0", "1").out.splitlines() == [
        "strategies › default › criteria › full coverage: no longer full_coverage",
        "strategies › default › criteria › fewest parcels: no longer fewest_parcels",
        "strategies › default › criteria › distance: place 2 → 1",
        "strategies › default › criteria › priority: place 1 → 2",
    ]
    assert run("rules", "activate", "1").out == "Version 1 is active.\n"
    assert run("rules", "rollback", "0").out == "Version 2 is active; it says what version 0 said.\n"
    assert run("rules", "diff", "0", "2").out == "Versions 0 and 2 say the same.\n"
    assert json.loads(run("rules", "draft", "--json").out) == {"version": 3}
    assert run("rules", "retire", "3").out == "Version 3 is retired.\n"


def test_rules_that_cannot_be_are_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text('{"criteria": ["magic"]}')
    wrong = run("rules", "draft", "--file", str(path))
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("stockline: ruleset.criteria[0] = 'magic': use one of full_coverage,")
    path.write_text("[]")
    assert run("rules", "draft", "--file", str(path)).err == (
        "stockline: rules.json: use one JSON object, as stockline rules show prints it\n"
    )
    path.write_text("{")
    assert run("rules", "draft", "--file", str(path)).err.startswith("stockline: rules.json is not JSON: ")
    assert run("rules", "activate", "7").err == "stockline: there is no ruleset version 7: see stockline rules\n"


def test_rates_are_imported_and_listed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("carrier;zone;up_to_kg;price\nDHL;a;0.5;4.90\n", encoding="utf-8-sig")
    assert run("rates", "import", str(path)).out == "rates: 1 added, 0 changed, 0 removed, 0 same.\n"
    assert json.loads(run("rates", "--json").out)[0]["price"] == "4.90"
    path.write_text("country,zone\nDE,a\n")
    assert json.loads(run("rates", "import", str(path), "--json").out)["added"] == 1
    assert "DE" in run("rates", "zones").out
    path.write_bytes(b"country,zone\nDE,\xff\n")
    wrong = run("rates", "import", str(path))
    assert (wrong.code, wrong.err) == (2, "stockline: rates.csv is not UTF-8 text: save it as CSV UTF-8\n")


def test_a_warehouse_is_told_when_it_works(run: Run) -> None:
    run("warehouse", "add", "W1", "--country", "DE")
    done = run(
        "warehouse", "set", "W1", "--zone", "Europe/Berlin", "--hours", "mon-fri=08:00-12:00,13:00-17:00", "--hours",
        "sat=09:00-12:00", "--cutoff", "14:00", "--holiday", "2026-12-25", "--daily-orders", "40", "--accept-minutes",
        "none", "--handling", "1.20",
    )  # fmt: skip
    assert done.out == (
        "Saved accept_minutes, cutoff, daily_orders, handling, holidays, hours, zone of warehouse W1.\n"
    )
    (row,) = json.loads(run("warehouse", "--json").out)
    assert row["hours"]["fri"] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert (row["hours"]["sat"], "sun" in row["hours"]) == ([["09:00", "12:00"]], False)
    assert (row["daily_orders"], row["handling"], row["cutoff"]) == (40, "1.20", "14:00")
    run("warehouse", "set", "W1", "--hours", "always", "--cutoff", "none")
    (row,) = json.loads(run("warehouse", "--json").out)
    assert (row["hours"], row["cutoff"]) == ({}, None)


def test_what_a_warehouse_cannot_be_told_is_one_line(run: Run) -> None:
    run("warehouse", "add", "W1")
    for arguments, words in (
        (["--hours", "weekdays"], "--hours 'weekdays': write days=spans, such as mon-fri=08:00-17:00, or always"),
        (["--hours", "xyz=08:00-17:00"],
         "--hours 'xyz=08:00-17:00': days are mon, tue, wed, thu, fri, sat, sun, or a stretch such as mon-fri"),
        (["--hours", "mon=08:00"],
         "warehouse.hours.mon[0] = ['08:00']: use two times such as [\"08:00\", \"17:00\"]"),
        (["--daily-orders", "many"], "--daily-orders 'many': use a whole number, or none"),
        (["--zone", "Mars"], "warehouse.zone = 'Mars': use a name such as Europe/Berlin, Asia/Shanghai or UTC"),
        ([], "say what to set: stockline warehouse set --help"),
    ):  # fmt: skip
        done = run("warehouse", "set", "W1", *arguments)
        assert (done.code, done.err) == (2, f"stockline: {words}\n")
    assert run("warehouse", "set", "W9", "--zone", "UTC").err == "stockline: there is no warehouse 'W9'\n"


def test_bid_prices_are_listed_dearest_first(run: Run) -> None:
    assert run("route", "--prices").out == (
        "No piece is worth more than what sending it costs, or the rules ask for no bid prices.\n"
    )
    assert json.loads(run("route", "--prices", "SKU-1", "--json").out) == []
    wrong = run("route", "--prices", "--replay", "3")
    assert (wrong.code, wrong.err) == (
        2, "stockline: use --explain ORDER (and --what-if WAREHOUSE with it), --replay N, or --prices [SKU]\n",
    )  # fmt: skip
