"""The passport, the README, the practice shop and the credentials tell the truth."""

from __future__ import annotations

import traceback

import pytest

from connectors.kit import registry
from connectors.kit.contract.base import CANARY, VERBS, ContractBase
from connectors.kit.practice.sandbox import Sandbox
from hub.canonical.errors import (
    NeedsPerson,
)
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import (
    Channel,
)


class PassportContract(ContractBase):
    """The passport, the README, the practice shop and the credentials tell the truth."""

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

    def test_the_practice_shop_can_be_started_by_name(self) -> None:
        """`stockline connectors practice NAME` takes `SANDBOX` of `sandbox/__init__.py`; one that is not claimed may
        be missing."""
        claimed = self.quality().get("rules", {}).get("sandbox", "done") == "done"
        assert not claimed or registry.practice_shop(self.name()).channel == self.name()

    def test_the_readme_tells_every_setting_and_secret(self) -> None:
        readme = (self.folder() / "README.md").read_text(encoding="utf-8")
        spec = registry.spec(self.name())
        missing = [field.name for field in (*spec.settings, *spec.secrets) if field.name not in readme]
        assert missing == [], f"README.md does not tell {', '.join(missing)}, of spec.py: say what to enter there"

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
