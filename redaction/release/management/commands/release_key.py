from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from redaction.release import signing


class Command(BaseCommand):
    help = (
        "Show the fingerprint of the release signing key; with --create make the key once if it is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--create", action="store_true", help="make the key (mode 0600) if there is none")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            signer = signing.load(Path(settings.RELEASE_SIGNING_KEY_FILE), create=options["create"])
        except signing.NoSigningKey as error:
            raise CommandError(str(error)) from error
        self.stdout.write(signer.public.fingerprint)
        self.stdout.write(signer.public.pem.decode())
