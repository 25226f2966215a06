import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.accounts import services as accounts
from portal.accounts.rules import Role
from portal.core.errors import DomainError
from portal.core.time import now
from requests_app.law import selectors
from requests_app.law import services as law

FACTS = (
    "name", "short_name", "law", "time_zone", "contact_name", "contact_title", "contact_email",
    "contact_phone", "address",
)  # fmt: skip
ADMIN = ("admin_email", "admin_name", "admin_title")
PASSWORD_BYTES = 15  # 120 random bits, shown once and kept only as a hash


class Command(BaseCommand):
    help = "Enter the agency this portal answers for, and its first administrator. Once, after load_packs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in (*FACTS, *ADMIN):
            parser.add_argument(f"--{name.replace('_', '-')}", required=True)
        parser.add_argument("--reason", required=True, help="why this version of the law is used")

    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        try:
            with transaction.atomic():
                agency = law.set_up_agency(
                    facts={name: options[name] for name in FACTS}, at=now(), reason=options["reason"]
                )
                person = accounts.create_staff(
                    email=options["admin_email"],
                    name=options["admin_name"],
                    title=options["admin_title"],
                    roles=[Role.ADMIN],
                    password=password,
                    actor=None,
                )
        except DomainError as error:
            raise CommandError(f"Nothing was set up. {error}") from error
        self.stdout.write(f"{agency} answers under {agency.law}.")
        for gap in selectors.parsed(selectors.pack_in_use(agency)).gaps():
            self.stdout.write(gap)
        self.stdout.write(f"Administrator: {person.email}")
        self.stdout.write(f"Password, shown this once: {password}")
