"""The light structure staff write letters in: read, checked, printed as HTML. Pure; nothing is executed.

Lines: ``# heading``, ``## heading``, ``- item``, ``1. item``, a blank line between paragraphs, ``**bold**``.
``{{ field }}`` is a merge field. Alone on a line: ``[[if field]]``, ``[[if not field]]``, ``[[else]]``,
``[[end]]``, and ``[[says item]] … [[end]]`` around words that say what a law wants said. All else is text:
``{{7*7}}`` and ``{% x %}`` are printed as they stand, and what a field holds is never read for fields.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from html import escape

from requests_app.correspondence import characters

LONGEST = 20_000  # characters of one template
DEEPEST = 3  # blocks within blocks
TOKEN = re.compile(r"\{\{[ \t]{0,8}([A-Za-z](?:[^{}\n]{0,78}[^{}\s])?)[ \t]{0,8}\}\}")
_PAIR = re.compile(r"\{\{[^{}\n]*\}\}")
_COMMAND = re.compile(r"\[\[\s{0,8}(if not|if|says|else|end)(?:\s{1,8}([a-z0-9_-]{1,80}))?\s{0,8}\]\]")
_HEADING = re.compile(r"(#{1,2})\s+(.*)")
_ITEM = re.compile(r"(-|\d{1,3}\.)\s+(.*)")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")


@dataclass(frozen=True)
class Fault:
    """What is wrong in which line (1 is the first)."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}"


@dataclass(frozen=True)
class Words:
    """Lines that make one heading, paragraph or list: ``tag`` is h2, h3, p, ul or ol."""

    tag: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Choice:
    """Words for a filled field, and others for an empty one."""

    name: str
    line: int
    filled: "tuple[Node, ...]"
    empty: "tuple[Node, ...]"


@dataclass(frozen=True)
class Saying:
    """Words that say one thing a law wants said; ``item`` is its id in the pack."""

    item: str
    line: int
    body: "tuple[Node, ...]"


Node = Words | Choice | Saying


@dataclass(frozen=True)
class Filled:
    """A field's value as HTML: within a line, and as a block of its own where it is one."""

    inline: str
    block: str = ""
    is_block: bool = False

    def __bool__(self) -> bool:
        return bool(self.inline or self.block)


@dataclass
class Printed:
    """The HTML, the items its sayings say, the fields it shows, and those left as holes in a line."""

    html: str = ""
    said: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    holes: dict[str, int] = field(default_factory=dict)


@dataclass
class _Open:
    """A block whose end is still to come."""

    command: str
    name: str
    line: int
    nodes: list[Node] = field(default_factory=list)
    filled: list[Node] | None = None


def read(text: str) -> tuple[tuple[Node, ...], list[Fault]]:
    """This will read a template's body; blocks that do not fit together are faults."""
    stack = [_Open("", "", 0)]
    faults: list[Fault] = []
    run: list[tuple[int, str]] = []

    def finish() -> None:
        if run:
            stack[-1].nodes.append(_words(run))
            run.clear()

    for number, raw in enumerate(characters.straight(text).split("\n"), start=1):
        line = raw.strip()
        if not line.startswith("[["):
            tag = _tag(line)
            if not line or (run and tag != _tag(run[-1][1])) or tag in {"h2", "h3"} or _alone(line):
                finish()
            if line:
                run.append((number, line))
            if _alone(line):
                finish()
            continue
        finish()
        if fault := _command(line, number, stack):
            faults.append(Fault(number, fault))
    finish()
    faults.extend(Fault(each.line, f"“[[{each.command} …]]” has no [[end]].") for each in stack[1:])
    for each in reversed(stack[1:]):  # what was read is kept, so that other faults are told too
        stack[0].nodes.extend(each.nodes)
    return tuple(stack[0].nodes), faults


def _command(line: str, number: int, stack: list[_Open]) -> str:
    found = _COMMAND.fullmatch(line)
    command, name = (found[1], found[2] or "") if found else ("", "")
    if found is None or bool(name) == (command in {"else", "end"}):
        return (
            f"“{line[:60]}” is not known. Write [[if field]], [[if not field]], [[else]], [[end]] or"
            " [[says item]], alone on the line."
        )
    here = stack[-1]
    if command in {"if", "if not", "says"}:
        stack.append(_Open(command, name, number))
        return f"blocks stand at most {DEEPEST} deep." if len(stack) > DEEPEST + 1 else ""
    if command == "else":
        if here.command not in {"if", "if not"} or here.filled is not None:
            return "[[else]] belongs between [[if field]] and [[end]], once."
        here.filled, here.nodes = here.nodes, []
        return ""
    if len(stack) == 1:
        return "[[end]] has nothing to end."
    stack.pop()
    stack[-1].nodes.append(_closed(here))
    return ""


def _closed(done: _Open) -> Node:
    if done.command == "says":
        return Saying(done.name, done.line, tuple(done.nodes))
    first, second = (
        (tuple(done.nodes), ()) if done.filled is None else (tuple(done.filled), tuple(done.nodes))
    )
    if done.command == "if not":
        first, second = second, first
    return Choice(done.name, done.line, first, second)


