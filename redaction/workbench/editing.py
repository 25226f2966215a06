"""Adding to, removing from and setting columns of a marks file, as data. Pure: nothing is saved here."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Marks = dict[str, Any]
POINTS_AN_INCH = 72


def empty() -> Marks:
    return {"version": 1, "marks": []}


def add(marks: Marks, mark: Mapping[str, Any]) -> Marks:
    """This will give the marks with one more, under the next free id of its kind, such as ``box-3``."""
    return {**marks, "marks": [*marks["marks"], {"id": next_id(marks, mark["kind"]), **mark}]}


def remove(marks: Marks, mark_id: str) -> Marks:
    """This will give the marks without one.

    :raises KeyError: when there is none of that id.
    """
    kept = [mark for mark in marks["marks"] if mark["id"] != mark_id]
    if len(kept) == len(marks["marks"]):
        raise KeyError(mark_id)
    return {**marks, "marks": kept}


def set_columns(marks: Marks, columns: Iterable[Mapping[str, Any]]) -> Marks:
    """This will give the marks with all column marks replaced, the others kept in their place."""
    others = [mark for mark in marks["marks"] if mark["kind"] != "column"]
    rows = [{"id": f"column-{n}", "kind": "column", **column} for n, column in enumerate(columns, 1)]
    taken = {mark["id"] for mark in others}
    for row in rows:
        while row["id"] in taken:
            row["id"] += "-a"
    return {**marks, "marks": [*rows, *others]}


def next_id(marks: Marks, kind: str) -> str:
    numbers = [
        int(found[1])
        for mark in marks["marks"]
        if (found := re.fullmatch(rf"{re.escape(kind)}-(\d{{1,9}})", mark["id"]))
    ]
    return f"{kind}-{max(numbers, default=0) + 1}"


def describe(mark: Mapping[str, Any], picture: tuple[float, float] | None = None) -> str:
    """This will put the fields of a mark in words for the table on the page.

    ``picture`` is the width and height in pixels of a record that is one: places on it are told as shares.
    """
    kind = mark["kind"]
    if kind == "box":
        return _box(mark, picture)
    if words := _WORDS.get(kind):
        return words(mark)
    return _rest(mark)


def describe_place(mark: Mapping[str, Any]) -> str:
    """This will say of a mark of a closed record where it is, and not what it takes out."""
    if mark.get("literal") is not None:
        pages = mark.get("pages", "all")
        where = "" if pages == "all" else f" on page {', '.join(map(str, pages))}"
        return f"words that are not shown any more{where}"
    return _rest(mark) or mark["kind"].replace("_", " ")


def _rest(mark: Mapping[str, Any]) -> str:
    # the seed of a flight's circles is a secret of the agency's, and no word for a person
    shared = {"id", "kind", "reason", "exemption", "note", "suggested", "decision", "seed"}
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in mark.items() if name not in shared
    )


def _box(mark: Mapping[str, Any], picture: tuple[float, float] | None) -> str:
    x0, y0, x1, y1 = mark["rect"]
    exactly = ", exactly" if mark.get("extent") == "exact" else ""
    if picture:
        x, y, w, h = (
            f"{100 * value / side:.3g} %"
            for value, side in zip((x0, y0, x1 - x0, y1 - y0), picture * 2, strict=True)
        )
        return f"{x} across, {y} down, {w} by {h}"
    x, y, w, h = (f"{round(value / POINTS_AN_INCH, 2):g}" for value in (x0, y0, x1 - x0, y1 - y0))
    return f"page {mark['page']}, {x} in across, {y} in down, {w} by {h} in{exactly}"


def _text(mark: Mapping[str, Any]) -> str:
    what = f"every “{mark['literal']}”" if "literal" in mark else f"every {mark['pattern']} number or address"
    pages = mark.get("pages", "all")
    return what + ("" if pages == "all" else f" on page {', '.join(map(str, pages))}")


def _span(mark: Mapping[str, Any]) -> str:
    if mark.get("literal") is not None:
        return f"every “{mark['literal']}” spoken"
    return f"{mark['start']:g} s to {mark['end']:g} s"


def _region(mark: Mapping[str, Any]) -> str:
    x, y, w, h = (100 * value for value in mark["keyframes"][0]["rect"])
    moving = f", moving over {len(mark['keyframes'])} positions" if len(mark["keyframes"]) > 1 else ""
    return f"{_span(mark)}, {x:.3g} % across, {y:.3g} % down, {w:.3g} by {h:.3g} %{moving}"


def _column(mark: Mapping[str, Any]) -> str:
    return f"column {mark['name']}: {mark['action']}" + (f" to {mark['to']}" if mark.get("to") else "")


def _rows(mark: Mapping[str, Any]) -> str:
    verb = "keep" if mark.get("keep") else "remove"
    tests = [f"{row['column']} {row['op']} {row['value']}" for row in mark.get("keep") or mark["remove"]]
    return f"{verb} rows where {' and '.join(tests)}"


def _fence(mark: Mapping[str, Any]) -> str:
    inside = "cut out" if mark["action"] == "cut" else "made coarser"
    return f"a fence of {len(mark['polygon'])} corners; inside it the flight is {inside}"


def _coarser(mark: Mapping[str, Any]) -> str:
    grid = f"positions to {mark['grid_deg']:g} degrees" if mark.get("grid_deg") else ""
    others = (f"{name}: {mark[name]}" for name in ("altitude", "time") if mark.get(name))
    return "the whole flight coarser: " + ", ".join(filter(None, [grid, *others]))


_WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": _text,
    "page": lambda mark: f"the whole of page {mark['page']}",
    "region": _region,
    "frame": lambda mark: f"the whole picture, {_span(mark)}",
    "mute": lambda mark: f"sound muted, {_span(mark)}",
    "cut": lambda mark: f"cut out, {_span(mark)}",
    "tracks": lambda mark: f"picture {mark.get('picture', 0)} and sound {mark.get('sound', 0)} pass, from 0",
    "column": _column,
    "rows": _rows,
    "withhold": lambda mark: "the whole record",
    "fence": _fence,
    "home": lambda mark: f"{mark['radius_m']:g} m round take-off and landing are cut out",
    "generalise": _coarser,
    "own_plate": lambda mark: f"the requester's own plate in column {mark['column']} stays readable",
}
