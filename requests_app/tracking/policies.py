from portal.accounts.models import User
from portal.core.errors import NotAllowed
from requests_app.docket.models import RecordsRequest


def is_requester(user: User, request: RecordsRequest) -> bool:
    return request.requester_id == user.pk


def require_requester(user: User, request: RecordsRequest) -> None:
    """:raises NotAllowed: for staff on a requester's page: they look, the requester acts."""
    if not is_requester(user, request):
        raise NotAllowed("Only the person who filed this request can do that.")
