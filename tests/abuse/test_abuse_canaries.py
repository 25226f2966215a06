"""The canary sweep: every address, mail, file and log of an issued release, read as three people."""

import io
import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core import files
from portal.demo import inspection
from redaction.plans.models import Review
from redaction.release import services as release
from redaction.release.models import ReleaseManifest
from requests_app.correspondence.models import OutgoingMail
from requests_app.docket.models import RecordsRequest
from requests_app.fees.models import Payment
from tests.abuse.canary_case import HERS, SECRET, TOLD, Case, an_issued_case

pytestmark = pytest.mark.django_db
PERSONAL = {**HERS, **TOLD}
DOORS = ("account_logout", "mfa_", "schema", "api-docs")  # allauth's own and the schema hold nobody's data


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Case]:
    """Made once: each test works in a savepoint of the transaction it is made in."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield an_issued_case()
        transaction.set_rollback(True)


@pytest.fixture
def case(made: Case, db: None) -> Case:
    return made


def manifest_of(case: Case) -> ReleaseManifest:
    assert case.manifest is not None
    return case.manifest


def patterns(
    resolver: URLResolver | None = None, space: str = "", prefix: str = ""
) -> Iterator[tuple[str, str, list[str]]]:
    """Every named address: (name, route, its arguments)."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{space}{entry.namespace}:" if entry.namespace else space, route)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{space}{entry.name}", route, list(entry.pattern.converters)


def addresses(case: Case, tokens: Iterable[str]) -> Iterator[str]:
    """Every address of the site with the real keys of the case, in every combination."""
    manifest = manifest_of(case)
    payment = Payment.objects.get(case__request=case.request)
    records = [record.key for record in case.request.records.all()]
    numbers = [str(pk) for pk in case.request.letters.values_list("pk", flat=True)]
    numbers += ["1", "2", str(case.staff["clerk"].pk), str(case.request.preservation_tasks.get().pk)]
    known: dict[str, list[str]] = {
        "key": [case.request.key],
        "manifest_key": [manifest.key],
        "payment_key": [payment.key],
        "paper": ["invoice", "receipt"],
        "paper_key": [*payment.case.invoices.values_list("key", flat=True), payment.receipts.get().key],
        "refund_key": ["none"],
        "token": list(tokens),
        "position": ["1", "2", "3"],
        "number": ["1"],
        "action": ["acknowledge", "accept"],
        "kind": ["text", "denial", "notice"],
        "law": ["ANY", "TX"],
        "language": ["en", "es"],
        "name": ["data-dictionary.csv", "reconciliation.csv", "table.xlsx"],
        "slug": ["incident", "where"],
    }
    for name, route, needed in sorted(patterns()):
        if name.split(":")[-1].startswith(DOORS) or name.startswith("admin"):
            continue
        given = {**known, "key": records} if route.startswith("desk/records/") else known
        for values in product(*(given.get(each, numbers) for each in needed)):
            yield reverse(name, kwargs=dict(zip(needed, values, strict=True)))


def tokens_of(case: Case) -> list[str]:
    manifest = manifest_of(case)
    items = [None, *manifest.items.exclude(path="")]
    return [
        release.grant(manifest=manifest, item=item, user=case.requester, at=manifest.created_at)[1]
        for item in items
    ]


