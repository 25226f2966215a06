"""``make bench``: every room's benchmark, as a table and JSON in var/bench; people run it, CI does not."""

import argparse
import importlib
import sys

from tests.bench import harness

ROOMS = ("pdf", "video", "table", "flight", "image", "detect", "clock", "workbench")


def main(arguments: list[str] | None = None) -> int:
    """This will measure the rooms named (default: all); 1 when a goal was missed or a room failed."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("rooms", nargs="*", default=ROOMS, help=f"of {', '.join(ROOMS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="shrinks each workload; 1 is the named one")
    options = parser.parse_args(arguments)
    rows: list[harness.Row] = []
    failed = []
    for room in options.rooms:
        if room not in ROOMS:
            parser.error(f"there is no room {room}")
        bench = harness.Bench(room, options.scale)
        harness.say(f"== {room}")
        try:
            importlib.import_module(f"tests.bench.{room}").measure(bench)
        except harness.Failed as error:
            harness.say(f"{room} failed: {error}")
            failed.append(room)
        rows += bench.rows
        harness.save(rows)
    harness.say("\n" + harness.table(rows))
    return 1 if failed or any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
