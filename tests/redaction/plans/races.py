"""Calls that run at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable, Sequence

from django.db import DatabaseError, connection

from portal.core.errors import DomainError
from tests.patience import SECONDS, comes


def together(calls: Sequence[Callable[[], object]]) -> list[object]:
    """This will start all calls at once and give their answers and refusals, in the order they came."""
    gate, answers = threading.Barrier(len(calls)), list[object]()

    def run(call: Callable[[], object]) -> None:
        try:
            gate.wait(SECONDS)
            answers.append(call())
        except (DomainError, DatabaseError) as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return answers


def until_another_waits() -> None:
    """This will return once another connection waits for a lock that this one holds.

    :raises TimeoutError: when none ever does.
    """

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            return bool(cursor.fetchone()[0])

    if not comes(waits):
        raise TimeoutError("No connection waits for a lock.")