def whole(response: Any) -> bytes:
    """All that leaves: the status line's reason, headers, cookies and body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = f"{response.reason_phrase}\n{dict(response.items())}\n{response.cookies.output()}\n"
    return head.encode() + body + opened(body)


def opened(body: bytes) -> bytes:
    """What a PDF or a ZIP says once it is opened."""
    if body.startswith(b"%PDF"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("letter.pdf", body)
        body = packed.getvalue()
    if not body.startswith(b"PK"):
        return b""
    target = Path(settings.DATA_DIR) / "canary.zip"
    target.write_bytes(body)
    return repr(inspection.leaks(target, {**SECRET, **PERSONAL}.values())).encode()


def seen(content: bytes, words: Mapping[str, str]) -> list[str]:
    low = content.lower()
    return [name for name, word in words.items() if word.lower().encode() in low]


def swept(client: Client, case: Case, tokens: list[str]) -> dict[str, bytes]:
    found = {}
    for address in addresses(case, tokens):
        for method in ("get", "options") if address.startswith("/api/") else ("get",):
            answer = getattr(client, method)(address)
            assert answer.status_code < 500 or address == "/readyz", f"{method} {address}"
            found[f"{method} {address}: {answer.status_code}"] = whole(answer)
    return found


def as_person(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_requester_sees_what_is_hers_and_nothing_of_the_desk(case: Case) -> None:
    found = swept(as_person(case.requester), case, tokens_of(case))

    leaks = {place: hit for place, content in found.items() if (hit := seen(content, SECRET))}
    assert leaks == {}
    assert set(seen(b"".join(found.values()), PERSONAL)) >= set(PERSONAL) - {"her address"}


@pytest.mark.parametrize("who", ["another requester", "a stranger"])
def test_nobody_else_sees_anything(case: Case, who: str) -> None:
    client = as_person(case.stranger if who == "another requester" else None)

    found = swept(client, case, tokens_of(case))

    leaks = {place: hit for place, content in found.items() if (hit := seen(content, SECRET | PERSONAL))}
    assert leaks == {}


@pytest.mark.parametrize("who", ["another requester", "a stranger"])
def test_nobody_else_changes_anything(case: Case, who: str) -> None:
    client = as_person(case.stranger if who == "another requester" else None)
    before = state_of(case)

    for address in addresses(case, tokens_of(case)):
        body = {
            "body": "x",
            "reason": "x",
            "amount_cents": 1,
            "action": "withdraw",
            "estimate": 1,
            "version": 0,
        }
        if address.startswith("/api/"):
            answer = client.post(address, json.dumps(body), content_type="application/json")
        else:
            answer = client.post(address, body)
        assert answer.status_code < 500, address
        assert not seen(whole(answer), SECRET | PERSONAL), address

    assert state_of(case) == before


def test_requesters_post_to_the_desk_changes_nothing_and_tells_nothing(case: Case) -> None:
    client, before = as_person(case.requester), state_of(case)

    for address in addresses(case, tokens_of(case)):
        if not address.startswith(("/desk/", "/api/")) or address.endswith("/links/"):
            continue
        if address.endswith(("/withdraw/", "/token/")):
            continue
        content = {"action": "acknowledge", "reason": "x", "comment": "x", "version": 0, "body": "x"}
        answer = client.post(address, json.dumps(content), content_type="application/json")
        assert answer.status_code in range(400, 500), address
        assert not seen(whole(answer), SECRET), address

    assert state_of(case) == before


def state_of(case: Case) -> dict[str, Any]:
    request = RecordsRequest.objects.get(pk=case.request.pk)
    return {
        "status": (request.status, request.disposition, request.assignee_id, request.due_on),
        "messages": request.messages.count(),
        "notes": request.notes.count(),
        "letters": request.letters.count(),
        "records": request.records.count(),
        "reviews": list(
            Review.objects.filter(record__request=request).order_by("pk").values_list("status", flat=True)
        ),
        "releases": list(request.releases.order_by("pk").values_list("status", "number")),
        "payments": list(Payment.objects.order_by("pk").values_list("key", "state", "amount_cents")),
        "requests": RecordsRequest.objects.exclude(status="draft").count(),
        "people": list(User.objects.order_by("pk").values_list("pk", "is_active")),
    }


def test_package_holds_no_canary_of_the_desk(case: Case) -> None:
    manifest = manifest_of(case)

    leaks = inspection.leaks(files.path_of(manifest.address), SECRET.values())

    assert leaks == []
    told = inspection.leaks(files.path_of(manifest.address), [TOLD["kept words"], TOLD["kept cell"]])
    assert len(told) >= 2  # the search can find


def test_mails_carry_links_and_no_words_of_anybody(case: Case) -> None:
    sent = OutgoingMail.objects.filter(request=case.request)
    allowed = {"number on her receipt"}  # in the mail that is her receipt
    kept = {name: word for name, word in (SECRET | PERSONAL).items() if name not in allowed}

    leaks = {m.pk: hit for m in sent if (hit := seen(f"{m.subject}{m.text}{m.html}".encode(), kept))}

    assert sent.filter(state="sent").count() == sent.count() >= 6
    assert leaks == {}
    assert {m.to for m in sent} == {case.requester.email, case.staff["clerk"].email}


def test_log_and_audit_hold_no_words_of_anybody(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    tokens = tokens_of(case)
    client = as_person(case.requester)
    for address in (*(f"/my/files/{token}/" for token in tokens), f"/my/requests/{case.request.key}/"):
        assert client.get(address).status_code == 200, address

    # what a handler would print: each entry after the settings' own processors
    logged = "\n".join(f"{hidden(record)}{record.exc_text or ''}" for record in caplog.records)
    details = "\n".join(json.dumps(row) for row in Entry.objects.values_list("detail", flat=True))

    assert len(caplog.records) > len(tokens)
    assert seen(details.encode(), SECRET | PERSONAL) == []
    assert seen(logged.encode(), SECRET | PERSONAL) == []
    assert [token for token in tokens if token in logged] == []


def hidden(record: logging.LogRecord) -> str:
    return str(record.msg) if isinstance(record.msg, dict) else record.getMessage()


def test_api_of_the_requester_names_only_what_is_hers(case: Case) -> None:
    client = APIClient()
    client.force_authenticate(case.requester)
    base = f"/api/v1/requests/{case.request.key}/"

    found = {
        part: client.get(f"{base}{part}")
        for part in ("", "messages/", "fees/", "releases/", "records/", "notes/", "transitions/")
    }

    assert {part for part, answer in found.items() if answer.status_code == 200} == {
        "", "messages/", "fees/", "releases/",
    }  # fmt: skip
    for part, answer in found.items():
        assert seen(whole(answer), SECRET) == [], part
