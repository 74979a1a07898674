"""Settings that several channels have are refused by their name."""

from __future__ import annotations

import pytest

from connectors.kit.settings import call_gaps
from hub.canonical.errors import Misconfigured
from hub.ports.channel import ConnectorSpec

SPEC = ConnectorSpec("slow", "Slow", frozenset(), call_gaps_s={"LIST": 60.0, "STATUS": 15.0})


def test_gaps_between_calls_are_the_passports_unless_the_merchant_agreed_on_others() -> None:
    assert call_gaps({}, SPEC) == {"LIST": 60.0, "STATUS": 15.0}
    assert call_gaps({"call_gaps": " LIST=900, STATUS = 0"}, SPEC) == {"LIST": 900.0, "STATUS": 0.0}


@pytest.mark.parametrize("text", ["LIST", "LIST=", "LIST=-1", "LIST=1.5", "OTHER=5", "LIST=86401", "LIST=٣"])
def test_a_gap_that_cannot_be_is_refused_with_the_operations_there_are(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        call_gaps({"call_gaps": text}, SPEC)
    assert str(refused.value) == (
        f"call_gaps: {text!r}: expected OPERATION=SECONDS from 0 to 86400; operations: LIST, STATUS"
    )
