"""Who marked a record: the people who can never be its second person."""

from portal.accounts.models import User
from redaction.plans.models import Plan, Review


def is_author(user: User, review: Review) -> bool:
    """Whether the person wrote any version of the marks, the newest or an old one."""
    return Plan.objects.filter(review=review, author=user).exists()
