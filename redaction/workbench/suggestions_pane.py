"""The pane of suggestions on the work page: where its script asks."""

from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from redaction.workbench.page import Desk


def config(desk: "Desk") -> dict[str, Any]:
    """This will give the script the addresses it asks."""
    key = desk.record.key
    return {
        "urls": {
            name: reverse(f"workbench:suggestions{suffix}", args=[key])
            for name, suffix in (("overview", ""), ("list", "-list"), ("ask", "-ask"), ("decide", "-decide"))
        }
    }
