"""The only code that changes releases, their links and the log of downloads."""

from redaction.release.freezing import ReleaseRefused, create
from redaction.release.grants import LinkGone, NotReleased, grant, resolve, revoke
from redaction.release.recalling import abandon, recall, retry

__all__ = [
    "LinkGone",
    "NotReleased",
    "ReleaseRefused",
    "abandon",
    "create",
    "grant",
    "recall",
    "resolve",
    "retry",
    "revoke",
]
