import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404, HttpResponseBase
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core import files
from portal.core.time import now
from redaction.release import services as release
from redaction.release import serving
from redaction.release.models import Download, DownloadGrant, ReleaseManifest
from tests.builders import a_user
from tests.redaction.release.release_builders import a_clerk, a_link, a_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
TABLE = "records/01-table.csv"


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fetch(manifest: ReleaseManifest, path: str = TABLE, **headers: str) -> Any:
    token = a_link(manifest, path=path, at=now())
    return as_(manifest.recipient).get(reverse("release:file", args=[token]), headers=headers)


def body(response: HttpResponseBase) -> bytes:
    return bytes(response.getvalue())


def refusals() -> list[str]:
    denied = Entry.objects.filter(action="release.downloaded", outcome="denied").order_by("seq")
    return [entry.detail["why"] for entry in denied]


def test_the_whole_file_is_sent_with_fixed_headers(manifest: ReleaseManifest) -> None:
    item = manifest.items.get(path=TABLE)

    response = fetch(manifest)

    assert response.status_code == 200
    assert hashlib.sha256(body(response)).hexdigest() == item.sha256
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Length"] == str(item.size)
    assert response["Content-Disposition"] == f'attachment; filename="{manifest.stem}-01-table.csv"'
    assert response["ETag"] == f'"{item.sha256}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "noindex" in response["X-Robots-Tag"]


def test_the_package_is_sent_under_a_generated_name(manifest: ReleaseManifest) -> None:
    response = fetch(manifest, "")

    assert hashlib.sha256(body(response)).hexdigest() == manifest.sha256
    assert response["Content-Disposition"] == f'attachment; filename="{manifest.stem}.zip"'
    assert response["Content-Type"] == "application/zip"


@pytest.mark.parametrize("asked", ["bytes=3-9", "bytes=-7", "bytes=3-"])
def test_a_range_is_sent_as_asked(manifest: ReleaseManifest, asked: str) -> None:
    whole = body(fetch(manifest))

    response = fetch(manifest, range=asked)

    first, _, rest = response["Content-Range"].removeprefix("bytes ").partition("-")
    last, _, size = rest.partition("/")
    assert response.status_code == 206
    assert body(response) == whole[int(first) : int(last) + 1]
    assert int(size) == len(whole)
    assert int(response["Content-Length"]) == int(last) - int(first) + 1


def test_a_range_beyond_the_end_is_416(manifest: ReleaseManifest) -> None:
    response = fetch(manifest, range="bytes=999999-")

    assert response.status_code == 416
    assert response["Content-Range"].startswith("bytes */")
    assert not Download.objects.exists()


def test_an_interrupted_download_goes_on_only_if_the_file_is_the_same(manifest: ReleaseManifest) -> None:
    etag = f'"{manifest.items.get(path=TABLE).sha256}"'

    same = fetch(manifest, range="bytes=5-", **{"if-range": etag})
    other = fetch(manifest, range="bytes=5-", **{"if-range": '"other"'})

    assert (same.status_code, other.status_code) == (206, 200)


def test_head_sends_the_headers_alone_and_is_no_download(manifest: ReleaseManifest) -> None:
    token = a_link(manifest, path=TABLE, at=now())
    address = reverse("release:file", args=[token])

    whole = as_(manifest.recipient).head(address)
    part = as_(manifest.recipient).head(address, headers={"range": "bytes=0-1"})

    assert (whole.status_code, part.status_code) == (200, 206)
    assert whole["Content-Length"] == str(manifest.items.get(path=TABLE).size)
    assert body(whole) == b""
    assert not Download.objects.exists()


def test_every_download_is_written_down_with_its_bytes(manifest: ReleaseManifest) -> None:
    body(fetch(manifest))
    body(fetch(manifest, range="bytes=5-9"))

    part, whole = Download.objects.all()
    assert (whole.range, whole.bytes_sent) == ("", manifest.items.get(path=TABLE).size)
    assert (part.range, part.bytes_sent) == ("5-9", 5)
    assert whole.user == manifest.recipient
    entry = Entry.objects.get(action="release.downloaded")
    assert entry.detail["bytes"] == whole.bytes_sent
    assert Entry.objects.filter(action="release.part_downloaded", detail__contains={"range": "5-9"}).exists()


def test_a_download_broken_off_is_counted_as_far_as_it_came(
    manifest: ReleaseManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "CHUNK", 10)

    response = fetch(manifest)
    stream = iter(response.streaming_content)
    next(stream)
    next(stream)
    response._iterator.close()  # as the server does when the peer has gone

    assert Download.objects.get().bytes_sent == 10


def test_a_fetch_spends_nothing_and_the_link_goes_on_working(manifest: ReleaseManifest) -> None:
    token = a_link(manifest, path=TABLE, at=now())
    client = as_(manifest.recipient)
    before = DownloadGrant.objects.values().get()

    answers = [body(client.get(reverse("release:file", args=[token]))) for _ in range(3)]

    assert len(set(answers)) == 1
    assert DownloadGrant.objects.values().get() == before


def test_the_token_is_kept_as_a_hash_alone(manifest: ReleaseManifest) -> None:
    token = a_link(manifest)

    grant = DownloadGrant.objects.get()
    assert len(token) >= 22  # 128 bits and more
    assert grant.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(list(Entry.objects.values()))


