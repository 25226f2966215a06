"""Pages, a table and a flight go the whole way, by mouse and by keys alone, down to the bytes fetched."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal.accounts.rules import Role
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.journeys import errand_files, whole_way
from tests.journeys.conftest import People
from tests.journeys.errands import Errand
from tests.journeys.hands import Hands, Keyboard, Mouse
from tests.journeys.released_bytes import holds_none_of
from tests.redaction.plans.plan_builders import an_approver
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

Files = Callable[[RecordsRequest, Path], list[Errand]]

SAMPLES = os.environ.get("SAMPLES")
REAL: list[Files] = [partial(errand_files.real, Path(SAMPLES))] if SAMPLES else []


@pytest.mark.parametrize("files", [errand_files.made, *REAL])
def test_marked_sent_back_fixed_and_released_by_mouse(people: People, tmp_path: Path, files: Files) -> None:
    go_the_whole_way(people, Mouse, files, tmp_path)


def test_marked_sent_back_fixed_and_released_by_keys_alone(people: People, tmp_path: Path) -> None:
    go_the_whole_way(people, Keyboard, errand_files.made_otherwise, tmp_path)


def go_the_whole_way(people: People, hands: Callable[[Page], Hands], files: Files, folder: Path) -> None:
    request = a_request(status=Status.SEARCHING, requester=a_user())
    errands = files(request, folder)
    analyst, approver = people(an_analyst(), hands), people(an_approver(), hands)
    clerk = people(a_user(Role.CLERK, Role.FEE_OFFICER), hands)
    whole_way.searched(clerk, request)
    pinned = []
    for errand in errands:
        pinned.append(errand.mark(analyst))
        whole_way.sent_on(analyst, errand.record)
    for errand, mark in zip(errands, pinned, strict=True):
        whole_way.looked_at(approver, errand.record)
        whole_way.sent_back(approver, errand.record, mark, errand.remark)
    for errand in errands:
        errand.fix(analyst)
        whole_way.answered(analyst, errand.record, errand.remark, errand.answer)
        whole_way.sent_on(analyst, errand.record)
    analyst.page.close()
    for errand in errands:
        whole_way.approved(approver, errand.record)
    whole_way.released(clerk, request)
    assert request.requester is not None
    package = whole_way.downloaded(people(request.requester, hands), request, folder)

    for errand in errands:
        errand.check(package)
        told = (errand.remark, errand.answer, Path(errand.record.original_name).stem)
        holds_none_of(package, [*errand.secrets(), *told])
