"""The rules of a table as SQL: quick forms for the common spellings, and the Python rule for all others.

Every quick form sits behind a test of the cell's shape; what does not fit it goes to the function that
defines the rule (``times.coarsen``, ``plan.on_grid``, ``plan.normalise``, ``cells.is_formula``). Both give
the same answer wherever the quick form applies.
"""

from decimal import Decimal

from redaction.engines.table.database import quote

MASK = "REDACTED"
LARGEST_STEP = 1000  # of a grid that SQL reckons exactly

_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_STRIPPED = r"[\x00-\x20\x7f-]"
_HIDDEN = (
    r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{ad}\x{180e}\x{200b}\x{202a}-\x{202e}\x{2060}-\x{2064}"
    r"\x{2066}-\x{2069}\x{feff}\x{e0000}-\x{e007f}]"
)
_NUMBER = r"[ \t\n\r\f\x0b]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t\n\r\f\x0b]*"
_FORMULA = r"^[\x01-\x08\x0a-\x0c\x0e-\x20\x7f]*[=+\-@|%\t\r]"
_ISO = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z?"
_SLASHED = r"(\d{1,2}/\d{1,2}/\d{4},? )(\d{1,2}):\d{2}:\d{2}( ?[AaPp]M)?( UTC)?"
_ON_GRID = r"[+-]?\d{1,3}(\.\d{1,9})?"


def ascii_only(cell: str) -> str:
    return f"(strlen({cell}) = length({cell}))"


def starts_plainly(cell: str) -> str:
    """This will test for a letter or digit of ASCII at the start: no formula, no sign, no blank."""
    return (
        f"(({cell} >= '0' AND {cell} < ':') OR ({cell} >= 'A' AND {cell} < '[') "
        f"OR ({cell} >= 'a' AND {cell} < '{{'))"
    )


def normalised(cell: str, slow: str) -> str:
    bare = f"upper(regexp_replace({cell}, {quote(_STRIPPED)}, '', 'g'))"
    return (
        f"(CASE WHEN regexp_full_match({cell}, '[A-Z0-9]*') THEN {cell} "
        f"WHEN {ascii_only(cell)} THEN {bare} ELSE {slow}({cell}) END)"
    )


def pseudonym(plain: str, key: str) -> str:
    return f"(CASE WHEN {plain} = '' THEN '' ELSE 'P-' || left(sha256({quote(key)} || {plain}), 20) END)"


def prefix(cell: str, length: int) -> str:
    return f"left(trim({cell}, {quote(_BLANKS)}), {length})"


def is_blank(cell: str) -> str:
    # only what starts with a blank of some kind is trimmed, for a trim costs more than all else; DuckDB skips
    # branches of CASE, not of AND
    trimmed = f"trim({cell}, {quote(_BLANKS)}) = ''"
    odd = f"{cell} < '!' OR {cell} >= chr(127)"
    return f"(CASE WHEN {cell} = '' THEN true WHEN {odd} THEN {trimmed} ELSE false END)"


def is_usual(cell: str, to: str) -> str:
    """This will test for the shape whose coarsening needs no further look: see :func:`coarse_usual`."""
    return f"regexp_full_match({cell}, {quote(_ON_GRID if to.startswith('grid:') else _ISO)})"


def coarse_usual(cell: str, to: str, *, length: int | None = None) -> str:
    """This will coarsen a cell of the usual shape; ``length`` where all share it and none ends in Z."""
    if to.startswith("grid:"):
        return _grid_line(cell, Decimal(to[5:]))
    if length is not None:
        zeros = quote("" if length == 19 else "." + "0" * (length - 20))
    else:
        zone = f"right({cell}, 1) = 'Z'"
        fraction = f"left('.000000000', strlen({cell}) - 19 - ({zone})::INTEGER) || if({zone}, 'Z', '')"
        usual = f"WHEN strlen({cell}) = 19 THEN '' WHEN strlen({cell}) = 23 AND NOT {zone} THEN '.000'"
        zeros = f"CASE {usual} ELSE {fraction} END"
    return {
        "hour": f"(left({cell}, 13) || ':00:00' || {zeros})",
        "day": f"(left({cell}, 11) || '00:00:00' || {zeros})",
        "month": f"(left({cell}, 8) || '01' || {cell}[11] || '00:00:00' || {zeros})",
    }[to]


def coarse_time(cell: str, unit: str, slow: str) -> str:
    """This will zero what is finer than the unit; NULL for a cell that is lost."""
    quick = f"WHEN {is_usual(cell, unit)} THEN {coarse_usual(cell, unit)} "
    if unit == "hour":
        to = quote(r"\1\2:00:00\3\4")
        quick += (
            f"WHEN regexp_full_match({cell}, {quote(_SLASHED)}) "
            f"THEN regexp_replace({cell}, {quote(_SLASHED)}, {to}) "
        )
    return f"(CASE {quick}ELSE {slow}({cell}) END)"


def on_grid(cell: str, step: Decimal, slow: str) -> str:
    """This will put a number on the nearest line of the grid, halves to the even; NULL for a lost cell."""
    if step > LARGEST_STEP:
        return f"{slow}({cell})"
    return f"(CASE WHEN {is_usual(cell, 'grid:')} THEN {_grid_line(cell, step)} ELSE {slow}({cell}) END)"


def _grid_line(cell: str, step: Decimal) -> str:
    """Twelve digits and a step of at most 1000 leave no rounding error in a double near a half."""
    digits = max(0, -int(step.as_tuple().exponent))
    billionths = f"round({cell}::DOUBLE * 1e9)"
    # thirteen digits each: the product is below 10000 with nine decimals, and DuckDB stays within 64 bits
    lines = f"round_even({billionths} / {int(step.scaleb(9))}, 0)::BIGINT::DECIMAL(13,0)"
    return f"({lines} * {quote(str(step))}::DECIMAL(13,{digits}))::VARCHAR"


def has_hidden(cell: str) -> str:
    return f"regexp_matches({cell}, {quote(_HIDDEN)})"


def shown(cell: str) -> str:
    bare = f"regexp_replace({cell}, {quote(_HIDDEN)}, '', 'g')"
    return f"(CASE WHEN {has_hidden(cell)} THEN {bare} ELSE {cell} END)"


def is_formula(cell: str, slow: str) -> str:
    return (
        f"(CASE WHEN {cell} = '' OR {starts_plainly(cell)} THEN false "
        f"WHEN {ascii_only(cell)} THEN regexp_matches({cell}, {quote(_FORMULA)}) ELSE {slow}({cell}) END)"
    )


def is_number(cell: str) -> str:
    return f"regexp_full_match({cell}, {quote(_NUMBER)})"
