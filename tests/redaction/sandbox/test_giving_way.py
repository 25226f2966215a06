"""Children of work that nobody waits for let the others have processor and disk first."""

import os
from pathlib import Path
from typing import Any

import pytest

from redaction import limits, sandbox
from redaction.sandbox import kernel

BEST_EFFORT_LAST = 2 << 13 | 7
LEAST = 19  # no process is nicer


def standing() -> dict[str, Any]:
    found = sandbox.call("tests.redaction.sandbox.priorities:standing", {}, limits=limits.of("look"))
    return dict(found)


def test_only_children_of_such_work_give_way() -> None:
    with sandbox.giving_way():
        patient = standing()
    eager = standing()

    assert patient["nice"] == min(eager["nice"] + 10, LEAST)
    if eager["autogroup"] is not None:
        assert (patient["autogroup"], eager["autogroup"]) == (10, 0)  # each child is a session of its own
    if eager["disk"] is not None and eager["disk"] >= 0:
        assert patient["disk"] == BEST_EFFORT_LAST
        assert eager["disk"] != BEST_EFFORT_LAST or eager["nice"] >= 15  # the kernel takes it from niceness


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


def test_a_group_that_may_not_be_changed_yet_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Group:
        def write_text(self, words: str) -> None:
            asked.append(words)
            if len(asked) < 3:
                raise BlockingIOError

    monkeypatch.setattr(kernel, "MACHINE", "abacus")
    monkeypatch.setattr(kernel, "_GROUP_PAUSE", 0.0)
    monkeypatch.setattr(kernel, "_AUTOGROUP", Group())
    monkeypatch.setattr(os, "nice", lambda _: None)

    kernel.give_way()

    assert asked == ["10"] * 3
