"""Due dates: 100,000 open requests counted anew on a real PostgreSQL, and the bare arithmetic against peers.

Goal of the issue: 60 s on two cores. The peers: our own single derivation in a loop over rows, and a bare
loop of ``holidays`` and ``datetime`` that knows no law at all.
"""

import json
import os
import subprocess
import sys
import time

from tests.bench import harness
from tests.bench.harness import Bench, Row

REQUESTS = 100_000
GOAL = 60.0
_ENV = {"DJANGO_SETTINGS_MODULE": "portal.settings.test"}

_RECOUNT = """
import json, random, sys, time
from datetime import UTC, datetime, timedelta
import django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
from portal.accounts.models import User
from requests_app.clock import recount, services
from requests_app.clock.models import ClockEvent
from requests_app.docket.models import RecordsRequest
from requests_app.law import services as law
from requests_app.law.models import Agency, ClosureDay
from requests_app.law.pack import PACKS

count, single = int(sys.argv[1]), int(sys.argv[2])
chance, start = random.Random(4), datetime(2026, 9, 1, 15, tzinfo=UTC)
agency = Agency.objects.create(name="Bench", short_name="Bench", law="TX", contact_name="A",
    contact_title="B", contact_email="a@b.example", contact_phone="1", address="x")
pack = law.load_pack(path=PACKS / "TX.json")[0]
law.use_pack(agency=agency, pack=pack, actor=None, at=start, reason="bench")
person = User.objects.create_user("bench@b.example", None)
ClosureDay.objects.create(agency=agency, day="2026-11-10", reason="Burst pipe")
for first in range(0, count, 5000):
    rows = RecordsRequest.objects.bulk_create(
        RecordsRequest(agency=agency, requester=person, status="accepted", form_code="video",
            number=f"26-{first + n:06d}",
            received_at=start + timedelta(minutes=chance.randrange(60 * 24 * 80)),
            law_code=pack.code, law_version=pack.version,
            record_type=chance.choice(["", "body_worn_camera"]))
        for n in range(min(5000, count - first)))
    events = []
    for row in rows:
        at = row.received_at
        events.append(ClockEvent(request=row, type="received", at=at))
        events.append(ClockEvent(request=row, type="acknowledged", at=at + timedelta(hours=9)))
        asked = chance.random()
        if asked < 0.3:
            events.append(ClockEvent(request=row, type="clarification_sent", at=at + timedelta(days=2)))
            if asked < 0.2:
                answered = at + timedelta(days=chance.randrange(3, 20))
                events.append(ClockEvent(request=row, type="clarification_answered", at=answered))
        elif asked < 0.5:
            events.append(ClockEvent(request=row, type="estimate_sent", at=at + timedelta(days=3)))
    ClockEvent.objects.bulk_create(events)
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
began, moved, busy = time.perf_counter(), 0, time.process_time()
for _, chunk in recount.recount(agency):
    moved += len(chunk)
bulk, busy = time.perf_counter() - began, time.process_time() - busy
began = time.perf_counter()
again = sum(len(chunk) for _, chunk in recount.recount(agency))
quiet = time.perf_counter() - began
began = time.perf_counter()
for row in RecordsRequest.objects.select_related("agency").order_by("pk")[:single]:
    services.refresh_due(row)
loop = time.perf_counter() - began
print(json.dumps({"bulk": bulk, "busy": busy, "moved": moved, "quiet": quiet, "again": again, "loop": loop}))
"""
_OURS = """
from datetime import date, timedelta
from requests_app.law.pack import shipped
calendar = shipped("US").calendar.joined({}, frozenset())
day = date(2026, 1, 1)
for n in range(200_000):
    calendar.plus(day + timedelta(days=n % 700), 20, "business_day")
"""
_BARE = """
from datetime import date, timedelta
import holidays
off, one = holidays.US(years=range(2026, 2030)), timedelta(days=1)
for n in range(200_000):
    day, left = date(2026, 1, 1) + timedelta(days=n % 700), 20
    while left:
        day += one
        left -= day.weekday() < 5 and day not in off
"""


def measure(bench: Bench) -> None:
    """This will measure the recount and the counting of business days.

    :raises harness.Failed: when the measured program fails, or a second recount finds anything to move.
    """
    count = max(int(REQUESTS * bench.scale), 1000)
    found = _recount(bench, count, max(count // 100, 100))
    per_loop = found["loop"] / max(count // 100, 100)
    bench.add(
        Row(
            id="clock.recount",
            workload=f"{count:,} open requests, {int(found['moved']):,} dates written",
            ours=f"{found['bulk']:.1f} s",
            peer=f"{per_loop * count:.0f} s",
            ratio=per_loop * count / found["bulk"],
            goal=f"<= {GOAL * bench.scale:g} s",
            holds=found["bulk"] <= GOAL * bench.scale,
            note=f"peer: the single derivation row by row, from {max(count // 100, 100)} rows; "
            f"processor {found['busy']:.1f} s; with nothing to move {found['quiet']:.1f} s",
        )
    )
    bench.versus(
        "clock.business_days",
        "200,000 times 20 federal business days",
        ours=harness.python(_OURS),
        peer=harness.python(_BARE),
        goal=1.0,
        note="peer: the holidays package and a loop",
    )


def _recount(bench: Bench, count: int, single: int) -> dict[str, float]:
    data = str(bench.folder / "services")
    call = [
        sys.executable, "-m", "portal.services", "--temporary", "--data", data, "--", sys.executable,
         "-c", _RECOUNT, str(count), str(single),
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        call, cwd=harness.ROOT, env={**os.environ, **_ENV, "PYTHONPATH": str(harness.ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    harness.say(f"   made and measured in {time.perf_counter() - began:.0f} s")
    if done.returncode != 0:
        raise harness.Failed(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    if found["again"]:
        raise harness.Failed(f"a second recount moved {found['again']:.0f} dates")
    return found
