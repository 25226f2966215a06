from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.core.errors import DomainError
from requests_app.intake import services as intake
from requests_app.law import pack as packs
from requests_app.law import services as law


class Command(BaseCommand):
    help = "Load the law packs and the guided forms that come with the portal, or none. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [path for path in sorted(packs.PACKS.glob("*.json")) if path.name != "schema.json"]
        try:
            loaded = law.load_packs(paths=paths)
        except DomainError as error:
            raise CommandError(str(error)) from error
        for row, created in loaded:
            self.stdout.write(f"{row}: {'new' if created else 'unchanged'}")
        for name in intake.load_forms():
            self.stdout.write(f"form {name}")
