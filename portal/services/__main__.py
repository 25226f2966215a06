"""The command line: ``python -m portal.services [--data DIR] -- COMMAND ARGUMENT...``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from portal.services import embedded, supervisor


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command with PostgreSQL and Valkey beside it; give back its exit code.

    With DATABASE_URL and REDIS_URL in the environment the command runs with those, and nothing is started.
    """
    options = _parse(sys.argv[1:] if arguments is None else list(arguments))
    try:
        if options.erase:
            embedded.erase(options.data)
            return 0
        given = [name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
        if len(given) == 2:
            sys.stdout.flush()
            os.execvp(options.command[0], options.command)  # noqa: S606 - the command the person typed
        if given:
            raise embedded.ServicesError(f"Only {given[0]} is set. Set both addresses, or neither.")
        return supervisor.supervise(
            options.data, options.command, fsync=not options.temporary, temporary=options.temporary
        )
    except (embedded.ServicesError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m portal.services", description="Run a command with PostgreSQL and Valkey beside it."
    )
    parser.add_argument("--data", type=Path, default=Path("var/services"), help="folder of the servers' data")
    parser.add_argument("--temporary", action="store_true", help="unsafe and quick; the data is removed")
    parser.add_argument("--erase", action="store_true", help="remove the data instead of running a command")
    parser.add_argument("command", nargs="*", help="what to run, after --")
    options = parser.parse_args(arguments)
    if not options.command and not options.erase:
        parser.error("name a command to run, after --")
    return options


if __name__ == "__main__":
    sys.exit(main())
