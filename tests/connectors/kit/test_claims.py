"""A level is claimed with what holds it, or the contract says what to write."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.kit import registry
from connectors.kit.conformance import Conformance, Verdict
from connectors.kit.contract import plugin
from connectors.kit.contract.claims import suite_tests
from connectors.kit.contract.passport import PassportContract
from connectors.kit.levels import EXAMPLE, RULES, Claim, claims, reached
from connectors.kit.quality import read_quality
from connectors.kit.scaffold import PACKAGE
from connectors.kit.template import contract
from hub.canonical.errors import Misconfigured, NotFound

DONE = {rule.name: "done" for rule in RULES}
NO_WEBHOOKS = DONE | {"webhooks_verified": {"exempt": "it rings nobody at all"}}
STOCK = "test_the_number_written_is_the_number_shown"
PASSED = {test: {"passed"} for rule in RULES for test in rule.tests}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The template is registered."""
    monkeypatch.setattr(registry, "_packages", lambda: {"shelfmart": PACKAGE})
    registry.spec.cache_clear()
    yield
    registry.spec.cache_clear()


def _says(test: str, level: str, rules: dict[str, Any], exempt: dict[str, str] | None = None, **more: Any) -> str:
    """What the contract's test says of this quality file; "" where it passes."""
    quality = {"level": level, "rules": rules, "exempt": exempt or {}}
    made = type("TestClaims", (contract.TestContract,), {"quality": lambda self: quality, **more})
    try:
        getattr(made(), test)()
    except AssertionError as wrong:
        return str(wrong).splitlines()[0]
    return ""


def test_a_rule_is_not_done_without_its_verb() -> None:
    assert _says("test_the_quality_file_is_true", "gold", DONE) == (
        'quality.toml: webhooks_verified = "done", and spec.py does not declare Can.WEBHOOKS, so nothing was tried: '
        'declare it, or write webhooks_verified = {exempt = "why it cannot be"}'
    )
    assert _says("test_the_quality_file_is_true", "gold", NO_WEBHOOKS) == ""


def test_a_rule_that_there_is_not_and_a_word_that_says_nothing_are_named() -> None:
    rules = {name: word for name, word in NO_WEBHOOKS.items() if name != "limits_kept"}
    assert _says("test_the_quality_file_is_true", "gold", {**rules, "limit_kept": "doen"}) == (
        "quality.toml, [rules]: there is no 'limit_kept' (did you mean 'limits_kept'?); "
        'quality.toml, [rules]: limits_kept is missing: write limits_kept = "open"; '
        'quality.toml, [rules]: limit_kept = \'doen\': it is "done", "open", or '
        '{exempt = "a reason of 15 letters or more"}'
    )


def test_a_suite_that_leaves_tests_out_is_not_done() -> None:
    said = _says("test_the_quality_file_is_true", "gold", NO_WEBHOOKS, **{STOCK: None})
    assert said == (
        f'quality.toml: contract_suite = "done", and TestClaims leaves out {STOCK}: make it a ConnectorContract with '
        "all its tests"
    )


def test_an_exemption_hides_no_test_of_what_is_done() -> None:
    said = _says("test_no_exemption_hides_what_is_claimed", "gold", NO_WEBHOOKS, {STOCK: "it writes what it likes"})
    assert said == (
        f'quality.toml: contract_suite = "done", and [exempt] leaves out {STOCK}, which spec.py\'s verbs ask for: pass '
        'it, or write contract_suite = {exempt = "why not all of it can be passed"}; '
        f'quality.toml: reconciliation = "done", and [exempt] leaves out what holds it, {STOCK}: pass it, or write '
        'reconciliation = {exempt = "why it cannot be"}'
    )
    named = NO_WEBHOOKS | {"contract_suite": {"exempt": "its numbers are its own"}, "reconciliation": "open"}
    assert _says("test_no_exemption_hides_what_is_claimed", "silver", named, {STOCK: "it writes what it likes"}) == ""


def test_an_exemption_of_a_verb_that_is_not_declared_hides_nothing() -> None:
    exempt = {"test_an_order_accepted_twice_is_accepted": "nobody accepts an order there"}
    assert _says("test_no_exemption_hides_what_is_claimed", "gold", NO_WEBHOOKS, exempt) == ""


