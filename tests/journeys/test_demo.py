"""The whole demonstration as `make demo ONCE=1` runs it: real processes, four people, the refusals."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from portal.core.models import Job, JobState
from portal.demo import backlog
from redaction.release.models import ReleaseManifest
from requests_app.docket.models import RecordsRequest
from tests.processes import environment, remove_what_a_kill_left

pytestmark = pytest.mark.django_db(transaction=True)


def test_demonstration_holds_at_every_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EMAIL_URL", f"filemail:///{tmp_path}/mail")  # four slashes: an absolute path
    monkeypatch.setattr(backlog, "NUMBER", 6)
    said = StringIO()

    with override_settings(EMAIL_FILE_PATH=tmp_path / "mail"):
        call_command("demo", "--once", "--port", "8700", stdout=said)
    remove_what_a_kill_left()  # the demonstration kills its worker in the middle of a build

    told = said.getvalue()
    assert told.count("is released and closed") == 3
    assert told.count("withheld strings found nowhere") == 3
    assert "kill -9 of the worker in the middle of the build: built once" in told
    assert "An audit row edited in SQL" in told
    assert "is refused (422)" in told
    assert ReleaseManifest.objects.filter(status="issued").count() == 3
    assert RecordsRequest.objects.filed().count() == 9
    assert not Job.objects.filter(state__in=[JobState.FAILED, JobState.QUARANTINED]).exists()


def test_demonstration_refuses_to_run_without_demo_people() -> None:
    with override_settings(DEMO_PEOPLE=False), pytest.raises(CommandError, match="DAYLIGHT_DEMO"):
        call_command("demo", "--once")
