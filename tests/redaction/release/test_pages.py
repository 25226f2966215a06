from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.models import JobState
from redaction.plans.models import Review
from redaction.release import selectors
from redaction.release.models import DownloadGrant, ReleaseItem, ReleaseManifest
from requests_app.correspondence.models import OutgoingMail
from tests.builders import a_user
from tests.redaction.release.release_builders import (
    a_building_release,
    a_clerk,
    a_link,
    a_reviewed_request,
    build,
    jobs_of,
)

pytestmark = pytest.mark.django_db


def as_(user: User, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: str) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def sent(response: Any) -> bytes:
    return bytes(response.getvalue())


def test_before_a_release_the_downloads_page_says_what_will_come() -> None:
    manifest = a_building_release()

    shown = page(as_(manifest.recipient), "release:downloads", manifest.request.key)

    assert "Nothing has been released yet" in shown


def test_the_requester_sees_each_file_with_its_hash_and_the_reasons(manifest: ReleaseManifest) -> None:
    shown = page(as_(manifest.recipient), "release:downloads", manifest.request.key)

    for item in manifest.items.exclude(path=""):
        assert item.sha256 in shown
        assert item.path in shown
    for words in (
        manifest.sha256,
        manifest.key_fingerprint,
        "Withheld in full",
        "552.108",
        "attorney general",
    ):
        assert words in shown
    assert "CANARY" not in shown


def test_the_letters_address_leads_to_its_row(manifest: ReleaseManifest) -> None:
    response = as_(manifest.recipient).get(reverse("release:letter", args=[manifest.request.key]))

    assert response["Location"].endswith("/downloads/#letter")


def test_a_button_makes_a_link_and_follows_it(manifest: ReleaseManifest) -> None:
    client = as_(manifest.recipient)
    item = manifest.items.get(kind="letter")

    response = client.post(reverse("release:link", args=[manifest.key]), {"item": item.pk}, follow=True)

    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert DownloadGrant.objects.get().item == item


@pytest.mark.parametrize("item", ["999999", "x", "-1"])
def test_a_link_to_nothing_is_not_made(item: str, manifest: ReleaseManifest) -> None:
    response = as_(manifest.recipient).post(reverse("release:link", args=[manifest.key]), {"item": item})

    assert response.status_code == 404
    assert not DownloadGrant.objects.exists()


def test_a_link_is_made_by_post_alone(manifest: ReleaseManifest) -> None:
    assert as_(manifest.recipient).get(reverse("release:link", args=[manifest.key])).status_code == 405


