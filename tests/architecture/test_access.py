"""Walks every address as a stranger, a requester and staff without a second factor."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import get_converters

from portal.accounts.routes import ENROLMENT, PUBLIC
from portal.accounts.rules import Role
from tests.builders import a_request, a_user, an_agency

pytestmark = pytest.mark.django_db

SAMPLES = {
    "int": 987654321,
    "str": "AAAAAAAAAAAAAAAAAAAAAA",
    "slug": "no-such-thing",
    "uuid": uuid.UUID(int=7),
}
THIRD_PARTY = "admin/"  # Django's own; hidden by prefix, tested below


def routes(
    resolver: URLResolver | None = None, space: str = "", prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """Every named address of the site with made-up arguments: (name, path)."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if route.startswith(THIRD_PARTY):
            continue
        if isinstance(entry, URLResolver):
            below = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry, below, route)
        elif isinstance(entry, URLPattern) and entry.name:
            arguments = {
                name: next(
                    (
                        sample
                        for kind, sample in SAMPLES.items()
                        if isinstance(found, type(get_converters()[kind]))
                    ),
                    "AAAAAAAAAAAAAAAAAAAAAA",
                )
                for name, found in entry.pattern.converters.items()
            }
            yield f"{space}{entry.name}", reverse(f"{space}{entry.name}", kwargs=arguments or None)


ALL = sorted(set(routes()))


def test_walk_finds_the_site() -> None:
    names = {name for name, _ in ALL}

    assert len(names) > 60
    assert {"home", "desk:queue", "tracking:request", "release:file", "fees:stripe-webhook"} <= names


def test_public_list_names_only_addresses_that_exist() -> None:
    assert PUBLIC - {name for name, _ in ALL} == set()


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_stranger_gets_in_only_where_the_list_says(client: Client, name: str, path: str) -> None:
    an_agency()

    for answer in (client.get(path), client.post(path)):
        answer.close()  # a file in the answer stays open otherwise
        goes_to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith(
            "/account/login/"
        )
        if path.startswith("/api/v1/"):
            assert answer.status_code in {400, 401, 403, 405, 415}
        elif path.startswith("/api/"):
            assert answer.status_code in {401, 403, 405}
        elif name not in PUBLIC:
            assert goes_to_sign_in, f"{name} answered {answer.status_code}"
        else:
            assert answer.status_code < 500 or name == "readyz"


@pytest.mark.parametrize(
    ("name", "path"), [row for row in ALL if row[1].startswith("/desk/")], ids=lambda value: value
)
def test_requester_finds_nothing_at_a_staff_address(client: Client, name: str, path: str) -> None:
    client.force_login(a_user())

    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "path"), [row for row in ALL if row[1].startswith("/desk/")], ids=lambda v: v
)
def test_staff_without_a_second_factor_see_only_the_way_to_get_one(
    client: Client, name: str, path: str
) -> None:
    client.force_login(a_user(Role.ADMIN, mfa=False))

    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("mfa_activate_totp")
    assert name not in ENROLMENT


@pytest.mark.parametrize("path", ["/admin/", "/admin/docket/recordsrequest/"])
def test_django_admin_is_hidden_from_requesters(client: Client, path: str) -> None:
    client.force_login(a_user())

    assert client.get(path).status_code == 404


def bare(page: bytes) -> bytes:
    """The page without its own address and the token that Django masks anew for each answer."""
    return re.sub(rb'[A-Za-z0-9]{64}|value="/[^"]*"', b"", page)


@pytest.mark.parametrize(
    "view", ["tracking:request", "fees:page", "release:downloads", "intake:confirmation"]
)
def test_another_persons_request_looks_like_none(client: Client, view: str) -> None:
    theirs = a_request()
    client.force_login(a_user())

    real = client.get(reverse(view, args=[theirs.key]))
    made_up = client.get(reverse(view, args=["AAAAAAAAAAAAAAAAAAAAAA"]))

    assert (real.status_code, made_up.status_code) == (404, 404)
    assert bare(real.content) == bare(made_up.content)


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_answer_to_a_signed_in_person_is_kept_by_no_cache(client: Client, name: str, path: str) -> None:
    an_agency()
    client.force_login(a_user())

    answer = client.get(path)
    answer.close()

    if answer.status_code == 200 and not path.startswith("/api/"):
        assert "no-store" in answer.headers.get("Cache-Control", "")
        assert "default-src 'none'" in answer.headers.get("Content-Security-Policy", "")
        assert answer.headers.get("X-Content-Type-Options") == "nosniff"
