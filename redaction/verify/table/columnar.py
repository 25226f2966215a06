"""Parquet, read by DuckDB: there is no second library for it here, so only the rules are checked anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from redaction.verify.table.faults import Unreadable


@dataclass(frozen=True)
class Columns:
    """A Parquet file as rows of text."""

    path: Path
    encoding: str = "utf-8"

    def records(self, _delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """This will give (row number, cells), the header first.

        :raises Unreadable: when DuckDB cannot read it.
        """
        config = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": "1",
        }
        try:
            with duckdb.connect(":memory:", config={**config, "memory_limit": "512MB"}) as connection:
                relation = connection.read_parquet(str(self.path))
                yield 1, list(relation.columns)
                cursor = connection.execute(
                    "SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(self.path)]
                )
                done = 1
                while rows := cursor.fetchmany(5000):
                    for number, row in enumerate(rows, done + 1):
                        yield number, ["" if cell is None else str(cell) for cell in row]
                    done += len(rows)
        except duckdb.Error as error:
            raise Unreadable(f"the Parquet file cannot be read ({type(error).__name__})") from None
