"""The workbench as a person meets it, in Chromium: time to the first page, memory, frames.

Goals of issue 5: the first page or frame under 1 s, a tab under 400 MB, no lagging while a mark is drawn. The
figures are the browser's own (marks, long tasks, frames, its process). The site runs as it is served, beside
a PostgreSQL and a Valkey of its own.
"""

import json
import os
import subprocess
import sys
from statistics import median
from typing import Any

from tests.bench import harness
from tests.bench.harness import Bench, Row
from tests.bench.workbench_inputs import Input, inputs

FIRST_MS, TAB_MIB, FRAME_MS = 1000.0, 400.0, 33.0
_DREW = {
    "pages": "a box drawn for 5 s",
    "film": "a box drawn for 5 s",
    "flight": "the map moved for 5 s",
    "table": "rows scrolled for 5 s",
}
_WALKED = {
    "pages": "turning its pages, 200 at most",
    "film": "5 minutes in steps of 5 s",
    "flight": "moving the map",
    "table": "500 rows turned",
}


def measure(bench: Bench) -> None:
    """This will measure each kind of record, cold and warm.

    :raises harness.Failed: when the site or the browser fails.
    """
    every = inputs(bench.folder, bench.scale)
    wanted = os.environ.get("WORKBENCH", "").split()
    chosen = [entry for entry in every if not wanted or entry.name in wanted]
    found = _measured(bench, chosen)
    for entry in chosen:
        _rows(bench, entry, found[entry.name])


def _measured(bench: Bench, chosen: list[Input]) -> dict[str, Any]:
    folder = bench.folder.absolute()
    listed = json.dumps([entry.as_dict() for entry in chosen])
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.bench.workbench_settings",
        "DAYLIGHT_DEMO": "1",
        "DAYLIGHT_DATA_DIR": str(folder / "files"),
        "PYTHONPATH": str(harness.ROOT),
    }
    done = subprocess.run(
        [
            sys.executable, "-m", "portal.services", "--data", str(folder / "services"), "--",
            sys.executable, "-m", "tests.bench.workbench_site", listed, str(folder),
        ],
        cwd=harness.ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise harness.Failed(f"the site or the browser ended with {done.returncode}; see above")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    (folder / "figures.json").write_text(json.dumps(found, indent=1))
    return found


def _rows(bench: Bench, entry: Input, found: dict[str, Any]) -> None:
    peer = found["peer"]
    for turn in ("cold", "warm"):
        ours, theirs = found[turn], peer.get(turn)
        child = ""
        if turn == "cold":
            child = f"; children {ours['child_seconds']:.2f} s of processor"
        bench.add(
            Row(
                id=f"workbench.{entry.name}.{turn}",
                workload=f"{entry.words}, opened {turn}",
                ours=f"{ours['ms']:.0f} ms",
                peer=f"{theirs['ms']:.0f} ms" if theirs else "",
                ratio=theirs["ms"] / ours["ms"] if theirs else None,
                goal=f"<= {FIRST_MS:g} ms",
                holds=ours["ms"] <= FIRST_MS,
                peak_mib=ours.get("child_mib"),
                note=f"answer {ours['response']:.0f} ms; {ours['requests']} requests, "
                f"{ours['bytes'] / 1000:,.0f} kB, longest task {ours['longest_ms']:.0f} ms{child}",
            )
        )
    _memory(bench, entry, found, peer)
    drawing = found["drawing"]
    bench.add(
        Row(
            id=f"workbench.{entry.name}.drawing",
            workload=f"{entry.words}, {_DREW[entry.stage]}",
            ours=f"p95 {drawing['p95_ms']:.0f} ms",
            goal=f"<= {FRAME_MS:g} ms",
            holds=drawing["p95_ms"] <= FRAME_MS,
            note=f"worst frame {drawing['worst_ms']:.0f} ms, longest task {drawing['longest_ms']:.0f} ms, "
            f"{drawing['dropped']:.0f} frames dropped beside {drawing['shown']:.0f} shown",
        )
    )


def _memory(bench: Bench, entry: Input, found: dict[str, Any], peer: dict[str, Any]) -> None:
    opened, walked = found["opened"], found["walked"]
    most, others = max(opened["tab_mib"], walked["tab_mib"]), ""
    if peer:
        others = f"{max(peer['opened']['tab_mib'], peer['walked']['tab_mib']):.0f} MiB"
    turned, theirs = found["turns"], peer.get("turns")
    steps = ""
    if turned:
        steps = f"; {len(turned)} steps, each {median(turned):.0f} ms, slowest {max(turned):.0f} ms"
    steps += f" (peer {median(theirs):.0f} and {max(theirs):.0f} ms)" if theirs else ""
    bench.add(
        Row(
            id=f"workbench.{entry.name}.memory",
            workload=f"{entry.words}, the tab after {_WALKED[entry.stage]}",
            ours=f"{most:.0f} MiB",
            peer=others,
            goal=f"<= {TAB_MIB:g} MiB",
            holds=most <= TAB_MIB,
            peak_mib=found["all"]["child_mib"],
            note=f"after opening {opened['tab_mib']:.0f}; objects {opened['heap_mib']:.0f} then "
            f"{walked['heap_mib']:.0f}; GPU process {walked['gpu_mib']:.0f}{steps}",
        )
    )
