"""Run beside PostgreSQL and Valkey: takes the records in, serves the site, opens each, prints what was met.

``python -m tests.bench.workbench_site INPUTS FOLDER``; the last line is JSON. Web server and worker are those
of the demonstration. The web server is a fresh one for each record, so that a cold opening is really the
first: nothing of the record is known to any process, cache or browser.
"""

import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import django

READ = 1 << 20  # bytes
SETTLED = 3.0  # seconds a server has been up when the first person comes


def main(inputs: list[dict[str, str]], folder: Path) -> dict[str, Any]:
    """This will measure each input and give the figures by its name."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what it has started ends with it
    django.setup()

    from django.conf import settings
    from django.core.cache import cache
    from django.core.management import call_command

    from portal.core.time import now
    from portal.demo import people
    from tests.bench import workbench_peers, workbench_tab

    call_command("migrate", verbosity=0)
    call_command("load_packs", stdout=StringIO())
    # no page of the desk has anything of these
    others = ["admin", "rest_framework", "drf_spectacular_sidecar", "ext"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=others)
    _forget(Path(settings.DATA_DIR))
    cache.clear()
    people.an_agency(now())
    analyst = people.staff()["analyst"].user
    found: dict[str, Any] = {}
    with workbench_peers.serving(folder, [Path(entry["path"]) for entry in inputs]) as peer:
        for entry in inputs:
            began = time.perf_counter()
            key = _taken_in(entry, analyst)
            with _served(folder / "logs", entry["stage"]) as site:
                web = [site.running["web"].pid]
                visit = workbench_tab.Visit(site.base, _cookie(analyst), web, peer, folder)
                found[entry["name"]] = visit.measured(entry, key)
            sys.stderr.write(f"   {entry['name']}: {time.perf_counter() - began:.0f} s\n")
            sys.stderr.flush()
    _forget(Path(settings.DATA_DIR))
    return found


def _forget(data: Path) -> None:
    """Previews of an earlier run, for the same bytes would be known again; the records stay."""
    from portal.core.models import Job, JobState
    from redaction.workbench.models import Preview

    waiting = Job.objects.filter(state__in=(JobState.PENDING, JobState.RUNNING))
    waiting.update(state=JobState.FAILED, error="The benchmark has ended.")
    Preview.objects.all().delete()
    for name in ("previews", "segments"):
        shutil.rmtree(data / name, ignore_errors=True)


def _taken_in(entry: dict[str, str], analyst: Any) -> str:
    """A request of its own with this one record, come in by the front door."""
    from portal.core.time import now
    from requests_app.custody import services as custody
    from requests_app.docket.models import RecordsRequest
    from requests_app.docket.rules import Status
    from requests_app.law.models import Agency, LawPack

    agency = Agency.objects.get()
    pack = LawPack.objects.filter(code=agency.law).order_by("-effective_from", "-pk")[0]
    number = f"B-{RecordsRequest.objects.count() + 1:06d}"
    request = RecordsRequest.objects.create(
        agency=agency, requester=analyst, status=Status.SEARCHING, form_code="video", number=number,
        received_at=now(), law_code=pack.code, law_version=pack.version,
    )  # fmt: skip
    source = Path(entry["path"])
    record = custody.add_record(
        request=request,
        upload=_pieces(source),
        name=source.name,
        title=entry["name"],
        actor=analyst,
        at=now(),
    )
    return str(record.key)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(READ):
            yield piece


@contextmanager
def _served(logs: Path, stage: str) -> Iterator[Any]:
    """The demonstration's web server on a free port, with a worker where the stage asks for one."""
    from portal.demo.processes import Processes, free_port

    processes = Processes(free_port(8100), logs)
    try:
        if stage in ("film", "table"):
            processes.start_worker()
        processes.start_web()
        time.sleep(SETTLED)
        yield processes
    finally:
        processes.stop()


def _cookie(user: Any) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}


if __name__ == "__main__":
    result = main(json.loads(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(json.dumps(result) + "\n")
