"""Children of work that nobody waits for let the others have processor and disk first."""

import os
from pathlib import Path
from typing import Any

import pytest

from redaction import limits, sandbox
from redaction.sandbox import kernel

BEST_EFFORT_LAST = 2 << 13 | 7


def standing() -> dict[str, Any]:
    found = sandbox.call("tests.redaction.sandbox.priorities:standing", {}, limits=limits.of("look"))
    return dict(found)


def test_only_children_of_such_work_give_way() -> None:
    with sandbox.giving_way():
        patient = standing()
    eager = standing()

    assert patient["nice"] - eager["nice"] == 10
    if eager["autogroup"] is not None:
        assert patient["autogroup"] - eager["autogroup"] == 10
    if eager["disk"] is not None and eager["disk"] >= 0:
        assert patient["disk"] == BEST_EFFORT_LAST != eager["disk"]


def test_a_block_that_fails_gives_way_no_longer() -> None:
    before = standing()

    with pytest.raises(KeyError), sandbox.giving_way():
        raise KeyError

    assert standing() == before


def test_a_machine_without_a_number_for_the_call_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lowered: list[int] = []
    monkeypatch.setattr(kernel, "MACHINE", "abacus")
    monkeypatch.setattr(os, "nice", lowered.append)
    monkeypatch.setattr(kernel, "_AUTOGROUP", Path("/nowhere/at/all"))

    assert not kernel.give_way()

    assert lowered == [10]
