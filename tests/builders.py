"""Typed builders with valid defaults, for every test."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from portal.accounts.models import RoleGrant, User
from portal.accounts.rules import Role
from requests_app.clock.models import ClockEvent
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law import services as law
from requests_app.law.models import Agency, LawPack
from requests_app.law.pack import PACKS, shipped

NOON = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)  # Monday noon in Chicago
_numbers = count(1)


def an_agency(*, law_code: str = "TX", **fields: Any) -> Agency:
    """The agency, with its law pack loaded and in use. The portal has one, so asking again gives the same."""
    if found := Agency.objects.first():
        return found
    agency = Agency.objects.create(
        **{
            "name": "City of Larkspur Police Department",
            "short_name": "Larkspur PD",
            "law": law_code,
            "time_zone": "America/Chicago",
            "contact_name": "Rosa Quill",
            "contact_title": "Public Information Officer",
            "contact_email": "records@larkspur.example",
            "contact_phone": "555-0100",
            "address": "1 Main Street, Larkspur",
            **fields,
        }
    )
    law.use_pack(agency=agency, pack=a_pack(law_code), actor=None, at=NOON, reason="tests")
    return agency


def a_pack(code: str = "TX") -> LawPack:
    """The shipped version, loaded when the test has none of it yet."""
    version = shipped(code).version
    found = LawPack.objects.filter(code=code, version=version).first()
    return found or law.load_pack(path=PACKS / f"{code}.json")[0]


def a_user(*roles: Role, email: str = "", mfa: bool = True, **fields: Any) -> User:
    """A requester without roles; with roles a member of staff who has a second factor."""
    number = next(_numbers)
    address = email or f"{roles[0] if roles else 'citizen'}{number}@people.example"
    password = fields.pop("password", None)
    user = User.objects.create_user(address, password, **{"name": f"Person {number}", **fields})
    for role in roles:
        RoleGrant.objects.create(user=user, role=role)
    if roles and mfa:
        TOTP.activate(user, generate_totp_secret())
    return user


def a_request(
    *,
    requester: User | None = None,
    status: Status = Status.SUBMITTED,
    received_at: datetime = NOON,
    **fields: Any,
) -> RecordsRequest:
    """A filed request with its receipt in the clock's ledger; ``status=DRAFT`` gives a bare draft."""
    agency = an_agency()
    if status == Status.DRAFT:
        return RecordsRequest.objects.create(agency=agency, **{"form_code": "video", **fields})
    pack = a_pack(agency.law)
    request = RecordsRequest.objects.create(
        agency=agency,
        requester=requester or a_user(),
        status=status,
        received_at=received_at,
        number=docket.next_number(at=received_at, zone=agency.time_zone),
        law_code=pack.code,
        law_version=pack.version,
        **{"form_code": "video", "title": "Traffic stop on Elm Street", **fields},
    )
    ClockEvent.objects.create(request=request, type="received", at=received_at)
    docket.add_item(request=request, description="Body-worn video of the stop")
    return request


def a_day(text: str) -> date:
    return date.fromisoformat(text)
