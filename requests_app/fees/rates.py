"""A schedule's charges in words, for the pages that show it and the files people take away. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from requests_app.fees import law_words
from requests_app.fees.models import PublishedSchedule
from requests_app.law.fee_law import FeeLaw, FeeRow

UNITS = {
    "page_letter": "per page",
    "page_legal": "per page",
    "page_two_sided": "per sheet",
    "page_scanned": "per page",
    "page_digital": "per page",
    "file": "per file",
    "gigabyte": "per gigabyte",
    "disc_cd": "per disc",
    "disc_dvd": "per disc",
    "recording": "per recording",
    "new_recording_minute": "per full minute",
    "video_hour_reviewed": "per hour of video",
    "video_hour_produced": "per hour of video",
    "staff_time": "per hour",
    "video_staff_time": "per staff minute",
}


def has_rate(row: FeeRow) -> bool:
    """This will tell whether an agency sets a figure for this charge: not at cost, a share, or in steps."""
    return row.basis in UNITS and not row.tiers


def unit_of(row: FeeRow) -> str:
    unit = UNITS.get(row.basis, "")
    return f"per {row.unit_size} {unit.removeprefix('per ')}s" if row.unit_size > 1 else unit


def rows_of(row: PublishedSchedule | None) -> dict[str, Mapping[str, Any]]:
    """This will give a schedule's own figures by the law's row."""
    return {each["rule"]: each for each in (row.rows or ())} if row is not None else {}


def rates(row: PublishedSchedule, law: FeeLaw, drafts: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """This will list a schedule's charges in words; ``drafts`` are rows of the law nobody adopted yet."""
    own, listed = rows_of(row), row.rows is not None
    shown = [each for each in law.rows if not listed or each.id in own]
    # when all of them are drafts the page says so once
    marked = drafts if not drafts.issuperset(each.id for each in shown) else frozenset()
    return [
        {
            "id": each.id,
            "label": each.label,
            "note": "; ".join([*filter(None, [each.why]), *law_words.terms(each), *_own_terms(each, own)]),
            "citation": each.citation or "",
            "rate": _rate_words(each, own, row.policy),
            "figure": _figure(each, own, row.policy),
            "unit": unit_of(each),
            "draft": each.id in marked,
        }
        for each in shown
    ]


def uncharged(row: PublishedSchedule, law: FeeLaw) -> list[str]:
    """This will list what the law would allow a charge for and this schedule charges nothing for."""
    own = rows_of(row)
    return [each.label for each in law.rows if row.rows is not None and each.id not in own]


def _own_terms(row: FeeRow, own: Mapping[str, Mapping[str, Any]]) -> list[str]:
    mine = own.get(row.id, {})
    said = []
    if Decimal(str(mine.get("free") or 0)):
        unit = _("minutes") if row.basis == "staff_time" else _("of them")
        said.append(_("the first %(many)s %(unit)s free here") % {"many": mine["free"], "unit": unit})
    if mine.get("cap"):
        said.append(_("at most %(most)s a request here") % {"most": law_words.dollars(mine["cap"])})
    said += [
        _("%(grade)s: %(rate)s %(unit)s")
        % {"grade": grade, "rate": law_words.dollars(rate), "unit": unit_of(row)}
        for grade, rate in (mine.get("rates") or {}).items()
    ]
    return said


def _figure(row: FeeRow, own: Mapping[str, Mapping[str, Any]], policy: Mapping[str, Any]) -> Decimal | None:
    figure = own.get(row.id, {}).get("rate")
    if figure is None and row.rate_policy:
        figure = policy.get(row.rate_policy)
    if figure is None:
        figure = row.rate
    return Decimal(str(figure)) if figure is not None and has_rate(row) else None


def _rate_words(row: FeeRow, own: Mapping[str, Mapping[str, Any]], policy: Mapping[str, Any]) -> str:
    if row.tiers:
        return f"{law_words.dollars(row.tiers[0].amount)} to {law_words.dollars(row.tiers[-1].amount)}"
    if row.basis == "share_of_labour":
        figure = own.get(row.id, {}).get("rate")
        return f"{figure if figure is not None else row.share_percent} percent"
    if row.basis in {"media_cost", "actual_cost"}:
        return _("at cost")
    found = _figure(row, own, policy)
    if found is None and own.get(row.id, {}).get("rates"):
        return _("by who does it")
    return f"{law_words.dollars(found)} {unit_of(row)}" if found is not None else _("not charged")
