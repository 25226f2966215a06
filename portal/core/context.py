from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """This will give every template the role of this process and whether it is a demonstration."""
    return {"site_role": settings.ROLE, "demo": settings.DEMO_PEOPLE}
