"""The first page's picture, which a browser asks for as soon as it has read the head of the page.

How wide it will stand there only the browser knows: it is told the width by the rule of the style sheets and
chooses among the widths pages are drawn in, as static/workbench/pages-source.js does later.
"""

from typing import Any

from django.urls import reverse

from redaction.workbench.page import Desk
from redaction.workbench.pages_answers import WIDTHS

# pixels of a point, of a pixel, at its true size; the pages of an office file are made later
_SHOWN = {"pdf": 96 / 72, "image": 1.0}
_LARGEST = 1.75  # times its true size
_NEARLY = 0.92  # of the pixels it takes on screen are sharp enough
# what stands beside the view: margins, panel, list of pages, room round a page; a scroll bar takes more
_BESIDE = (
    ("(width >= 68rem)", "2rem - clamp(22.5rem, 26vw, 27rem) - 15.5rem - 42px"),
    ("(width >= 56rem)", "2rem - clamp(22.5rem, 26vw, 27rem) - 10.5rem - 42px"),
    ("(width >= 48rem)", "2rem - 18rem - 10.5rem - 42px"),
    ("", "1.5rem - 42px"),
)
_ABOVE = "15rem"  # head, strip and bars, about


def config(desk: Desk) -> dict[str, Any] | None:
    """This will give the attributes of the first page's picture; None where its size is not known yet."""
    medium = desk.record.medium
    if medium not in _SHOWN or not desk.facts.pages:
        return None
    across, down = desk.facts.pages[0]
    whole, scale = medium == "image", _SHOWN[medium] * _LARGEST
    place = reverse("workbench:pages-picture", kwargs={"key": desk.record.key, "number": 1})
    addresses = {width: f"{place}?as={medium}&width={width}" for width in WIDTHS[1:-1]}
    limit = f"(100vh - {_ABOVE}) * {across / down:.4f}" if whole else f"{across * scale:.0f}px"
    return {
        "src": addresses[WIDTHS[2]],
        "srcset": ", ".join(f"{address} {int(width / _NEARLY)}w" for width, address in addresses.items()),
        "sizes": ", ".join(f"{when} min(100vw - {beside}, {limit})".strip() for when, beside in _BESIDE),
        "width": max(1, round(across * scale)),
        "height": max(1, round(down * scale)),
        "whole": whole,
    }
