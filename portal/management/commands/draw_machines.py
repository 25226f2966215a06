from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.machines import document


class Command(BaseCommand):
    help = "Write docs/machines.md: a picture and a table of each state machine, from the tables in use."

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.BASE_DIR) / "docs" / "machines.md"
        target.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Wrote {target.relative_to(settings.BASE_DIR)}.")