def _tag(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        return "h2" if len(heading[1]) == 1 else "h3"
    if item := _ITEM.fullmatch(line):
        return "ul" if item[1] == "-" else "ol"
    return "p"


def _alone(line: str) -> bool:
    return bool(TOKEN.fullmatch(line))


def _words(run: Sequence[tuple[int, str]]) -> Words:
    tag = _tag(run[0][1])
    strip = {"h2": _HEADING, "h3": _HEADING, "ul": _ITEM, "ol": _ITEM}.get(tag)
    lines = ((number, strip.fullmatch(line)[2] if strip else line) for number, line in run)  # type: ignore[index]  # _tag matched it
    return Words(tag, tuple(lines))


def faults(text: str, known: Mapping[str, str]) -> list[Fault]:
    """This will list what keeps a text from being a template. ``known``: name of each field → its label."""
    if len(text) > LONGEST:
        return [Fault(1, f"the text has {len(text):,} characters; at most {LONGEST:,} fit.")]
    found = []
    for number, line in enumerate(characters.straight(text).split("\n"), start=1):
        if name := characters.unseen(line):
            found.append(Fault(number, f"an unseen character is in it ({name}). Type the line anew."))
        rest = _PAIR.sub("", line)
        if "{{" in rest or "}}" in rest:
            found.append(
                Fault(number, "“{{” and “}}” come in pairs, on one line; one of them has no partner.")
            )
        found.extend(
            _unknown(number, match[1], known) for match in TOKEN.finditer(line) if match[1] not in known
        )
        if not line.strip().startswith("[[") and _COMMAND.search(line):
            found.append(Fault(number, "a block in [[ ]] stands alone on its line."))
    nodes, misfits = read(text)
    asked = [(node.line, node.name) for node in _walk(nodes) if isinstance(node, Choice)]
    found.extend(_unknown(line, name, known) for line, name in asked if name not in known)
    return sorted([*found, *misfits], key=lambda fault: fault.line)


def _unknown(line: int, name: str, known: Mapping[str, str]) -> Fault:
    near = get_close_matches(name.lower().replace(" ", "_"), known, n=1)
    hint = f" Do you mean “{near[0]}”?" if near else ""
    return Fault(line, f"there is no field “{name[:60]}”.{hint} Known here: {', '.join(sorted(known))}.")


def _walk(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Choice):
            yield from _walk((*node.filled, *node.empty))
        elif isinstance(node, Saying):
            yield from _walk(node.body)


def places(text: str) -> tuple[set[str], set[str]]:
    """This will give (fields a template shows anywhere, items its sayings say)."""
    fields: set[str] = set()
    items: set[str] = set()
    for node in _walk(read(text)[0]):
        if isinstance(node, Words):
            fields |= {match[1] for _, line in node.lines for match in TOKEN.finditer(line)}
        elif isinstance(node, Saying):
            items.add(node.item)
    return fields, items


def merge(line: str, values: Mapping[str, Filled], printed: Printed, number: int = 1) -> str:
    """This will print one line: words escaped, bold, each field's value in its place."""
    kept: list[str] = []

    def place(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if not value:
            printed.holes.setdefault(match[1], number)
            return ""
        printed.shown.add(match[1])
        kept.append(value.inline)
        return f"\ue000{len(kept) - 1}\ue001"

    words = escape(TOKEN.sub(place, line), quote=False)
    words = _BOLD.sub(r"<strong>\1</strong>", words)
    return re.sub("\ue000(\\d+)\ue001", lambda match: kept[int(match[1])], words)


def show(text: str, values: Mapping[str, Filled]) -> Printed:
    """This will print a template as HTML with its fields filled; an empty field in a line is a hole."""
    printed = Printed()
    printed.html = "\n".join(_show(read(text)[0], values, printed))
    return printed


def sayings(text: str, values: Mapping[str, Filled]) -> dict[str, str]:
    """This will print each saying of a template that has no hole: item → HTML."""
    found = {}
    for node in _walk(read(text)[0]):
        if isinstance(node, Saying):
            printed = Printed()
            html = "\n".join(_show((node,), values, printed))
            if node.item in printed.said:
                found[node.item] = html
    return found


def _show(nodes: Sequence[Node], values: Mapping[str, Filled], printed: Printed) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Words):
            yield from _show_words(node, values, printed)
        elif isinstance(node, Choice):
            yield from _show(node.filled if values.get(node.name) else node.empty, values, printed)
        else:
            inner = Printed(shown=printed.shown)
            yield from (lines := list(_show(node.body, values, inner)))
            printed.said |= inner.said
            for name, number in inner.holes.items():
                printed.holes.setdefault(name, number)
            if "".join(lines).strip() and not inner.holes:
                printed.said.add(node.item)


def _show_words(node: Words, values: Mapping[str, Filled], printed: Printed) -> Iterator[str]:
    first = node.lines[0][1]
    if (token := TOKEN.fullmatch(first)) and node.tag == "p":
        value = values.get(token[1])
        if value and value.is_block:
            printed.shown.add(token[1])
            yield value.block
            return
    lines = [merge(line, values, printed, number) for number, line in node.lines]
    if node.tag in {"ul", "ol"}:
        yield f"<{node.tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{node.tag}>"
    else:
        yield f"<{node.tag}>{' '.join(lines)}</{node.tag}>"
