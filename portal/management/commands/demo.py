import shutil
import signal
import sys
import time
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.core.errors import DomainError
from portal.core.time import now
from portal.demo import backlog, cases, people, refusals
from portal.demo.browser import DemoError
from portal.demo.job import MainJob
from portal.demo.processes import Processes, free_port, serving


class Command(BaseCommand):
    help = "Do the whole main job over HTTP as four people, then serve until Ctrl-C. Loopback only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--once", action="store_true", help="exit after the job; 0 only if every step held"
        )
        parser.add_argument("--samples", type=Path, help="a folder of real files instead of made-up ones")
        parser.add_argument("--serve-only", action="store_true", help="serve what an earlier run left")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_PEOPLE:
            raise CommandError("The demonstration runs only where DAYLIGHT_DEMO is set. Use `make demo`.")
        began = time.monotonic()
        self.folder = Path(settings.DATA_DIR) / "demonstration"
        self.folder.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        call_command("load_packs", stdout=StringIO())
        people.an_agency(now())
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            with serving(free_port(options["port"]), self.folder / "logs") as processes:
                (Path(settings.DATA_DIR).parent / "address").write_text(processes.base)
                self._run(processes, options)
                self.say(f"All of it took {time.monotonic() - began:.0f} s.")
                if not options["once"]:
                    self._serve(processes)
        except (DemoError, DomainError) as error:
            raise CommandError(f"The demonstration stopped: {error}") from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _run(self, processes: Processes, options: dict[str, Any]) -> None:
        staff = people.staff()
        job = MainJob(processes, self.folder, staff, self.say)
        if options["serve_only"]:
            for name, person in staff.items():
                self.say(
                    f"{name}: {person.user.email} / {person.password} / authenticator secret {person.secret}"
                )
            return
        self.stdout.write(f"The site: {processes.base}")
        material = self.folder / "material"
        shutil.rmtree(material, ignore_errors=True)
        material.mkdir()
        today = timezone.localdate()
        samples = options["samples"]
        found = cases.from_samples(samples, material, today) if samples else cases.made_up(material, today)
        job.sign_in()
        job.publish_schedule(today)
        for case in found:
            job.file(case)
            job.find_records(case)
            if case is found[0]:
                refusals.disguised_file(job, case, material)
            job.finish_search(case)
            job.quote(case)
            job.redact(case)
            job.release(case)
            job.receive(case)
        added = backlog.fill(staff["analyst"].user)
        self.say(f"{added} further requests of all ages stand in the queue: {processes.base}/desk/")
        refusals.guessed_number(job, found[0])
        refusals.edited_audit_row(self.say)
        for name, person in staff.items():
            self.say(f"{name}: authenticator secret {person.secret} (sign in with the password above)")

    def _serve(self, processes: Processes) -> None:
        self.stdout.write(f"Serving {processes.base} until Ctrl-C.")
        while True:
            for name in list(processes.running):
                processes.require_alive(name)
            time.sleep(1)

    def say(self, text: str) -> None:
        self.stdout.write(f"  ✓ {text}")
        self.stdout.flush()
