"""Which stage shows which kind of file, and which further panes stand beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.templatetags.static import static

from redaction.plans.rules import media_of

if TYPE_CHECKING:
    from redaction.workbench.page import Desk


@dataclass(frozen=True)
class Room:
    """One part of the work page: its Python module, its markup, its script and its style sheet."""

    name: str
    title: str
    module: str
    template: str
    script: str
    style: str = ""


STAGES = {
    stage.name: stage
    for stage in (
        Room(
            name=name,
            title=title,
            module=f"redaction.workbench.{name}_stage",
            template=f"workbench/stages/{name}.html",
            script=f"workbench/{name}.js",
            style=f"css/workbench-{name}.css",
        )
        for name, title in (
            ("pages", "Pages"),
            ("film", "Film and sound"),
            ("table", "Table"),
            ("flight", "Flight"),
        )
    )
}
OF_MEDIUM = {
    "pdf": "pages",
    "office": "pages",
    "image": "pages",
    "video": "film",
    "audio": "film",
    "table": "table",
    "flight": "flight",
}
PANES = (
    Room(
        name="pins",
        title="To be changed",
        module="redaction.workbench.pins_pane",
        template="workbench/panes/pins.html",
        script="workbench/pins.js",
        style="css/workbench-review.css",
    ),
    Room(
        name="suggestions",
        title="Suggestions",
        module="redaction.workbench.suggestions_pane",
        template="workbench/panes/suggestions.html",
        script="workbench/suggestions.js",
        style="css/workbench-panes.css",
    ),
    Room(
        name="coverage",
        title="Seen",
        module="redaction.workbench.coverage_pane",
        template="workbench/panes/coverage.html",
        script="workbench/coverage.js",
    ),
    Room(
        name="consistency",
        title="Elsewhere",
        module="redaction.workbench.consistency_pane",
        template="workbench/panes/consistency.html",
        script="workbench/consistency.js",
    ),
)


def medium_shown(medium: str, format_: str, wanted: str) -> str:
    """This will choose as what a file is shown: a CSV may be a table or a flight log."""
    media = media_of(medium, format_)
    return wanted if wanted in media else media[0]


def stage_of(medium: str) -> Room:
    """This will give the stage on which a medium is marked."""
    return STAGES[OF_MEDIUM[medium]]


def config_of(room: Room, desk: "Desk") -> dict[str, Any]:
    """This will give what a room's script needs to know about the record in front of the person."""
    made: Callable[[Desk], dict[str, Any]] = import_module(room.module).config
    return {"name": room.name, "script": static(room.script), **made(desk)}
