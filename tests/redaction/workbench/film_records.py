"""Films as records, and their previews made as a worker makes them."""

import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from django.test import Client

from portal.core import files, jobs
from portal.core.models import Job, JobState
from redaction.workbench.models import Preview
from requests_app.custody.models import ResponsiveRecord
from tests.redaction.media_builders import a_video
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_record

import_module("redaction.workbench.tasks")  # a worker has it from Celery: the handler of previews


def a_film_record(*, seconds: float = 2, **fields: Any) -> ResponsiveRecord:
    with tempfile.TemporaryDirectory() as folder:
        film = a_video(Path(folder) / "cam.mp4", seconds=seconds, size=(96, 64), **fields)
        return a_record(content=film.read_bytes(), name="cam.mp4", title="Dashboard camera")


def work() -> int:
    """All previews that wait, and those that come of them; how many were made."""
    count = 0
    waiting = Job.objects.filter(kind="workbench.preview", state=JobState.PENDING)
    while (job := waiting.order_by("pk").first()) is not None:
        count += jobs.execute(job.pk)
    return count


def posted(client: Client, record: ResponsiveRecord, page: str, **data: Any) -> Any:
    """The answer to a script's POST."""
    return client.post(url(page, record), json.dumps(data), content_type="application/json")


def made(client: Client) -> tuple[ResponsiveRecord, Path]:
    """A film whose preview is there, and where that lies."""
    record = a_film_record()
    posted(client, record, "film-proxy")
    work()
    return record, files.path_of(Preview.objects.get(kind="proxy").address)
