"""Script modules joined into few files for browsers, so that a page does not wait for dozens of them.

Sources stay small modules that name each other by relative address; this is done when static files are
collected. Each module keeps a scope of its own: it becomes a function that is called once and gives what the
module exports. It holds for modules as ours are written, and says so where one is not: imports and exports
each on a line of their own, by name, no circle, nothing exported that is given another value later.
"""

import re
from collections.abc import Callable, Iterable, Mapping

FRAME = "frame.js"
_IMPORT = re.compile(r'^import \{ ([\w$, ]+) \} from "\./([\w-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) ([\w$]+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import\b(?!\()|export\b|await\b).*", re.MULTILINE)

Read = Callable[[str], str]


class Unjoinable(ValueError):
    """A module is written in a way that this cannot join; the sentence names it and its line."""


def imported(source: str) -> list[str]:
    """This will list the modules a module names, in its order."""
    return [name for _names, name in _IMPORT.findall(source)]


def reached(entries: Iterable[str], read: Read, apart: Iterable[str] = ()) -> list[str]:
    """This will list some modules and all they import, each after those it needs; not those ``apart``.

    :raises Unjoinable: when they import each other in a circle.
    """
    found: dict[str, None] = {}
    left = set(apart)

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in found or name in left:
            return
        if name in way:
            circle = " imports ".join([*way[way.index(name) :], name])
            raise Unjoinable(f"Modules that import each other in a circle cannot be joined: {circle}")
        for other in imported(read(name)):
            visit(other, (*way, name))
        found[name] = None

    for entry in entries:
        visit(entry, ())
    return [*found]


def joined(main: str, entries: Iterable[str], read: Read, apart: Iterable[str] = ()) -> Mapping[str, str]:
    """This will give the text of :data:`FRAME`, which has what ``main`` imports, of it and of ``entries``.

    An entry takes in what is not in the frame. Modules ``apart`` stay files of their own, for they are wanted
    before the rest.

    :raises Unjoinable: for a module it cannot join.
    """
    frame = [name for name in reached([main], read, apart) if name != main]
    shared = ", ".join(_held(name) for name in frame)
    found = {FRAME: _text(frame, read, frame, apart) + f"export {{ {shared} }};\n"}
    for entry in (main, *entries):
        own = [name for name in reached([entry], read, (*apart, *frame)) if name != entry]
        needed = [name for name in frame if any(name in imported(read(one)) for one in (*own, entry))]
        head = f'import {{ {", ".join(map(_held, needed))} }} from "./{FRAME}";\n' if needed else ""
        found[entry] = head + _text(own, read, (*frame, *own), apart) + _taken(read(entry), entry, apart)
    return found


def _text(names: Iterable[str], read: Read, held: Iterable[str], apart: Iterable[str]) -> str:
    """Modules one after the other, each in a function of its own; what is apart is imported before them."""
    wrapped, outside = [], dict[str, None]()
    for name in names:
        source = read(name)
        exports = _EXPORT.findall(source)
        body = _EXPORT.sub("", _taken(source, name, ()))
        for line in _IMPORT.finditer(source):
            if line[2] in apart:
                outside[line[2]] = None
        _require_joinable(body, name)
        given = ", ".join(exports)
        wrapped.append(f"const {_held(name)} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n")
    head = [f'import * as {_held(name)} from "./{name}";\n' for name in outside]
    return "".join([*head, *wrapped])


def _taken(source: str, name: str, apart: Iterable[str]) -> str:
    """A module whose imports are taken from what is held already; ``apart`` are left to the browser."""
    kept = set(apart)

    def take(line: re.Match[str]) -> str:
        if line[2] in kept:
            return line[0]
        return f"const {{ {line[1].replace(' as ', ': ')} }} = {_held(line[2])};"

    taken = _IMPORT.sub(take, source)
    for found in re.finditer(r"^import\b(?!\().*", taken, re.MULTILINE):
        if not _IMPORT.match(found[0]):
            raise Unjoinable(f"{name} imports in a way that cannot be joined: {found[0]}")
    return taken


def _require_joinable(body: str, name: str) -> None:
    if found := _LEFT.search(body):
        raise Unjoinable(f"{name} cannot be joined: {found[0]}")


def _held(name: str) -> str:
    return name.removesuffix(".js").replace("-", "_") + "$"
