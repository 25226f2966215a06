from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.time import now
from redaction.release.models import ReleaseManifest
from redaction.release.rules import ReleaseStatus
from redaction.release.verifier import verify


class Command(BaseCommand):
    help = "Check a release package with the recipient's own program, then against this portal's rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("package", help="a ZIP file, or the folder it was unpacked to")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = verify.check(options["package"])
        except verify.CannotCheck as error:
            raise CommandError(f"CANNOT CHECK: {error}", returncode=verify.NO_CHECK) from error
        for line in verify.report(result):
            self.stdout.write(line)
        if result["verdict"] != verify.INTACT:
            raise CommandError("The package is not intact.", returncode=verify.NOT_INTACT)
        head = result["manifest"]
        found = (
            ReleaseManifest.objects.filter(
                request__number=head.get("request"),
                number=head.get("release"),
                key_fingerprint=result["fingerprint"],
                status__in=[ReleaseStatus.ISSUED, ReleaseStatus.RECALLED],
            )
            .select_related("request")
            .first()
        )
        if found is None or found.manifest_json.encode() != result["signed"]:
            raise CommandError("This portal never issued this package.", returncode=verify.NOT_INTACT)
        if found.status == ReleaseStatus.RECALLED:
            assert found.recalled_at is not None  # noqa: S101  a constraint says so
            raise CommandError(
                f"RECALLED on {found.recalled_at:%Y-%m-%d}: {found.recall_reason}",
                returncode=verify.NOT_INTACT,
            )
        newest = ReleaseManifest.objects.filter(request=found.request, status=ReleaseStatus.ISSUED).first()
        if newest is not None and newest.number > found.number:
            self.stdout.write(f"SUPERSEDED: release {newest.number} of this request is newer.")
        self.stdout.write(f"ISSUED by this portal; as of {now():%Y-%m-%d} it stands.")
