from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.accounts.models import User
from redaction.release.models import ReleaseManifest
from tests.builders import a_user
from tests.redaction.release.release_builders import a_clerk, a_reviewed_request, build

pytestmark = pytest.mark.django_db


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_release_is_decided_followed_and_fetched_by_program() -> None:
    request = a_reviewed_request()
    staff, requester = api(a_clerk()), api(request.requester)  # type: ignore[arg-type]  # a filed request has one
    address = f"/api/v1/requests/{request.key}/releases/"

    made = staff.post(address, {"outcome_note": "Words."}, format="json")
    before = requester.get(address)
    manifest = ReleaseManifest.objects.get(request=request)
    build(manifest)
    after = requester.get(f"/api/v1/releases/{manifest.key}/")
    item = next(row for row in after.data["items"] if row["kind"] == "record")
    link = requester.post(f"/api/v1/releases/{manifest.key}/links/", {"item": item["id"]}, format="json")
    sent: Any = requester.get(link.data["url"])

    assert (made.status_code, made.data["status"], made.data["progress"]) == (201, "building", 0)
    assert before.data == []
    assert (after.data["status"], after.data["outcome"], after.data["progress"]) == ("issued", "partial", 100)
    assert item["path"] == "records/01-table.csv"
    assert link.status_code == 201
    assert len(sent.getvalue()) == item["size"]


def test_a_refusal_has_a_code(manifest: ReleaseManifest) -> None:
    again = api(a_clerk()).post(f"/api/v1/requests/{manifest.request.key}/releases/", {}, format="json")

    assert again.status_code == 409
    assert again.data["code"] == "release_refused"


def test_a_recall_needs_a_reason_and_the_role(manifest: ReleaseManifest) -> None:
    address = f"/api/v1/releases/{manifest.key}/recall/"

    without = api(a_clerk()).post(address, {}, format="json")
    requester = api(manifest.recipient).post(address, {"reason": "x"}, format="json")
    recalled = api(a_clerk()).post(address, {"reason": "A name was overlooked."}, format="json")

    assert (without.status_code, requester.status_code) == (400, 403)
    assert recalled.data["status"] == "recalled"


def test_a_link_to_the_whole_package_needs_no_item(manifest: ReleaseManifest) -> None:
    link = api(manifest.recipient).post(f"/api/v1/releases/{manifest.key}/links/", {}, format="json")
    sent: Any = api(manifest.recipient).get(link.data["url"], headers={"range": "bytes=0-3"})

    assert sent.status_code == 206
    assert sent.getvalue() == b"PK\x03\x04"


def test_strangers_and_the_unknown_get_nothing(manifest: ReleaseManifest) -> None:
    for client, status in ((api(a_user()), 404), (APIClient(), 401)):
        assert client.get(f"/api/v1/releases/{manifest.key}/").status_code == status
        assert client.get("/api/v1/files/guessed/").status_code == status
        assert client.post(f"/api/v1/releases/{manifest.key}/links/").status_code == status


def test_staff_see_a_release_that_is_still_built() -> None:
    request = a_reviewed_request()
    staff = api(a_clerk())
    staff.post(f"/api/v1/requests/{request.key}/releases/", {}, format="json")

    listed = staff.get(f"/api/v1/requests/{request.key}/releases/")

    assert [row["status"] for row in listed.data] == ["building"]