def test_strangers_find_neither_page_nor_release(manifest: ReleaseManifest) -> None:
    client = as_(a_user())

    answers = [
        client.get(reverse("release:downloads", args=[manifest.request.key])),
        client.post(reverse("release:link", args=[manifest.key])),
        client.post(reverse("release:link", args=["no-such-release"])),
        client.get(reverse("release:staff", args=[manifest.request.key])),
        client.post(reverse("release:recall", args=[manifest.key]), {"reason": "x"}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Entry.objects.filter(action="release.viewed", outcome="denied").exists()


@pytest.fixture
def film(manifest: ReleaseManifest) -> tuple[ReleaseManifest, ReleaseItem]:
    """A release of a film: the pages go by the generated name, so a table's bytes will do."""
    table = manifest.items.get(kind="record")
    newer = ReleaseManifest.objects.create(
        request=manifest.request,
        number=manifest.number + 1,
        recipient=manifest.recipient,
        released_by=manifest.released_by,
        outcome="full",
        facts=manifest.facts,
        input_digest=manifest.input_digest,
        link_days=manifest.link_days,
        created_at=manifest.created_at,
    )
    item = ReleaseItem.objects.create(
        manifest=newer,
        kind="record",
        position=1,
        record=table.record,
        path="records/01-video.mp4",
        title="A film",
        size=table.size,
        sha256=table.sha256,
        address=table.address,
    )
    names = ("address", "sha256", "size", "signature", "issued_at")
    issued = {name: getattr(manifest, name) for name in names}
    ReleaseManifest.objects.filter(pk=newer.pk).update(status="issued", **issued)
    newer.refresh_from_db()
    return newer, item


def test_a_film_plays_on_a_page_of_its_own(film: tuple[ReleaseManifest, ReleaseItem]) -> None:
    manifest, item = film
    client = as_(manifest.recipient)

    shown = client.post(
        reverse("release:link", args=[manifest.key]), {"item": item.pk, "play": "1"}, follow=True
    )

    content = shown.content.decode()
    assert "<source src=" in content
    assert "/my/files/" in content


def test_a_film_plays_within_the_page_for_htmx(film: tuple[ReleaseManifest, ReleaseItem]) -> None:
    manifest, item = film
    client = as_(manifest.recipient, **{"HX-Request": "true"})

    shown = client.post(reverse("release:link", args=[manifest.key]), {"item": item.pk, "play": "1"})

    assert "<html" not in shown.content.decode()
    assert "/my/files/" in shown.content.decode()


def test_what_does_not_play_has_no_player(manifest: ReleaseManifest) -> None:
    response = as_(manifest.recipient).get(reverse("release:watch", args=[a_link(manifest)]))

    assert response["Location"] == reverse("release:downloads", args=[manifest.request.key])


def test_anybody_may_check_a_package_and_take_the_verifier(manifest: ReleaseManifest) -> None:
    shown = page(Client(), "release:check")
    program = Client().get(reverse("release:verifier"))

    assert manifest.key_fingerprint in shown
    assert "never sent anywhere" in shown
    assert b"def ed25519_holds" in sent(program)


def test_staff_read_why_a_release_cannot_start_yet() -> None:
    request = a_reviewed_request(fee=False)

    shown = page(as_(a_clerk()), "release:staff", request.key)

    assert "Cannot start yet because" in shown
    assert "Release to the requester" not in shown


def test_staff_without_the_role_see_and_do_not_release() -> None:
    request = a_reviewed_request()
    client = as_(a_user(Role.AUDITOR))

    shown = page(client, "release:staff", request.key)
    response = client.post(reverse("release:create", args=[request.key]))

    assert "Your role does not include releasing" in shown
    assert response.status_code == 403
    assert not ReleaseManifest.objects.filter(request=request).exists()


def test_staff_decide_watch_and_see_the_issue() -> None:
    request = a_reviewed_request(withheld=True)
    client = as_(a_clerk())
    assert "released in part" in page(client, "release:staff", request.key)

    decided = client.post(
        reverse("release:create", args=[request.key]), {"outcome_note": "Words."}, follow=True
    )

    manifest = ReleaseManifest.objects.get(request=request)
    address = reverse("release:progress", args=[manifest.key])
    assert address in decided.content.decode()
    waiting = client.get(address)
    assert "waiting for a worker" in waiting.content.decode()
    assert "HX-Refresh" not in waiting
    build(manifest)
    assert client.get(address)["HX-Refresh"] == "true"
    shown = page(client, "release:staff", request.key)
    assert manifest.sha256 in shown
    assert "Nobody has fetched anything yet" in shown


def test_a_decision_that_is_refused_keeps_the_page_and_says_why() -> None:
    manifest = a_building_release()

    response = as_(a_clerk()).post(reverse("release:create", args=[manifest.request.key]))

    assert response.status_code == 409
    assert "being built already" in response.content.decode()


def test_staff_look_at_a_file_by_a_logged_link_and_see_who_fetched_what(manifest: ReleaseManifest) -> None:
    client = as_(a_clerk(name="Ines Ward"))

    looked = client.post(
        reverse("release:staff-link", args=[manifest.key]),
        {"item": manifest.items.get(kind="index").pk},
        follow=True,
    )
    sent(looked)

    shown = page(client, "release:staff", manifest.request.key)
    assert "withholding-index.pdf" in shown
    assert "Ines Ward" in shown


def test_a_recall_stops_links_opens_records_and_tells_the_recipient(manifest: ReleaseManifest) -> None:
    a_link(manifest)
    client = as_(a_clerk())

    empty = client.post(reverse("release:recall", args=[manifest.key]), {"reason": " "})
    client.post(reverse("release:recall", args=[manifest.key]), {"reason": "A name was overlooked."})
    again = client.post(reverse("release:recall", args=[manifest.key]), {"reason": "Again."})

    manifest.refresh_from_db()
    assert (empty.status_code, again.status_code) == (422, 409)
    assert (manifest.status, manifest.recall_reason) == ("recalled", "A name was overlooked.")
    assert DownloadGrant.objects.get().revoked_at is not None
    assert Review.objects.filter(record__request=manifest.request, status="recalled").count() == 1
    mail = OutgoingMail.objects.get(dedupe_key=f"release:{manifest.pk}:recalled")
    assert "overlooked" not in mail.text
    assert "This release was recalled" in page(
        as_(manifest.recipient), "release:downloads", manifest.request.key
    )
    assert "A name was overlooked." in page(client, "release:staff", manifest.request.key)


def test_a_stopped_build_can_be_started_again_or_given_up() -> None:
    manifest = a_building_release()
    client = as_(a_clerk())
    early = client.post(reverse("release:retry", args=[manifest.key]))
    jobs_of(manifest).update(state=JobState.QUARANTINED, error="the disk was full", attempts=5)

    shown = page(client, "release:staff", manifest.request.key)
    client.post(reverse("release:retry", args=[manifest.key]))
    state = jobs_of(manifest).get().state
    jobs_of(manifest).update(state=JobState.FAILED)
    polled = client.get(reverse("release:progress", args=[manifest.key]))
    client.post(reverse("release:abandon", args=[manifest.key]))

    manifest.refresh_from_db()
    assert early.status_code == 409
    assert "the disk was full" in shown
    assert state == JobState.PENDING
    assert Entry.objects.get(action="release.retried").actor is not None
    assert polled["HX-Refresh"] == "true"
    assert manifest.status == "failed"
    assert "Given up by staff" in page(client, "release:staff", manifest.request.key)


def test_a_build_that_is_tried_again_says_so() -> None:
    manifest = a_building_release()
    jobs_of(manifest).update(error="the broker was away", attempts=1)
    manifest.refresh_from_db()

    assert selectors.build_of(manifest).note == "trying again (attempt 2)"


def test_a_release_without_a_job_is_waiting() -> None:
    assert selectors.build_of(ReleaseManifest(job=None)).note == "waiting"
