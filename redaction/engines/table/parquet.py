"""Parquet as a table of text: every cell as DuckDB spells it, times as ISO."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from redaction.engines.table.database import Database, name, quote
from redaction.engines.table.shape import BadTable

_OPAQUE = ("STRUCT", "MAP", "UNION", "BLOB", "BIT", "GEOMETRY", "VARIANT")


def header(path: Path) -> tuple[str, ...]:
    """This will give the names of the columns.

    :raises BadTable: when the file cannot be read, or a column holds no plain values.
    """
    return tuple(columns(path))


def columns(path: Path) -> dict[str, str]:
    """This will give each column's type by its name.

    :raises BadTable: when the file cannot be read, or its names cannot be told apart.
    """
    with tempfile.TemporaryDirectory() as scratch, Database(Path(scratch), [path]) as database:
        try:
            found = database.rows(f"DESCRIBE SELECT * FROM read_parquet({quote(str(path))})")
            schema = database.rows(f"SELECT name FROM parquet_schema({quote(str(path))})")
        except duckdb.Error as error:
            raise BadTable(f"the Parquet file cannot be read ({type(error).__name__})") from None
    kinds = {str(row[0]): str(row[1]) for row in found}
    known = {str(row[0]) for row in schema}
    for column, kind in kinds.items():
        if column not in known:
            raise BadTable(f"column {column!r}: two columns have the same name but for capitals")
        if kind.endswith("]") or kind.startswith(_OPAQUE):
            raise BadTable(f"column {column!r} holds {kind.lower()}; export plain values only")
    return kinds


def source(path: Path, header: tuple[str, ...]) -> str:
    """This will give the file as a relation of texts named c0, c1, …"""
    cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS c{place}" for place, column in enumerate(header))
    return f"(SELECT {cells} FROM read_parquet({quote(str(path))}))"


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """This will give (row number, cells); the header counts as row 1."""
    names = header(path)
    with tempfile.TemporaryDirectory() as scratch, Database(Path(scratch), [path]) as database:
        try:
            for number, row in enumerate(database.stream(f"SELECT * FROM {source(path, names)}"), 2):
                yield number, ["" if cell is None else str(cell) for cell in row]
        except duckdb.Error as error:
            raise BadTable(f"the Parquet file cannot be read ({type(error).__name__})") from None
