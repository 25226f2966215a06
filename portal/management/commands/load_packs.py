from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.core.errors import DomainError
from requests_app.intake import services as intake
from requests_app.law import pack as packs
from requests_app.law import services as law


class Command(BaseCommand):
    help = "Load the law packs and the guided forms that come with the portal. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in sorted(packs.PACKS.glob("*.json")):
            if path.name != "schema.json":
                self._load(path)
        for name in intake.load_forms():
            self.stdout.write(f"form {name}")

    def _load(self, path: Path) -> None:
        try:
            row, created = law.load_pack(path=path)
        except DomainError as error:
            raise CommandError(f"{path.name}: {error}") from error
        self.stdout.write(f"{row}: {'loaded' if created else 'already there'}")
