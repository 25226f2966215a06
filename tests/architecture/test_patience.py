"""No test depends on a pause of a fixed length, or on what a page happens to show at one moment."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
WAITING = {"tests/patience.py", "tests/journeys/patience.py"}
# a child that sleeps 600 seconds is there to be killed
PAUSES = r"(?<![\w\"'])(?:time\.)?sleep\((?!600\))|wait_for_timeout\(|networkidle"
FAKES = (
    "tests/portal/services/test_supervisor.py",
    "tests/redaction/sandbox/misdeeds.py",
    "tests/fuzz/run.py",
)
AT_ONE_MOMENT = (
    r"assert (?:not )?[^\n,]*\.(?:is_(?:visible|hidden|enabled|disabled|checked)|inner_text|text_content)\("
    r"|assert [^\n]*(?:locator|get_by_\w+)\([^\n]*\.count\("
)
NOBODY_CLOSES = r"\bbrowser\.new_(?:context|page)\("  # and its page asks on beside the next test
AT_A_BUTTON = r"(?<!keyboard)(?<!keys)\.press\("  # Playwright does not wait until it can be used


def found(pattern: str, folder: str, *but: str) -> list[str]:
    paths = [path for path in sorted((TESTS / folder).rglob("*.py")) if "bench" not in path.parts]
    named = {str(path.relative_to(TESTS.parent)): path for path in paths if path != Path(__file__)}
    return [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}"
        for name, path in named.items()
        if name not in but
        for text in [path.read_text()]
        for hit in re.finditer(pattern, text)
    ]


def test_nothing_is_waited_for_by_the_clock() -> None:
    assert found(PAUSES, ".", *WAITING, *FAKES, "tests/journeys/conftest.py") == []


@pytest.mark.parametrize("pattern", [AT_ONE_MOMENT, AT_A_BUTTON, NOBODY_CLOSES])
def test_a_page_is_waited_for(pattern: str) -> None:
    assert found(pattern, "journeys", "tests/journeys/hands.py") == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (PAUSES, "    time.sleep(0.1)"),
        (PAUSES, "    page.wait_for_timeout(120)"),
        (AT_ONE_MOMENT, "    assert page.locator('li').count() == 3"),
        (NOBODY_CLOSES, "    page = browser.new_context().new_page()"),
        (AT_A_BUTTON, '    page.get_by_role("button").press("Enter")'),
    ],
)
def test_gate_finds(pattern: str, line: str) -> None:
    assert re.search(pattern, line)
