"""The accessibility gate: ``assert_accessible(page)`` says what is wrong and where."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.patience import stands

_AXE = Axe.from_file(Path(__file__).parent / "axe-core" / "axe.min.js")
_SHOWN = 5
_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def assert_accessible(page: Page, context: str | None = None) -> None:
    """Run axe on what the page shows now; ``context`` narrows it to a CSS selector."""
    found = violations(page, context)
    assert not found, f"{page.url} has accessibility violations:\n{describe(found)}"


def violations(page: Page, context: str | None = None) -> list[dict[str, Any]]:
    stands(page)
    response = _AXE.run(page, context=context, options=_OPTIONS).response
    found: list[dict[str, Any]] = response["violations"]
    return found


def describe(found: list[dict[str, Any]]) -> str:
    lines = []
    for violation in found:
        lines.append(f"- {violation['id']} ({violation['impact']}): {violation['help']}")
        lines += [
            f"    {' '.join(node['target'])}\n      {node['html'][:200]}\n      {node['failureSummary']}"
            for node in violation["nodes"][:_SHOWN]
        ]
        lines.append(f"    {violation['helpUrl']}")
    return "\n".join(lines)
