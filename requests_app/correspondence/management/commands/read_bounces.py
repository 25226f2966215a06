"""``manage.py read_bounces [FILE|FOLDER|-]``: enter what the reports about our mails say."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.core.time import now
from requests_app.correspondence import bounce_box


class Command(BaseCommand):
    help = "Read delivery reports and complaints from a message, an mbox, a maildir or standard input (-)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", nargs="?", default="", help="without it: MAIL_BOUNCE_FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        source = options["source"]
        if source == "-":
            tally = bounce_box.read_messages([("standard input", sys.stdin.buffer.read())], at=now())
        elif source or settings.MAIL_BOUNCE_FOLDER:
            path = Path(source or settings.MAIL_BOUNCE_FOLDER)
            if not path.exists():
                raise CommandError(f"There is no {path}.")
            tally = bounce_box.read_path(path, at=now())
        else:
            raise CommandError("Name a file or a folder, or set MAIL_BOUNCE_FOLDER.")
        for why in tally.left:
            self.stderr.write(f"left: {why}")
        self.stdout.write(f"{tally.heard} heard, {tally.again} heard before, {len(tally.left)} left")
