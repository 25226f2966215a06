from typing import Any

import pytest
from django.db import DatabaseError, transaction

from redaction.release.models import Download, DownloadGrant, ReleaseItem, ReleaseManifest
from redaction.release.rules import ItemKind
from tests.redaction.release.release_builders import a_building_release, a_link

pytestmark = pytest.mark.django_db


def refused(act: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        act()  # type: ignore[operator]  # a lambda


def test_an_issued_release_is_fixed(manifest: ReleaseManifest) -> None:
    rows = ReleaseManifest.objects.filter(pk=manifest.pk)

    changes: list[dict[str, Any]] = [
        {"sha256": "0" * 64},
        {"explanation": "x"},
        {"status": "building"},
        {"facts": {}},
    ]
    for change in changes:
        refused(lambda change=change: rows.update(**change))
    refused(rows.delete)

    assert rows.get().sha256 == manifest.sha256


def test_an_issued_release_takes_no_more_items_and_keeps_those_it_has(manifest: ReleaseManifest) -> None:
    item = manifest.items.get(kind=ItemKind.RECORD)

    refused(lambda: ReleaseItem.objects.filter(pk=item.pk).update(address="originals/x"))
    refused(lambda: ReleaseItem.objects.filter(pk=item.pk).delete())
    refused(
        lambda: ReleaseItem.objects.create(
            manifest=manifest, kind="record", position=2, path="records/02-video.mp4", title="x", size=1,
            sha256="0" * 64, address="originals/x",
        )
    )  # fmt: skip

    assert manifest.items.count() == 5 + 3  # with what goes beside the table


def test_a_recall_needs_who_and_why(manifest: ReleaseManifest) -> None:
    refused(lambda: ReleaseManifest.objects.filter(pk=manifest.pk).update(status="recalled"))


def test_one_release_of_a_request_is_built_at_a_time() -> None:
    manifest = a_building_release()
    manifest.pk, manifest.key, manifest.number, manifest.job = None, "another", 2, None

    refused(lambda: manifest.save(force_insert=True))


def test_a_link_cannot_be_turned_to_another_file_or_person_or_day(manifest: ReleaseManifest) -> None:
    a_link(manifest)
    rows = DownloadGrant.objects.all()

    for change in (
        {"item": manifest.items.first()},
        {"token_hash": "0" * 64},
        {"user": manifest.released_by},
    ):
        refused(lambda change=change: rows.update(**change))
    refused(rows.delete)
    refused(Download.objects.create)


def test_rows_say_what_they_are(manifest: ReleaseManifest) -> None:
    a_link(manifest)
    grant = DownloadGrant.objects.get()

    assert str(manifest) == f"release 1 of {manifest.request.number}"
    assert str(manifest.items.get(path="letter.pdf")).endswith("letter.pdf")
    assert str(grant) == f"grant {grant.pk} of {manifest}"
    assert "download of" in str(Download(manifest=manifest, user=manifest.recipient))
    assert manifest.expires_at is not None
    assert ReleaseManifest().expires_at is None