def test_a_suite_that_is_exempt_as_a_whole_proves_nothing() -> None:
    rules = {rule.name: {"exempt": "this one is special"} for rule in RULES}
    exempt = dict.fromkeys(suite_tests(), "this one is special too")
    applying = sum(1 for verbs in suite_tests().values() if verbs <= registry.spec("shelfmart").can)
    assert _says("test_no_exemption_hides_what_is_claimed", "gold", rules, exempt) == (
        f"quality.toml: [exempt] leaves out {applying} of {applying} tests that apply; over one in 4 proves no level: "
        "pass them, or take their verbs out of spec.py"
    )


def test_a_missing_quality_file_is_told_with_what_to_write() -> None:
    made = type("TestClaims", (contract.TestContract,), {"quality": lambda self: {}})
    with pytest.raises(Misconfigured) as told:
        made().test_the_quality_file_is_true()
    first, *rest = str(told.value).splitlines()
    assert first.endswith("/template/quality.toml is missing or empty: it says what is reached. Write there:")
    assert "\n".join(rest) == EXAMPLE
    assert EXAMPLE.startswith('level = "bronze"\n\n[rules]\ncontract_suite = "done"\n')


def test_a_practice_shop_that_is_not_named_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(f"{PACKAGE}.sandbox.SANDBOX")
    with pytest.raises(NotFound, match=r"template\.sandbox names no practice shop: it needs SANDBOX"):
        contract.TestContract().test_the_practice_shop_can_be_started_by_name()


def test_a_test_of_the_contract_is_not_overwritten() -> None:
    class Own(PassportContract):
        def test_the_readme_tells_every_setting_and_secret(self) -> None:
            return

    item: Any = SimpleNamespace(cls=Own)
    with pytest.raises(pytest.UsageError) as refused:
        plugin._refuse_overwritten([item])
    assert str(refused.value) == (
        f"Own overwrites test_the_readme_tells_every_setting_and_secret ({__name__}): give it another name; what the "
        "platform cannot have is named under [exempt] of quality.toml"
    )


def test_every_rule_names_tests_that_there_are() -> None:
    assert {test for rule in RULES for test in rule.tests} <= suite_tests().keys()


def test_what_no_test_holds_is_claimed_and_not_checked() -> None:
    became = PASSED | {test: {"not applicable"} for test in PASSED if "refund" in test}
    stands = {claim.rule: claim.standing for claim in claims(dict.fromkeys(DONE, "done"), became)}
    assert {rule for rule, standing in stands.items() if standing != "proven"} == {"returns", "refunds"}
    assert {stands["returns"], stands["refunds"]} == {"claimed, not checked"}


def test_a_rule_fails_with_its_test_in_any_class() -> None:
    became = PASSED | {"test_429_is_throttled_and_keeps_retry_after": {"passed", "failed"}}
    (limits,) = claims({"limits_kept": "done"}, became)
    assert limits == Claim("limits_kept", "silver", "failed", "failed: test_429_is_throttled_and_keeps_retry_after")


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ({"returns": "exempt: nothing comes back"}, "gold"),
        ({}, "silver"),
        ({"pause_and_reauth": "open"}, "bronze"),
        ({"readme": "open"}, ""),
    ],
)
def test_a_level_is_reached_where_all_below_is_held(words: dict[str, str], level: str) -> None:
    assert reached(claims(dict.fromkeys(DONE, "done") | words, PASSED)) == level


def test_gold_that_rests_on_a_claim_is_true_and_silver_is_proven() -> None:
    passed = (Verdict("TestX::test_the_quality_file_is_true", "passed"),)
    found = Conformance("shelfmart", "gold", passed, claims(dict.fromkeys(DONE, "done"), PASSED))
    assert (found.true, found.proven, found.proven_level, found.unchecked) == (True, False, "silver", ("returns",))


def test_each_of_our_own_claims_a_level_that_nothing_but_its_own_tests_could_gainsay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    for name in registry.names():
        words, can = read_quality(name).rules, registry.spec(name).can
        assert [rule.name for rule in RULES if words[rule.name] == "done" and rule.verb and rule.verb not in can] == []
