"""The agency and the people of the demonstration, with random passwords."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import services as law
from requests_app.law.models import Agency, LawPack, PackAdoption

STEP = 30  # seconds an authenticator code lives (RFC 6238)
LEFT = 5  # seconds a code needs to be sent and looked at, however busy the machine
CITIZEN = "ana.reyes@people.example"


@dataclass
class Person:
    """Somebody who signs in: the staff by password and authenticator, the citizen by e-mailed code."""

    user: User
    password: str = ""
    secret: str = ""
    last_counter: int = 0

    def code(self) -> str:
        """This will give the next authenticator code: each is good once, and one about to end is not sent."""
        while True:
            counter, spent = divmod(int(time.time()), STEP)
            if counter > self.last_counter and spent <= STEP - LEFT:
                self.last_counter = counter
                return str(format_hotp_value(hotp_value(self.secret, counter)))
            time.sleep(0.5)


STAFF = {
    "admin": ("admin@larkspur.example", "Tomas Okoye", "City clerk", [Role.ADMIN]),
    "analyst": ("analyst@larkspur.example", "Rosa Quill", "Records analyst", [Role.ANALYST, Role.CLERK]),
    "approver": ("approver@larkspur.example", "Lena Marsh", "Custodian of records", [Role.APPROVER]),
    "counsel": ("counsel@larkspur.example", "Ivo Brandt", "City attorney", [Role.COUNSEL]),
}


def an_agency(at: datetime, law_code: str = "TX") -> Agency:
    """This will set up the made-up city's agency under a law, if it is not there."""
    agency, _ = Agency.objects.get_or_create(
        pk=1,
        defaults={
            "name": "City of Larkspur Police Department", "short_name": "Larkspur PD", "law": law_code,
            "time_zone": "America/Chicago", "cutoff": None, "contact_name": "Rosa Quill",
            "contact_title": "Records analyst", "contact_email": "records@larkspur.example",
            "contact_phone": "512-555-0100", "address": "1 Main Street, Larkspur, TX 78701",
        },
    )  # fmt: skip
    if not PackAdoption.objects.filter(agency=agency).exists():
        pack = LawPack.objects.filter(code=agency.law).order_by("-effective_from", "-pk").first()
        if pack is not None:
            law.use_pack(
                agency=agency, pack=pack, actor=None, at=at, reason="A draft, for the demonstration only."
            )
    return agency


def staff() -> dict[str, Person]:
    """This will make the staff, or give those that are there a new password and authenticator."""
    people = {}
    for key, (email, name, title, roles) in STAFF.items():
        password, secret = secrets.token_urlsafe(12), generate_totp_secret()
        user = User.objects.filter(email=email).first()
        if user is None:
            user = accounts.create_staff(
                email=email, name=name, title=title, roles=roles, password=password, actor=None, is_demo=True
            )
        user.set_password(password)
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        TOTP.activate(user, secret)
        people[key] = Person(user, password, secret)
    return people