def test_a_stranger_with_the_link_is_asked_to_sign_in_or_finds_nothing(manifest: ReleaseManifest) -> None:
    address = reverse("release:file", args=[a_link(manifest, at=now())])

    unknown = Client().get(address)
    stranger = as_(a_user()).get(address)
    guessed = as_(manifest.recipient).get(reverse("release:file", args=["x" * 43]))

    assert unknown.status_code == 302
    assert (stranger.status_code, guessed.status_code) == (404, 404)
    denied = Entry.objects.filter(action="release.downloaded", outcome="denied")
    assert {entry.detail["why"] for entry in denied} == {"not_yours", "unknown_link"}
    assert not Download.objects.exists()


def test_staff_who_see_requests_may_use_a_link(manifest: ReleaseManifest) -> None:
    clerk = a_clerk()
    address = reverse("release:file", args=[a_link(manifest, path=TABLE, at=now())])

    response = as_(clerk).get(address)

    assert response.status_code == 200
    body(response)
    assert Download.objects.get().user == clerk


def test_an_ended_link_says_so_and_offers_a_new_one(manifest: ReleaseManifest) -> None:
    token = a_link(manifest, path=TABLE, at=now() - timedelta(days=31))

    response = as_(manifest.recipient).get(reverse("release:file", args=[token]))

    assert response.status_code == 410
    assert "Make a new link" in response.content.decode()
    assert not Download.objects.exists()
    assert refusals() == ["expired"]


def test_a_link_ended_by_hand_stops_at_once(manifest: ReleaseManifest) -> None:
    token = a_link(manifest, at=now())
    release.revoke(grant=DownloadGrant.objects.get(), actor=manifest.recipient, at=now())
    release.revoke(grant=DownloadGrant.objects.get(), actor=manifest.recipient, at=now())

    response = as_(manifest.recipient).get(reverse("release:file", args=[token]))

    assert response.status_code == 410
    assert Entry.objects.filter(action="release.link_revoked").count() == 1
    assert refusals() == ["revoked"]


def test_nobody_ends_another_persons_link(manifest: ReleaseManifest) -> None:
    a_link(manifest, at=now())

    with pytest.raises(Http404):
        release.revoke(grant=DownloadGrant.objects.get(), actor=a_user(), at=now())

    assert DownloadGrant.objects.get().revoked_at is None
    assert refusals() == ["not_yours"]


def test_a_link_that_is_refused_leaves_its_entry(manifest: ReleaseManifest) -> None:
    with pytest.raises(Http404):
        release.grant(manifest=manifest, item=None, user=a_user(), at=now())

    assert refusals() == ["not_visible"]
    assert not DownloadGrant.objects.exists()


def test_a_recalled_release_says_why_and_sends_nothing(manifest: ReleaseManifest) -> None:
    token = a_link(manifest, path=TABLE, at=now())
    release.recall(manifest=manifest, actor=a_clerk(), at=now(), reason="A name was overlooked.")

    response = as_(manifest.recipient).get(reverse("release:file", args=[token]))

    assert response.status_code == 410
    assert "A name was overlooked." in response.content.decode()
    assert "Make a new link" not in response.content.decode()
    assert refusals() == ["recalled"]
    with pytest.raises(release.NotReleased, match="recalled"):
        a_link(manifest)


@pytest.mark.parametrize("harm", ["same length", "longer", "gone"])
def test_a_file_that_changed_on_disk_is_not_sent(harm: str) -> None:
    manifest = a_release()
    body(fetch(manifest))  # once verified is not verified for ever
    damage(files.path_of(manifest.items.get(path=TABLE).address), harm)

    response = fetch(manifest)

    assert response.status_code == 500
    assert Entry.objects.filter(action="release.downloaded", outcome="denied", detail__why="corrupt").exists()


def damage(path: Path, harm: str) -> None:
    path.chmod(0o600)
    if harm == "gone":
        path.unlink()
    elif harm == "longer":
        path.write_bytes(path.read_bytes() + b"x")
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"!")


def test_a_large_file_is_hashed_on_its_way_and_broken_off_when_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_release()
    monkeypatch.setattr(serving, "HASHED_FIRST", 10)
    good = body(fetch(manifest))
    damage(files.path_of(manifest.items.get(path=TABLE).address), "same length")

    with pytest.raises(files.Corrupt, match="broken off"):
        body(fetch(manifest))

    assert hashlib.sha256(good).hexdigest() == manifest.items.get(path=TABLE).sha256
    assert Download.objects.first().bytes_sent == 0  # type: ignore[union-attr]  # there are two


def test_a_file_cut_short_while_it_is_sent_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_release()
    monkeypatch.setattr(serving, "CHUNK", 10)
    response = fetch(manifest)
    stream = iter(response.streaming_content)
    next(stream)
    path = files.path_of(manifest.items.get(path=TABLE).address)
    path.chmod(0o600)
    path.write_bytes(b"")

    with pytest.raises(files.Corrupt, match="shorter"):
        list(stream)


def test_there_is_no_link_to_a_file_of_another_release(manifest: ReleaseManifest) -> None:
    other = a_release()

    with pytest.raises(release.NotReleased, match="no such file"):
        release.grant(manifest=manifest, item=other.items.get(path=TABLE), user=manifest.recipient, at=now())
