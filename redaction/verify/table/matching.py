"""The quick comparison of a block: columns against columns, where no row is of the own plate."""

import re
from collections.abc import Sequence

from redaction.verify.table import blocks
from redaction.verify.table.expectation import MASK, Expected
from redaction.verify.table.values import coarse

Columns = Sequence[Sequence[str]]

_ALIASES = re.compile(r"(?:(?:P-[0-9a-f]{20})?\n)*+")


def quick_faults(expected: Expected, source: Columns, output: Columns) -> bool:
    """This will tell whether any cell might be wrong; only then need the rows be looked at one by one."""
    for (place, name, mark), column in zip(expected.released, output, strict=True):
        origin, action = source[place], mark["action"]
        if action == "mask":
            fine = column.count(MASK) == len(column)
        elif action == "release":
            fine = _same(origin, column)
        elif action == "pseudonym":
            fine = _aliases_hold(expected, name, origin, column)
        else:
            to = str(mark["to"])
            fine = all(coarse(one, to) == two for one, two in set(zip(origin, column, strict=True)))
        if not fine:
            return True
    return False


def _same(origin: Sequence[str], column: Sequence[str]) -> bool:
    if tuple(origin) == tuple(column):
        return "".join(column).isprintable()
    pairs = set(zip(origin, column, strict=True))
    return all(two in (one, "'" + one) and one.isprintable() for one, two in pairs)


def _aliases_hold(expected: Expected, name: str, origin: Sequence[str], column: Sequence[str]) -> bool:
    if _ALIASES.fullmatch("\n".join(column) + "\n") is None:
        return False
    pairs = set(zip(blocks.plates(origin), column, strict=True))
    if len({value for value, _ in pairs}) != len(pairs) or len({cell for _, cell in pairs}) != len(pairs):
        return False
    aliases, values = expected.aliases, expected.values
    for value, cell in pairs:
        if bool(value) != bool(cell):
            return False
        mine, alias = hash((name, value)), hash((name, cell))
        if aliases.get(mine, alias) != alias or values.get(alias, mine) != mine:
            return False
    return True


def keys_of(
    expected: Expected, source: Columns, output: Columns
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]] | None:
    """This will give what source rows should look like and output rows do, pseudonyms and masks apart.

    None when a cell is of a kind whose right answer is not known beforehand.
    """
    wanted: list[Sequence[str]] = []
    found: list[Sequence[str]] = []
    for number, (place, _, mark) in enumerate(expected.released):
        action = mark["action"]
        if action in ("mask", "pseudonym"):
            continue
        if action == "release":
            wanted.append([cell.lstrip("'") for cell in source[place]])
        else:
            known = {cell: coarse(cell, str(mark["to"])) for cell in set(source[place])}
            answers = [known[cell] for cell in source[place]]
            if None in answers:
                return None
            wanted.append([str(answer).lstrip("'") for answer in answers])
        if output:
            found.append([cell.lstrip("'") for cell in output[number]])
    if not wanted:
        return None
    return list(zip(*wanted, strict=True)), list(zip(*found, strict=True)) if output else []
