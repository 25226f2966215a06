"""DuckDB as a bounded tool: two threads, fixed memory, own folder, no other file, extension or network."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from duckdb import func

from redaction.report import Refused

MEMORY = "640MB"
DISK = "100GB"
THREADS = 2
BATCH = 5000
PAUSE = 0.5  # seconds between two looks at a running statement

Progress = Callable[[float, str], None]


class Database:
    """One in-memory database that may read and write the named files and nothing else."""

    def __init__(self, scratch: Path, files: Sequence[Path]) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": MEMORY,
                "threads": str(THREADS),
                "temp_directory": str(scratch / "spill"),
                "max_temp_directory_size": DISK,
                "preserve_insertion_order": "true",
            },
        )
        allowed = ", ".join(quote(str(path)) for path in files)
        self._connection.execute(f"SET allowed_paths = [{allowed}]")
        self._connection.execute("SET enable_external_access = false")

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def function(
        self, name: str, call: Callable[[Any], Any], kind: str = "VARCHAR", *, of: str = "VARCHAR"
    ) -> None:
        """This will offer a Python function of one value to the statements, for what SQL cannot say."""
        self._connection.create_function(
            name,
            call,
            [of],
            kind,
            type=func.PythonUDFType.NATIVE,
            null_handling=func.FunctionNullHandling.SPECIAL,
            side_effects=False,
        )

    def rows(self, statement: str, beat: Callable[[float], None] | None = None) -> list[tuple[Any, ...]]:
        """This will run one statement and give all its rows; ``beat`` hears a share from 0 to 1 meanwhile.

        :raises duckdb.Error: as DuckDB does; :class:`Refused` when its disk or memory is not enough.
        """
        if beat is None:
            return self._run(statement)
        answer: list[Any] = []
        thread = threading.Thread(target=self._into, args=(statement, answer), daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(PAUSE)
                if thread.is_alive():
                    beat(max(0.0, self._connection.query_progress() / 100))
        finally:
            if thread.is_alive():
                self._connection.interrupt()
                thread.join()
        if isinstance(answer[0], BaseException):
            raise answer[0]
        rows: list[tuple[Any, ...]] = answer[0]
        return rows

    def stream(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """This will give the rows of one statement, a few thousand in memory at a time."""
        cursor = self._connection.execute(statement)
        while rows := cursor.fetchmany(BATCH):
            yield from rows

    def _into(self, statement: str, answer: list[Any]) -> None:
        try:
            answer.append(self._run(statement))
        except BaseException as error:
            answer.append(error)

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement).fetchall()
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise Refused(
                f"the table needs more memory or scratch disk than there is ({type(error).__name__})"
            ) from error


def quote(text: str) -> str:
    """This will write a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
