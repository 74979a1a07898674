"""What `quality.toml` claims is what the passport and the tests of this suite hold."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from connectors.kit import registry
from connectors.kit.contract.base import ContractBase
from connectors.kit.contract.orders import OrdersContract
from connectors.kit.contract.passport import PassportContract
from connectors.kit.contract.refunds import RefundsContract
from connectors.kit.contract.shipments import ShipmentsContract
from connectors.kit.contract.stock import StockContract
from connectors.kit.contract.webhooks import WebhooksContract
from connectors.kit.levels import EXAMPLE, LEVELS, MOST_EXEMPT, RULES, Rule, highest
from hub.canonical.errors import Misconfigured
from hub.ports.channel import Can
from mappings.engine.nodes import meant

PARTS = (PassportContract, OrdersContract, RefundsContract, StockContract, ShipmentsContract, WebhooksContract)


def suite_tests() -> dict[str, frozenset[Can]]:
    """Every test of the suite, and the verbs that it needs."""
    return {
        name: frozenset(verb for mark in getattr(test, "pytestmark", ()) if mark.name == "needs" for verb in mark.args)
        for part in (ClaimsContract, *PARTS)
        for name, test in vars(part).items()
        if name.startswith("test_")
    }


class ClaimsContract(ContractBase):
    """What `quality.toml` claims is what the passport and the tests of this suite hold."""

    def test_the_quality_file_is_true(self) -> None:
        quality = self.quality()
        if not quality:
            file = self.folder() / "quality.toml"
            raise Misconfigured(f"{file} is missing or empty: it says what is reached. Write there:\n{EXAMPLE}")
        level, rules = quality.get("level"), quality.get("rules", {})
        wrong = _wrong_rules(rules)
        assert wrong == [], "; ".join(wrong)
        faults = [*_wrong_level(level, rules), *self._not_declared(rules), *self._not_run(rules)]
        assert faults == [], "; ".join(faults)

    def test_each_exemption_names_a_test_and_a_reason(self) -> None:
        tests = {name for name, _ in inspect.getmembers(type(self)) if name.startswith("test_")}
        exempt = self.quality().get("exempt", {})
        assert set(exempt) <= tests, f"[exempt]: no such test: {', '.join(sorted(set(exempt) - tests))}"
        short = [name for name, reason in exempt.items() if len(reason) < 15]
        assert short == [], "[exempt]: a reason has 15 letters or more"

    def test_no_exemption_hides_what_is_claimed(self) -> None:
        quality = self.quality()
        rules, hidden = quality.get("rules", {}), self._applying().keys() & quality.get("exempt", {}).keys()
        faults = [*_hidden(rules, hidden), *_too_many(len(hidden), len(self._applying()))]
        assert faults == [], "; ".join(faults)

    def _applying(self) -> dict[str, frozenset[Can]]:
        """The tests of the suite that apply to this channel: it declares their verbs."""
        can = registry.spec(self.name()).can
        return {name: verbs for name, verbs in suite_tests().items() if verbs <= can}

    def _not_declared(self, rules: Mapping[str, Any]) -> list[str]:
        can = registry.spec(self.name()).can
        return [
            f'quality.toml: {rule.name} = "done", and spec.py does not declare Can.{rule.verb.name}, so nothing was '
            f'tried: declare it, or write {rule.name} = {{exempt = "why it cannot be"}}'
            for rule in RULES
            if rule.verb and rule.verb not in can and rules[rule.name] == "done"
        ]  # fmt: skip

    def _not_run(self, rules: Mapping[str, Any]) -> list[str]:
        """Tests that a class leaves out, as it is not a ConnectorContract or sets them to None."""
        missing = sorted(name for name in self._applying() if not callable(getattr(type(self), name, None)))
        if rules["contract_suite"] != "done" or not missing:
            return []
        return [f'quality.toml: contract_suite = "done", and {type(self).__name__} leaves out {", ".join(missing)}: '
                "make it a ConnectorContract with all its tests"]  # fmt: skip


def _wrong_rules(rules: Mapping[str, Any]) -> list[str]:
    """Rules that there are not, those that are left out, and words that say nothing."""
    known = [rule.name for rule in RULES]
    strange = [
        f"quality.toml, [rules]: there is no {name!r}{meant(name, known)}" for name in rules if name not in known
    ]
    missing = [
        f'quality.toml, [rules]: {name} is missing: write {name} = "open"' for name in known if name not in rules
    ]
    words = 'it is "done", "open", or {exempt = "a reason of 15 letters or more"}'
    return strange + missing + [
        f"quality.toml, [rules]: {name} = {word!r}: {words}"
        for name, word in rules.items()
        if word not in ("done", "open") and not _exempt(word)
    ]  # fmt: skip


def _wrong_level(level: object, rules: Mapping[str, Any]) -> list[str]:
    if not isinstance(level, str) or level not in LEVELS:
        return [f"level = {level!r}: there are {', '.join(LEVELS)}"]
    reached = highest({rule.level for rule in RULES if rules[rule.name] == "open"})
    upto = LEVELS[: LEVELS.index(level) + 1]
    missing = [rule.name for rule in RULES if rule.level in upto and rules[rule.name] == "open"]
    if missing:
        return [f"level = {level!r} is claimed, and open is: {', '.join(missing)}"]
    return [] if level == reached else [f"level = {level!r} is claimed; the rules reach {reached}"]


def _hidden(rules: Mapping[str, Any], hidden: set[str]) -> list[str]:
    """Rules that are done, of which a test that applies stands under [exempt]."""
    whole = [] if not hidden or rules.get("contract_suite") != "done" else [
        f'quality.toml: contract_suite = "done", and [exempt] leaves out {", ".join(sorted(hidden))}, which spec.py\'s '
        'verbs ask for: pass it, or write contract_suite = {exempt = "why not all of it can be passed"}'
    ]  # fmt: skip
    return whole + [
        f'quality.toml: {rule.name} = "done", and [exempt] leaves out what holds it, {", ".join(left)}: pass it, or '
        f'write {rule.name} = {{exempt = "why it cannot be"}}'
        for rule in RULES
        if rule.name != "contract_suite" and rules.get(rule.name) == "done" and (left := _left(rule, hidden))
    ]  # fmt: skip


def _left(rule: Rule, hidden: set[str]) -> list[str]:
    return [test for test in rule.tests if test in hidden]


def _too_many(hidden: int, applying: int) -> list[str]:
    if hidden * MOST_EXEMPT <= applying:
        return []
    return [f"quality.toml: [exempt] leaves out {hidden} of {applying} tests that apply; over one in {MOST_EXEMPT} "
            "proves no level: pass them, or take their verbs out of spec.py"]  # fmt: skip


def _exempt(word: object) -> bool:
    """`{exempt = "the reason"}`: the rule does not apply, and the reason is said."""
    return isinstance(word, dict) and len(word.get("exempt", "")) >= 15
