"""The rules of `quality.toml`: which level asks for each, and what holds it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from hub.ports.channel import Can

LEVELS = ("bronze", "silver", "gold")
MOST_EXEMPT = 4
"""At most one of so many tests that apply may be named under `[exempt]`; more prove no level."""
Standing = Literal["proven", "failed", "claimed, not checked", "exempt", "open"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. verb: without it in the passport the rule cannot be done. tests: of the contract, which hold it; where
    none of them is tried, only the connector's own tests can, which the contract does not see."""

    name: str
    level: str
    tests: tuple[str, ...] = ()
    verb: Can | None = None


RULES = (
    Rule("contract_suite", "bronze", (
        "test_all_orders_come_oldest_first_and_no_page_goes_back", "test_the_same_cursor_gives_the_same_records",
        "test_the_next_pull_has_what_was_placed_and_changed_since", "test_an_order_is_what_the_customer_ordered",
        "test_an_unknown_status_is_a_bad_record_that_names_field_and_value",
        "test_nonsense_is_a_bad_record_never_a_crash",
    )),
    Rule("readme", "bronze", ("test_the_readme_tells_every_setting_and_secret",)),
    Rule("sandbox", "bronze", (
        "test_the_sandbox_gives_every_required_setting_and_secret", "test_the_practice_shop_can_be_started_by_name",
    )),
    Rule("webhooks_verified", "silver", (
        "test_a_placed_order_rings_and_the_notice_leads_to_it", "test_no_altered_webhook_is_believed",
    ), Can.WEBHOOKS),
    Rule("limits_kept", "silver", ("test_429_is_throttled_and_keeps_retry_after",)),
    Rule("pause_and_reauth", "silver", (
        "test_bad_credentials_need_a_person_and_are_never_shown",
        "test_check_finds_bad_credentials_without_showing_them",
    )),
    Rule("returns", "gold"),
    Rule("refunds", "gold", (
        "test_a_refund_is_told_with_its_order_its_line_and_exact_money", "test_many_refunds_come_whole_each_once",
    )),
    Rule("reconciliation", "gold", (
        "test_the_number_written_is_the_number_shown", "test_a_stale_number_is_told_and_not_written",
    ), Can.READ_STOCK),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of one rule of `quality.toml`, and why."""

    rule: str
    level: str
    standing: Standing
    why: str = ""


def claims(words: Mapping[str, str], outcomes: Mapping[str, set[str]]) -> tuple[Claim, ...]:
    """What each rule that is claimed comes to.

    Args: words:    rule -> "done", "open", or "exempt: why".
          outcomes: contract test -> what became of it, in each class that has it: passed, failed, ...
    """
    return tuple(Claim(rule.name, rule.level, *_stands(rule, words[rule.name], outcomes)) for rule in RULES
                 if rule.name in words)  # fmt: skip


def _stands(rule: Rule, word: str, outcomes: Mapping[str, set[str]]) -> tuple[Standing, str]:
    if word != "done":
        return ("open", "") if word == "open" else ("exempt", word.removeprefix("exempt: "))
    became = [outcomes.get(test, set()) for test in rule.tests]
    if any("failed" in each for each in became):
        return (
            "failed",
            f"failed: {', '.join(t for t, each in zip(rule.tests, became, strict=True) if 'failed' in each)}",
        )
    if rule.tests and all("passed" in each for each in became):
        return "proven", ""
    return "claimed, not checked", "no test of the contract holds it; the connector's own tests must"


def reached(stands: Iterable[Claim]) -> str:
    """The highest level of which every rule, and of those below, is proven or exempt; "" for none."""
    return highest({claim.level for claim in stands if claim.standing not in ("proven", "exempt")})


def highest(short: Collection[str]) -> str:
    """The highest level below the first one that falls short; "" for none."""
    return next(reversed(list(takewhile(lambda level: level not in short, LEVELS))), "")


EXAMPLE = "\n".join(
    ['level = "bronze"', "", "[rules]"]
    + [f'{rule.name} = "{"done" if rule.level == "bronze" else "open"}"' for rule in RULES]
    + ["", '# Contract tests that do not apply: test name = "why".', "[exempt]"]
)
"""A `quality.toml` to begin with."""
