"""No refusal of a signed-in person goes unwritten, wherever it was raised."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.audit import services as audit
from portal.audit.models import Outcome

SECRET = "token"  # noqa: S105  the name of the part of an address that is a key to a download
Handler = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Writes the entry of a 403 that left none.

    A service that says no inside its transaction loses its own entry with it; here every transaction is over.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.noting_refusals() as noted:
            response = self.get_response(request)
        if response.status_code == 403 and request.user.is_authenticated and not audit.stands(noted):
            match = request.resolver_match
            named = {name: str(value)[:64] for name, value in match.kwargs.items()} if match else {}
            named.pop(SECRET, None)
            audit.record(
                action=(match.view_name if match else "unknown").replace(":", ".")[:64],
                actor=request.user,
                subject=request.user,
                detail={"why": "forbidden", **named},
                outcome=Outcome.DENIED,
            )
        return response
