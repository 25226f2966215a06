"""Which rows a ``rows`` mark means: conditions on the values of the source."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import re2

from redaction.engines.table import times
from redaction.marks import Mark
from redaction.report import MarksError

PATTERN_LIMIT = 1000  # characters of an expression
PATTERN_MEMORY = 8 * 1024 * 1024  # bytes one compiled expression may take

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)

Test = Callable[[str], bool]
Predicate = Callable[[Sequence[str]], bool]


def compile_conditions(mark: Mark, header: Sequence[str], *, day_first: frozenset[str]) -> Predicate:
    """This will give a test for whether all conditions of a ``rows`` mark hold on a row.

    :raises MarksError: for a column that is not there, or an expression that cannot run in linear time.
    """
    tests: list[tuple[int, Test]] = []
    for condition in mark.get("keep") or mark.get("remove") or ():
        name = condition["column"]
        if name not in header:
            raise MarksError(f"there is no column {name!r}", mark_id=mark.id)
        test = _test(mark, condition["op"], condition["value"], day_first=name in day_first)
        tests.append((header.index(name), test))
    return lambda row: all(test(row[place]) for place, test in tests)


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


def number(text: str) -> Decimal | None:
    """This will read a plain decimal; exponents stay text, for a plate such as 12E4 is no number."""
    text = text.strip()
    return Decimal(text) if len(text) <= 100 and _NUMBER.fullmatch(text) else None


def _test(mark: Mark, operator: str, value: Any, *, day_first: bool) -> Test:
    if operator == "matches":
        return _expression(mark, value)
    operands = [
        Operand(each, day_first=day_first) for each in (value if operator in ("between", "in") else [value])
    ]
    if operator == "between":
        low, high = operands
        return lambda cell: low.order(cell) >= 0 >= high.order(cell)
    if operator in ("eq", "in"):
        return lambda cell: any(operand.order(cell) == 0 for operand in operands)
    if operator == "ne":
        return lambda cell: operands[0].order(cell) != 0
    raise MarksError(f"there is no condition {operator!r}", mark_id=mark.id)


def _expression(mark: Mark, pattern: str) -> Test:
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
    return lambda cell: compiled.search(cell) is not None
