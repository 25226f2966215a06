"""The stage for PDF, office files and images: its addresses and what its script needs to know."""

import shutil
from typing import Any

from django.urls import path, reverse

from portal.core import files
from redaction.leaves.asking import READER
from redaction.workbench import early_pages
from redaction.workbench import pages_answers as answers
from redaction.workbench.page import Desk

PATTERNS = (
    ("ssn", "Social Security numbers"),
    ("phone", "Telephone numbers"),
    ("email", "E-mail addresses"),
    ("dob", "Dates of birth"),
    ("plate", "License plates"),
    ("card", "Card numbers"),
)
_ADDRESSES = ("sizes", "pictures", "words", "areas", "find", "after")

urlpatterns = [
    path("desk/records/<str:key>/pages/picture/<int:number>/", answers.picture, name="pages-picture"),
    *(
        path(f"desk/records/<str:key>/pages/{name}/", getattr(answers, name), name=f"pages-{name}")
        for name in _ADDRESSES
    ),
]


def config(desk: Desk) -> dict[str, Any]:
    """This will give addresses, what is hidden in an office file, and whether pictures can be read here."""
    record, key = desk.record, desk.record.key
    # its first page is asked for with the head of the page, and a long file takes a moment to hash
    files.hash_ahead(files.Stored.of(record))
    return {
        "urls": {name: reverse(f"workbench:pages-{name}", kwargs={"key": key}) for name in _ADDRESSES},
        "whole": reverse("workbench:marks", kwargs={"key": key}),
        "patterns": [list(row) for row in PATTERNS],
        "hidden": [list(row) for row in desk.facts.hidden],
        "reads_pictures": shutil.which(READER) is not None,
        "may_mark": desk.may_mark,
        "early": early_pages.config(desk),
    }
