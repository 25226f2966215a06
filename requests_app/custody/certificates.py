"""The certificate of a destruction: by series and severity, each record with its hash, rule and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from portal.accounts.models import User
from portal.core import files
from portal.core.exports import csv_lines
from requests_app.correspondence.pdf import letter_pdf
from requests_app.custody.models import Certificate, Purge, PurgeItem
from requests_app.custody.rules import ItemState
from requests_app.custody.schedules import SERIES
from requests_app.docket.recusals import without
from requests_app.law.material import SEVERITIES

HEADER = (
    "Purge", "Series", "Severity", "Request", "Record", "SHA-256 of the original", "Bytes", "Rule",
    "Rule in words", "Due on", "What happened", "Destroyed at", "Files removed", "Files left",
    "Why left alone", "Proposed by", "Proposed at", "Confirmed by", "Confirmed at",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """The records of one series and severity."""

    series: str
    severity: str
    items: tuple[PurgeItem, ...]

    @property
    def destroyed(self) -> int:
        return sum(item.state == ItemState.DESTROYED for item in self.items)

    @property
    def bytes(self) -> int:
        return sum(item.size for item in self.items if item.state == ItemState.DESTROYED)


def sections(purge: Purge, reader: User | None = None) -> list[Section]:
    """This will give a purge's records by series and severity, in words.

    On a page, without those of requests its reader is recused from; a certificate names all of them.
    """
    rows = purge.items.select_related("record__request").order_by("series", "severity", "pk")
    if reader is not None:
        rows = without(rows, reader, "record__request")
    return [
        Section(SERIES.get(series, series) or "Not classified", SEVERITIES.get(severity, ""), tuple(group))
        for (series, severity), group in groupby(rows, key=lambda item: (item.series, item.severity))
    ]


def html_of(purge: Purge, at: datetime) -> str:
    """This will write the certificate as a letter-like page; it names no file and nobody recorded."""
    return render_to_string(
        "custody/certificate.html",
        {"purge": purge, "agency": purge.agency, "sections": sections(purge), "sent_at": at},
    )


def lines_of(purge: Purge) -> Iterator[str]:
    """This will write the certificate as CSV, one line a record."""
    return csv_lines(HEADER, (_cells(purge, item) for part in sections(purge) for item in part.items))


def _cells(purge: Purge, item: PurgeItem) -> tuple[object, ...]:
    zone = ZoneInfo(purge.agency.time_zone)
    return (
        purge.number, item.series, item.severity, item.record.request.number, item.record.position,
        item.sha256, item.size, item.rule_id, item.rule, item.due_on, item.get_state_display(),
        _moment(item.destroyed_at, zone), sum(not file["left"] for file in item.files if "left" in file),
        sum(bool(file.get("left")) for file in item.files), item.skipped_why,
        purge.proposed_by, _moment(purge.proposed_at, zone),
        purge.confirmed_by, _moment(purge.confirmed_at, zone),
    )  # fmt: skip


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def draw(purge: Purge, at: datetime) -> tuple[files.Stored, files.Stored]:
    """This will make the certificate as (PDF/UA, CSV), both at rest under their hashes."""
    with files.scratch() as folder:
        page, table = folder / "certificate.pdf", folder / "certificate.csv"
        letter_pdf(html_of(purge, at), page)
        _write(table, lines_of(purge))
        return files.store_file(page, area="derived"), files.store_file(table, area="derived")


def _write(target: Path, lines: Iterator[str]) -> None:
    with target.open("w", encoding="utf-8", newline="") as sink:
        sink.writelines(lines)


def stored(certificate: Certificate, kind: str) -> files.Stored:
    """This will give the certificate's ``pdf`` or ``csv`` as the file store knows it."""
    return files.Stored(
        address=getattr(certificate, f"{kind}_address"),
        sha256=getattr(certificate, f"{kind}_sha256"),
        size=getattr(certificate, f"{kind}_size"),
    )
