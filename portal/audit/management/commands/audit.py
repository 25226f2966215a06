from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit import services


class Command(BaseCommand):
    help = "Check the audit chain: `manage.py audit verify` exits 1 and names the first bad entry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = services.verify()
        if verdict.fault:
            raise CommandError(f"The audit chain is broken: {verdict.fault}.")
        self.stdout.write(f"The audit chain holds: {verdict.entries} entries, head {verdict.head[:16]}…")
