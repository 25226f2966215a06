"""What the portal refuses, shown: a guessed number, a disguised file, an edited audit row."""

from collections.abc import Callable
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import connection

from portal.audit.models import Entry
from portal.demo.browser import Browser, DemoError
from portal.demo.job import Case, MainJob
from portal.demo.material import disguised
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest

Say = Callable[[str], None]


def guessed_number(job: MainJob, case: Case) -> None:
    """This will have a stranger try a request's address and its number: both look like nothing is there."""
    stranger = job.browsers["stranger"] = Browser(job.base, "stranger")
    stranger.get("/account/login/code/")
    other = RecordsRequest.objects.filed().exclude(requester__email__startswith="ana.").first()
    address = f"/my/requests/{other.key if other else case.number}/"
    citizen = job.browsers["citizen"]
    citizen.get(f"/my/requests/{case.number}/", expect=404)
    citizen.get(address, expect=404)
    citizen.get(f"/desk/requests/{case.key}/", expect=404)
    stranger.get(f"/my/requests/{case.key}/")
    if "/account/login/" not in stranger.url:
        raise DemoError("a stranger saw a request without signing in")
    job.say(
        "A guessed number, another person's request and the staff's pages: 404 to the citizen; "
        "a stranger is sent to the sign-in"
    )


def disguised_file(job: MainJob, case: Case, folder: Path) -> None:
    """This will have the analyst upload a playlist named .mp4: refused, nothing kept, audited."""
    analyst = job.browsers["analyst"]
    before = ResponsiveRecord.objects.count()
    analyst.get(f"/desk/requests/{case.key}/records/add/")
    analyst.fill({"title": "Evidence film"}, files={"file": disguised(folder)}, expect=422)
    if ResponsiveRecord.objects.count() != before:
        raise DemoError("a disguised file was kept")
    if not Entry.objects.filter(request_key=case.key, outcome="denied").exists():
        raise DemoError("the refusal of a disguised file was not audited")
    job.say("A text file named evidence.mp4 is refused (422), nothing is kept, the refusal is audited")


def edited_audit_row(say: Say) -> None:
    """This will edit one audit row behind the application's back; the verifier names it; it is undone."""
    call_command("audit", "verify")
    row = Entry.objects.order_by("-seq")[5]
    _rewrite(row, "was-never-here")
    try:
        call_command("audit", "verify")
    except CommandError as found:
        if f"entry {row.seq} " not in str(found):
            raise DemoError(f"the verifier named the wrong entry: {found}") from found
        say(f"An audit row edited in SQL with the triggers switched off: “{found}”")
    else:
        raise DemoError("an edited audit row was not noticed")
    finally:
        _rewrite(row, row.action)
    call_command("audit", "verify")


def _rewrite(row: Entry, action: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET action = %s WHERE id = %s", [action, row.pk])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
