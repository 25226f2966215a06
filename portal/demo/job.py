"""The main job over HTTP, as four signed-in people: from a published fee schedule to a verified ZIP."""

import json
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

from django.conf import settings

from portal.core.models import Job, JobState
from portal.demo import inspection
from portal.demo.browser import Browser, DemoError
from portal.demo.material import Material
from portal.demo.people import CITIZEN, Person
from portal.demo.processes import Processes
from redaction.plans.models import Review
from redaction.release.models import ReleaseManifest
from requests_app.docket.models import RecordsRequest
from requests_app.fees.models import PublishedSchedule, ScheduleStatus

WAIT_SECONDS = 180.0
RECOVERY_SECONDS = 90.0
Say = Callable[[str], None]


@dataclass
class Case:
    """One request of the demonstration: the form, the answers page by page, and what is found."""

    form: str
    answers: Sequence[dict[str, str]]
    material: Sequence[Material]
    work: dict[str, str]
    key: str = ""
    number: str = ""
    package: Path | None = None
    kill_the_worker: bool = False


@dataclass
class MainJob:
    """The four people, their browsers, and the steps. Each step prints and each can fail."""

    processes: Processes
    folder: Path
    staff: dict[str, Person]
    say: Say
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.processes.base

    def sign_in(self) -> None:
        """This will sign the three of the staff in by password and authenticator."""
        for name, person in self.staff.items():
            browser = self.browsers[name] = Browser(self.base, name)
            browser.get("/account/login/")
            browser.fill({"login": person.user.email, "password": person.password})
            browser.fill({"code": person.code()}, action="/2fa/authenticate/")
            self.say(f"{person.user.name} ({name}) signs in as {person.user.email} / {person.password}")
        self.browsers["citizen"] = Browser(self.base, "citizen")

    def publish_schedule(self, today: date) -> None:
        """This will have the administrator publish the fees, in force for every request behind."""
        admin = self.browsers["admin"]
        admin.get("/desk/fee-schedules/")
        if not PublishedSchedule.objects.filter(status=ScheduleStatus.PUBLISHED).exists():
            admin.get("/desk/fee-schedules/new/")
            begins = date(today.year - 1, 1, 1).isoformat()
            admin.fill({"name": "Fees of Larkspur PD", "effective_from": begins})
            admin.fill({}, action="/publish/")
        self.say(f"The fee schedule is in force: {self.base}/fees/")

    def file(self, case: Case) -> None:
        """This will file a request without an account: answers, e-mailed code, check, submit."""
        citizen = self.browsers["citizen"]
        citizen.get("/request/")
        citizen.choose("form", case.form)
        for answers in case.answers:
            citizen.fill(answers)
        if "/login/code/confirm" in citizen.url:
            citizen.fill({"code": self.mailed_code(CITIZEN)})
        if "/request/check/" not in citizen.url:
            citizen.get("/request/check/")
        citizen.fill({}, action="/request/check/")
        found = re.search(r"/request/filed/([\w-]+)/", citizen.url)
        if not found:
            raise DemoError(f"citizen: filing ended at {citizen.url}")
        case.key = found[1]
        row = RecordsRequest.objects.get(key=case.key)
        case.number = str(row.number)
        citizen.must_have(case.number)
        self.say(f"Ana Reyes files {case.number}, due {row.due_on}: {self.base}/my/requests/{case.key}/")

    def find_records(self, case: Case) -> None:
        """This will have the analyst accept, search and add what was found."""
        analyst = self.browsers["analyst"]
        self.do(analyst, case, "acknowledge")
        self.do(analyst, case, "start-search")
        for item in case.material:
            analyst.get(f"/desk/requests/{case.key}/records/add/")
            analyst.fill({"title": item.title}, files={"file": item.path})
            analyst.must_have(item.title)
        self.say(f"Rosa Quill adds {len(case.material)} record(s): {self.base}/desk/requests/{case.key}/")

    def finish_search(self, case: Case) -> None:
        """This will end the search, so that the review may begin."""
        self.do(self.browsers["analyst"], case, "finish-search")

    def quote(self, case: Case) -> None:
        """This will have the analyst fill the worksheet and send the estimate, and the citizen pay."""
        analyst, citizen = self.browsers["analyst"], self.browsers["citizen"]
        analyst.get(f"/desk/requests/{case.key}/fees/")
        analyst.fill(case.work)
        analyst.fill({}, action="/fees/send/")
        citizen.get(f"/my/requests/{case.key}/fees/")
        if not citizen.has_form("/answer/accept/"):
            self.say(f"Nothing is charged for {case.number}: the schedule has no charge for this work")
            return
        citizen.fill({}, action="/answer/accept/")
        citizen.fill({}, action="/fees/pay/", press=("gateway", "demo"))
        citizen.fill({}, action="/payments/demo/")
        self.say(f"Ana Reyes accepts and pays for {case.number}: {self.base}/my/requests/{case.key}/fees/")

    def redact(self, case: Case) -> None:
        """This will have the analyst mark and render, and the approver look and approve."""
        analyst, approver = self.browsers["analyst"], self.browsers["approver"]
        row = RecordsRequest.objects.get(key=case.key)
        pairs = list(zip(row.records.order_by("position"), case.material, strict=True))
        for record, item in pairs:
            analyst.get(f"/desk/records/{record.key}/marks/")
            marks = json.dumps({"version": 1, "marks": item.marks}, indent=1)
            analyst.fill({"marks": marks}, action="/marks/json/")
            analyst.get(f"/desk/records/{record.key}/marks/")
            analyst.fill({}, action="/render/")
        for record, _item in pairs:
            self.wait(f"the redacted copy of {record.title}", partial(self._rendered, record.pk))
            analyst.get(f"/desk/records/{record.key}/review/")
        self._refuse_self_approval(pairs[0][0].key)
        for record, item in pairs:
            approver.get(f"/desk/records/{record.key}/review/")
            approver.fill({}, action="/review/approve/")
            self.say(f"{item.title}: {len(item.marks)} marks applied and verified; Lena Marsh approves")

    def _refuse_self_approval(self, key: str) -> None:
        analyst = self.browsers["analyst"]
        analyst.get(f"/desk/records/{key}/review/")
        if analyst.has_form("/review/approve/"):
            raise DemoError("who marked a record is offered to approve it")
        analyst.must_have("another person has to approve it")

    def release(self, case: Case) -> None:
        """This will build the package, killing the worker in the middle once, and close the request."""
        analyst = self.browsers["analyst"]
        self.do(analyst, case, "finish-review")
        analyst.get(f"/desk/requests/{case.key}/release/")
        analyst.fill({"outcome_note": "Thank you for your patience."}, action="/release/create/")
        if case.kill_the_worker:
            self._kill_mid_build(case)
        self.wait(f"the release of {case.number}", lambda: self._issued(case))
        if ReleaseManifest.objects.filter(request__key=case.key, status="issued").count() != 1:
            raise DemoError(f"{case.number} was released more than once")
        if RecordsRequest.objects.get(key=case.key).status != "closed":
            raise DemoError(f"{case.number} is released but not closed")
        self.say(f"{case.number} is released and closed: {self.base}/desk/requests/{case.key}/release/")

    def _kill_mid_build(self, case: Case) -> None:
        manifest = ReleaseManifest.objects.get(request__key=case.key)
        build = Job.objects.filter(pk=manifest.job_id or 0)
        self.wait("the build to start", lambda: build.get().state == JobState.RUNNING)
        self.processes.kill("worker")
        state = build.get().state
        if state != JobState.RUNNING:
            raise DemoError(f"the build was {state} already when its worker was killed")
        began = time.monotonic()
        self.processes.start_worker()
        self.wait("the build to come back", lambda: self._issued(case), seconds=RECOVERY_SECONDS)
        took = time.monotonic() - began
        attempts = build.get().attempts
        self.say(
            "kill -9 of the worker in the middle of the build: built once, "
            f"{took:.0f} s later (attempt {attempts})"
        )

    def receive(self, case: Case) -> None:
        """This will download the ZIP as the citizen, verify it, look for leaks, and spoil one byte."""
        citizen = self.browsers["citizen"]
        citizen.get(f"/my/requests/{case.key}/downloads/")
        package = self.folder / f"{case.number}.zip"
        citizen.fill_to_file({}, package, action="/link/")
        case.package = package
        folder = self.folder / case.number
        shutil.rmtree(folder, ignore_errors=True)
        inspection.unpack(package, folder)
        code, said = inspection.verify(folder)
        if code != 0 or "intact" not in said.lower():
            raise DemoError(f"verify.py answered {code}: {said}")
        if not list(folder.glob("letter.pdf")):
            raise DemoError(f"the package of {case.number} has no letter.pdf")
        withheld = [text for item in case.material for text in (*item.withheld, item.path.name)]
        if found := inspection.leaks(package, withheld):
            raise DemoError(f"the package of {case.number} leaks: {'; '.join(found[:5])}")
        victim = next(path for path in sorted(folder.glob("records/*")) if path.is_file())
        spoiled = bytearray(victim.read_bytes())
        spoiled[len(spoiled) // 2] ^= 1
        victim.chmod(0o644)
        victim.write_bytes(spoiled)
        code, said = inspection.verify(folder)
        if code == 0 or victim.name not in said:
            raise DemoError(f"one changed byte in {victim.name} was not named: {code} {said}")
        spoiled[len(spoiled) // 2] ^= 1
        victim.write_bytes(spoiled)
        self.say(
            f"{case.number}.zip: verified, {len(withheld)} withheld strings found nowhere, "
            "one changed byte named"
        )
        self.say(f"  the package: {package}   the page: {self.base}/my/requests/{case.key}/downloads/")

    def do(self, browser: Browser, case: Case, action: str) -> None:
        """This will press one button of the request's page."""
        browser.get(f"/desk/requests/{case.key}/")
        browser.fill({}, action=f"/do/{action}/")

    def mailed_code(self, address: str) -> str:
        """This will read the newest code mailed to an address. :raises DemoError: when none came."""
        box = Path(str(settings.EMAIL_FILE_PATH))  # type: ignore[misc]  # only some backends have it
        for path in sorted(box.glob("*.log"), key=lambda p: p.stat().st_mtime, reverse=True):
            for raw in reversed(path.read_bytes().split(b"\n" + b"-" * 79 + b"\n")):
                mail = message_from_bytes(raw.strip(), policy=policy.default)
                body = mail.get_body(("plain",))
                code = re.search(r"\b(\d{6})\b", body.get_content()) if body is not None else None
                if address in str(mail["to"]) and code:
                    return code[1]
        raise DemoError(f"no code was mailed to {address}")

    def wait(self, what: str, done: Callable[[], bool], *, seconds: float = WAIT_SECONDS) -> None:
        """This will wait for background work. :raises DemoError: when it takes longer than it may."""
        until = time.monotonic() + seconds
        while not done():
            if time.monotonic() > until:
                raise DemoError(f"{what}: not done after {seconds:.0f} s")
            self.processes.require_alive("worker")
            time.sleep(0.05)

    def _rendered(self, record: int) -> bool:
        review = Review.objects.select_related("job").get(record_id=record)
        if review.job is not None and review.job.state in {JobState.FAILED, JobState.QUARANTINED}:
            raise DemoError(f"{review.record.title}: {review.job.told}")
        return review.status == "verified"

    def _issued(self, case: Case) -> bool:
        manifest = ReleaseManifest.objects.select_related("job").get(request__key=case.key)
        if manifest.status == "failed" or (
            manifest.job and manifest.job.state in {JobState.FAILED, JobState.QUARANTINED}
        ):
            raise DemoError(f"the build of {case.number} failed: {manifest.job.told if manifest.job else ''}")
        return manifest.status == "issued"
