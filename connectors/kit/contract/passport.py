"""The passport, the README, the quality file and the credentials tell the truth."""

from __future__ import annotations

import inspect
import itertools
import traceback

import pytest

from connectors.kit import registry
from connectors.kit.contract.base import CANARY, LEVELS, VERBS, ContractBase
from connectors.kit.practice.sandbox import Sandbox
from hub.canonical.errors import (
    NeedsPerson,
)
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import (
    Channel,
)


class PassportContract(ContractBase):
    """The passport, the README, the quality file and the credentials tell the truth."""

    def test_the_passport_names_the_folder_and_is_found_by_the_registry(self) -> None:
        spec = registry.spec(self.name())
        assert spec.name == self.name()
        assert spec.title
        assert spec.can
        assert all(field.label for field in (*spec.settings, *spec.secrets))

    def test_the_sandbox_gives_every_required_setting_and_secret(self, sandbox: Sandbox) -> None:
        spec = registry.spec(sandbox.channel)
        assert {field.name for field in spec.settings if field.required} <= set(sandbox.settings)
        assert {field.name for field in spec.secrets if field.required} <= set(sandbox.secrets)

    def test_the_readme_tells_every_setting_and_secret(self) -> None:
        readme = (self.folder() / "README.md").read_text(encoding="utf-8")
        spec = registry.spec(self.name())
        assert [field.name for field in (*spec.settings, *spec.secrets) if field.name not in readme] == []

    def test_the_quality_file_is_true(self) -> None:
        quality = self.quality()
        level, rules = quality["level"], quality["rules"]
        known = list(itertools.chain(*LEVELS.values()))
        assert sorted(rules) == sorted(known), f"[rules] must have just these: {', '.join(known)}"
        unclear = [name for name, word in rules.items() if word not in ("done", "open") and not _exempt(word)]
        assert unclear == [], 'a rule is "done", "open", or {exempt = "a reason of 15 letters or more"}'
        open_below = {each: [name for name in LEVELS[each] if rules[name] == "open"] for each in LEVELS}
        reached = list(itertools.takewhile(lambda each: not open_below[each], LEVELS))
        assert level in LEVELS, f"level = {level!r}: there are {', '.join(LEVELS)}"
        missing = itertools.chain(*(open_below[each] for each in list(LEVELS)[: list(LEVELS).index(level) + 1]))
        assert level in reached, f"level = {level!r} is claimed, and open is: {', '.join(missing)}"
        assert level == reached[-1], f"level = {level!r} is claimed; the rules reach {reached[-1]}"

    def test_each_exemption_names_a_test_and_a_reason(self) -> None:
        tests = {name for name, _ in inspect.getmembers(type(self)) if name.startswith("test_")}
        exempt = self.quality().get("exempt", {})
        assert set(exempt) <= tests, f"[exempt]: no such test: {', '.join(sorted(set(exempt) - tests))}"
        short = [name for name, reason in exempt.items() if len(reason) < 15]
        assert short == [], "[exempt]: a reason has 15 letters or more"

    def test_what_is_not_declared_refuses_to_be_called(self, channel: Channel) -> None:
        assert isinstance(channel, Channel)
        for verb, call in VERBS.items():
            if verb not in channel.spec.can:
                with pytest.raises(ChannelUnsupported):
                    call(channel)

    def test_bad_credentials_need_a_person_and_are_never_shown(self, sandbox: Sandbox) -> None:
        channel = self.make_channel(sandbox, self.bad_secrets(sandbox))
        with pytest.raises(NeedsPerson) as caught:
            list(channel.pull_orders(None))
        assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(channel)

    def test_check_finds_bad_credentials_without_showing_them(self, sandbox: Sandbox) -> None:
        findings = self.make_channel(sandbox, self.bad_secrets(sandbox)).check()
        assert [finding for finding in findings if not finding.ok]
        assert CANARY not in repr(findings)
        assert all(finding.mend for finding in findings if not finding.ok)

    def test_check_with_good_credentials_finds_nothing_wrong(self, channel: Channel) -> None:
        findings = channel.check()
        assert findings
        assert [finding for finding in findings if not finding.ok] == []


def _exempt(word: object) -> bool:
    """`{exempt = "the reason"}`: the rule does not apply, and the reason is said."""
    return isinstance(word, dict) and len(word.get("exempt", "")) >= 15
