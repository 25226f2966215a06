"""What the law room's page tests begin with."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import drafting
from requests_app.law.models import PackDraft
from tests.builders import NOON, a_pack, a_user


def page(name: str, *args: int) -> str:
    return reverse(f"law:{name}", args=args)


def today() -> date:
    return timezone.localdate()


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


def a_draft(author: User | None = None) -> PackDraft:
    return drafting.start_version(base=a_pack(), actor=author or a_user(Role.ADMIN), at=NOON)
