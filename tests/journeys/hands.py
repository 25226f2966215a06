"""The same steps with the mouse and by keyboard alone: two kinds of hands with the same verbs."""

from typing import Protocol

from playwright.sync_api import Locator, Page, expect

Spot = tuple[float, float]

_MOST = 400  # presses of Tab; a page has fewer places to stop at
_HAS_FOCUS = "(node) => node === document.activeElement"
_TYPES = "() => document.activeElement.matches('input, textarea, select')"
_CHOSEN = "(node) => node.selectedOptions[0]?.textContent ?? ''"


def press(button: Locator, key: str = "Enter") -> None:
    """Presses once it can be used; Playwright's own press goes to a button that is still off, and is lost."""
    expect(button).to_be_enabled()
    button.press(key)


def drags(page: Page, area: Locator, start: Spot, end: Spot) -> None:
    """From one place in an area to another, both in pixels from its corner, wherever it has moved to."""
    area.hover(position={"x": start[0], "y": start[1]})
    page.mouse.down()
    for share in (0.5, 1):
        x, y = (one + (other - one) * share for one, other in zip(start, end, strict=True))
        area.hover(position={"x": x, "y": y}, force=True)  # by then the mark itself lies below the pointer
    page.mouse.up()


class Hands(Protocol):
    """What a person does to a page, whatever she does it with."""

    page: Page

    def pushes(self, button: Locator) -> None:
        """A button, a link or the line that opens a fold, once it can be used."""

    def tries(self, button: Locator) -> None:
        """A button that says why it does nothing yet, once it does so."""

    def does(self, key: str, button: Locator) -> None:
        """What a shortcut is for: by the button that does the same, or by the shortcut."""

    def writes(self, field: Locator, words: str) -> None:
        """In place of what stood there; the field is left."""

    def picks(self, choice: Locator, words: str) -> None:
        """The first option that holds the words."""

    def opens(self, tab: Locator) -> None: ...


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def pushes(self, button: Locator) -> None:
        button.click()

    def tries(self, button: Locator) -> None:
        expect(button).to_have_attribute("aria-disabled", "true")
        button.click(force=True)

    def does(self, key: str, button: Locator) -> None:
        del key
        button.click()

    def writes(self, field: Locator, words: str) -> None:
        field.fill(words)
        field.blur()

    def picks(self, choice: Locator, words: str) -> None:
        choice.select_option(index=_index(choice, words))

    def opens(self, tab: Locator) -> None:
        tab.click()


class Keyboard:
    """Presses and types, and nothing else; what Tab does not reach cannot be used."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def strikes(self, *keys: str) -> None:
        """Shortcuts: they are heard wherever nothing is typed."""
        for _press in range(_MOST):
            if not self.page.evaluate(_TYPES):
                break
            self.presses("Tab")
        self.presses(*keys)

    def types(self, words: str) -> None:
        self.page.keyboard.type(words)

    def reaches(self, wanted: Locator, *, back: bool = False) -> None:
        """By Tab, or by Shift and Tab; fails when it has gone round without meeting it."""
        expect(wanted).to_be_visible()
        for _press in range(_MOST):
            if wanted.evaluate(_HAS_FOCUS):
                return
            self.presses("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach {wanted}")

    def pushes(self, button: Locator) -> None:
        self.reaches(button)
        press(button)  # it has the focus; a page that is asked for by this is waited for

    def tries(self, button: Locator) -> None:
        expect(button).to_have_attribute("aria-disabled", "true")
        self.reaches(button)
        self.presses("Enter")

    def does(self, key: str, button: Locator) -> None:
        del button
        self.strikes(key)

    def writes(self, field: Locator, words: str) -> None:
        self.reaches(field)
        self.presses("ControlOrMeta+a")
        self.types(words)
        self.presses("Tab")

    def picks(self, choice: Locator, words: str) -> None:
        self.reaches(choice)
        _index(choice, words)  # else it would be looked for without an end
        self.presses("Home")
        for _press in range(_MOST):
            if words in choice.evaluate(_CHOSEN):
                break
            self.presses("ArrowDown")
        assert words in choice.evaluate(_CHOSEN)
        self.presses("Tab")

    def opens(self, tab: Locator) -> None:
        """One tab of a row is reached by Tab, the others from it by arrow keys (ARIA practices)."""
        row = self.page.get_by_role("tablist").filter(has=tab)
        self.reaches(row.locator("[role=tab][aria-selected=true]"))
        for _press in range(row.get_by_role("tab").count()):
            if tab.evaluate(_HAS_FOCUS):
                break
            self.presses("ArrowRight")
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")


def _index(choice: Locator, words: str) -> int:
    labels = choice.locator("option").all_text_contents()
    return next(n for n, label in enumerate(labels) if words in label)
