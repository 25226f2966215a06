from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from requests_app.law.models import Agency


def agency(request: HttpRequest) -> dict[str, Any]:
    """This will give every template the agency's name and contact; read only where a page shows them."""
    return {"site_agency": SimpleLazyObject(Agency.objects.order_by("pk").first)}
