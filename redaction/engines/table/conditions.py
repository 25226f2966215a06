"""Which rows a ``rows`` mark means: conditions on the values of the source."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import re2

from redaction.engines.table import times
from redaction.engines.table.database import quote
from redaction.engines.table.expressions import starts_plainly
from redaction.marks import Mark
from redaction.report import MarksError

PATTERN_LIMIT = 1000  # characters of an expression
PATTERN_MEMORY = 8 * 1024 * 1024  # bytes one compiled expression may take

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_PLAIN = r"[+-]?\d{1,15}(\.\d{1,12})?"
_CLOCKED = r"(19|20)\d\d-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"

Test = Callable[[str], bool]
Quick = Callable[[str, str], str]


@dataclass(frozen=True)
class Condition:
    """One condition: where its cell is, the rule in Python, and the same in SQL where that is certain.

    ``quick`` takes the name of a cell and of the function that ``holds`` goes by.
    """

    place: int
    holds: Test
    quick: Quick


def compile_conditions(mark: Mark, header: Sequence[str], *, day_first: frozenset[str]) -> list[Condition]:
    """This will give the conditions of a ``rows`` mark; all must hold.

    :raises MarksError: for a column that is not there, or an expression that cannot run in linear time.
    """
    compiled = []
    for condition in mark.get("keep") or mark.get("remove") or ():
        name = condition["column"]
        if name not in header:
            raise MarksError(f"there is no column {name!r}", mark_id=mark.id)
        holds, quick = _test(mark, condition["op"], condition["value"], day_first=name in day_first)
        compiled.append(Condition(header.index(name), holds, quick))
    return compiled


class Operand:
    """A mark's value, read once: it compares as a number, else as a time, else as text."""

    def __init__(self, value: str | float, *, day_first: bool = False) -> None:
        self._text = str(value)
        self._number = number(self._text)
        self._moment = None if self._number is not None else times.parse(self._text, day_first=day_first)
        self._day_first = day_first

    def order(self, cell: str) -> int:
        """This will give -1, 0 or 1 for a cell against the value."""
        if self._number is not None and (mine := number(cell)) is not None:
            return (mine > self._number) - (mine < self._number)
        if self._moment is not None:
            this = times.parse(cell, day_first=self._day_first)
            if this is not None:
                return times.compare(this, self._moment)
        return (cell > self._text) - (cell < self._text)

    def against(self, cell: str, sign: str) -> list[tuple[str, str]]:
        """This will give pairs of SQL: a shape of cell, and whether ``cell sign value`` holds for it."""
        if "\0" in self._text:
            return []
        text = f"{cell} {sign} {quote(self._text)}"
        if self._number is not None:
            if not re.fullmatch(_PLAIN, self._text.strip(), re.ASCII):
                return []
            exact = f"{quote(self._text.strip())}::DECIMAL(30,12)"
            numbers = f"{cell}::DECIMAL(30,12) {sign} {exact}"
            letter = f"{starts_plainly(cell)} AND {cell} >= 'A'"
            return [(f"regexp_full_match({cell}, {quote(_PLAIN)})", numbers), (letter, text)]
        if self._moment is None:
            return [("true", text)]
        at = self._moment.at.replace(tzinfo=None)
        shape = f"regexp_full_match({cell}, {quote(_CLOCKED)}) AND try_cast({cell} AS TIMESTAMP) IS NOT NULL"
        if self._moment.whole_day:
            whole = f"try_cast({cell} AS TIMESTAMP)::DATE {sign} {quote(at.date().isoformat())}::DATE"
            return [(shape, whole)]
        return [(shape, f"try_cast({cell} AS TIMESTAMP) {sign} {quote(at.isoformat(' '))}::TIMESTAMP")]


def number(text: str) -> Decimal | None:
    """This will read a plain decimal; exponents stay text, for a plate such as 12E4 is no number."""
    text = text.strip()
    return Decimal(text) if len(text) <= 100 and _NUMBER.fullmatch(text) else None


def _test(mark: Mark, operator: str, value: Any, *, day_first: bool) -> tuple[Test, Quick]:
    if operator == "matches":
        return _expression(mark, value)
    values = value if operator in ("between", "in") else [value]
    operands = [Operand(each, day_first=day_first) for each in values]
    if operator == "between":
        low, high = operands
        return lambda cell: low.order(cell) >= 0 >= high.order(cell), _quick(
            [(low, ">="), (high, "<=")], "AND"
        )
    if operator in ("eq", "in"):
        return (
            lambda cell: any(operand.order(cell) == 0 for operand in operands),
            _quick([(operand, "=") for operand in operands], "OR"),
        )
    if operator == "ne":
        return lambda cell: operands[0].order(cell) != 0, _quick([(operands[0], "<>")], "AND")
    raise MarksError(f"there is no condition {operator!r}", mark_id=mark.id)


def _quick(tests: Sequence[tuple[Operand, str]], joint: str) -> Quick:
    """The whole condition in SQL for cells of a shape that each operand knows, else the Python rule."""

    def build(cell: str, slow: str) -> str:
        if not any(operand.against(cell, sign) for operand, sign in tests):
            return f"{slow}({cell})"
        parts = []
        for operand, sign in tests:
            cases = " ".join(f"WHEN {shape} THEN {held}" for shape, held in operand.against(cell, sign))
            parts.append(f"(CASE {cases} END)" if cases else "NULL")
        # NULL where one operand does not know the shape: then the answer, if still open, is the rule's
        return f"coalesce({f' {joint} '.join(parts)}, {slow}({cell}))"

    return build


def _expression(mark: Mark, pattern: str) -> tuple[Test, Quick]:
    if len(pattern) > PATTERN_LIMIT:
        raise MarksError(f"the expression is longer than {PATTERN_LIMIT} characters", mark_id=mark.id)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise MarksError(
            f"the expression cannot be used: {said} (RE2 syntax: no look-around, no back-references)",
            mark_id=mark.id,
        ) from None
    return (
        lambda cell: compiled.search(cell) is not None,
        lambda cell, slow: (
            f"{slow}({cell})" if "\0" in pattern else f"regexp_matches({cell}, {quote(pattern)})"
        ),
    )
