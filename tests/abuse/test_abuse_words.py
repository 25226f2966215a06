"""What a mark withholds must not leave by the words people write around the records."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.core import files
from portal.demo import inspection
from redaction.release.freezing import ReleaseRefused
from redaction.release.models import ReleaseManifest
from redaction.release.withholding import tells
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval
from tests.redaction.release.release_builders import a_building_release, add, build, no_fee
from tests.requests_app.custody.record_builders import a_pdf

pytestmark = pytest.mark.django_db
NAME = "Jane Canarydoe"
MARKS: dict[str, Any] = {
    "version": 1,
    "marks": [{"id": "m1", "kind": "text", "literal": NAME, "reason": "VICTIM"}],
}


def a_case(title: str) -> RecordsRequest:
    case = a_request(status=Status.SEARCHING)
    add(case, a_pdf(f"Statement of {NAME} given today"), "statement.pdf", title)
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.IN_REVIEW)
    case.refresh_from_db()
    record = ResponsiveRecord.objects.get(request=case)
    an_approval(render=a_render(plan=a_plan(review=a_review(record), marks=MARKS)))
    no_fee(case)
    return case


def test_title_that_says_a_withheld_name_is_replaced_in_all_that_leaves(client: Client) -> None:
    case = a_case(f"Interview of jane  {NAME.split()[1].upper()}")
    manifest = a_building_release(request=case)
    assert build(manifest), manifest.failure
    assert case.requester is not None
    client.force_login(case.requester)

    page = client.get(reverse("release:downloads", args=[case.key])).content.decode()
    told = client.get(f"/api/v1/requests/{case.key}/releases/").content.decode()

    spellings = [NAME, NAME.upper(), "CANARYDOE", "Canarydoe", "canarydoe"]
    assert inspection.leaks(files.path_of(manifest.address), spellings) == []
    assert "canarydoe" not in (page + told).lower()
    assert "1" in ReleaseManifest.objects.get(pk=manifest.pk).facts["records"][0]["title"]


def test_neutral_title_stays_as_it_is() -> None:
    manifest = a_building_release(request=a_case("Statement of a witness"))

    assert manifest.facts["records"][0]["title"] == "Statement of a witness"


def test_explanation_that_says_a_withheld_name_is_refused() -> None:
    case = a_case("Statement of a witness")

    with pytest.raises(ReleaseRefused, match="withheld from record 1"):
        a_building_release(request=case, note=f"We blacked out {NAME.lower()}.")

    assert not ReleaseManifest.objects.filter(request=case).exists()


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("About JANE  doe.", "Jane Doe", True),
        ("A janitor", "Jan", False),
        ("anything", " ", False),
        ("C++ (x)", "C++", True),
    ],
)
def test_words_are_found_in_any_case_and_spacing_but_not_inside_others(
    text: str, word: str, found: bool
) -> None:
    assert tells(text, [word]) is found


def test_release_under_way_is_not_there_for_its_recipient_even_by_its_key(client: Client) -> None:
    manifest = a_building_release(request=a_case("Statement of a witness"))
    client.force_login(manifest.recipient)

    status = client.get(f"/api/v1/releases/{manifest.key}/")
    link = client.post(reverse("release:link", args=[manifest.key]))

    assert (status.status_code, link.status_code) == (404, 404)
    assert "Statement" not in status.content.decode()
