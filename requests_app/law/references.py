"""What a schema cannot say of a pack: names that must be unique, names that must exist, days in order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from requests_app.law.periods import is_period

LETTER_KINDS = frozenset(
    {
        "acknowledgement", "ag_referral", "appeal_acknowledgement", "appeal_decision", "clarification",
        "critical_incident_notice", "denial", "deposit_demand", "determination", "estimate", "extension",
        "fee_estimate", "fee_waiver_decision", "installment", "invoice", "misconduct_video_delay",
        "no_responsive_records", "notice", "receipt", "release", "ruling_notice", "third_party_notice",
        "withdrawal_or_lapse",
    }
)  # fmt: skip
_NAMED = (
    ("clocks", "name"), ("exemptions", "code"), ("redaction_reasons", "code"), ("retention", "id"),
)  # fmt: skip
_FIELD = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"([0-9]+)([YMWDH])")
_MINUTES = {"Y": 525_600, "M": 43_200, "W": 10_080, "D": 1_440, "H": 60}


def faults(data: Mapping[str, Any]) -> list[str]:
    """This will list each contradiction in a pack that passed the schema, as ``rule/field: fault``."""
    return [
        *_repeated(data), *_unknown(data), *_out_of_order(data), *_contradicting_periods(data["retention"]),
        *_endless_periods(data["retention"]), *_unfillable(data["exemptions"]),
    ]  # fmt: skip


def _repeated(data: Mapping[str, Any]) -> Iterator[str]:
    lists = [(part, data[part], key) for part, key in _NAMED]
    lists.append(("calendar/holidays", data["calendar"]["holidays"], "id"))
    lists.append(("fees/bars", data["fees"].get("bars", ()), "id"))
    lists += [(f"letters/{kind}", items, "id") for kind, items in data["letters"].items()]
    for part, rows, key in lists:
        names = [row[key] for row in rows]
        yield from (
            f"{part}/{name}: appears twice" for name in sorted({n for n in names if names.count(n) > 1})
        )


def _unknown(data: Mapping[str, Any]) -> Iterator[str]:
    codes = {row["code"] for row in data["exemptions"]}
    for row in data["redaction_reasons"]:
        for code in row["exemptions"]:
            if code not in codes:
                yield f"redaction_reasons/{row['code']}/exemptions: there is no exemption {code}"
    clocks = {row["name"] for row in data["clocks"]}
    for row in data["appeals"]:
        if row.get("clock") and row["clock"] not in clocks:
            yield f"appeals/{row['route']}/clock: there is no clock {row['clock']}"
    for kind in data["letters"]:
        if kind not in LETTER_KINDS:
            yield f"letters/{kind}: is not a kind of letter"
    try:
        ZoneInfo(data["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"timezone: {data['timezone']} is no time zone"


def _out_of_order(data: Mapping[str, Any]) -> Iterator[str]:
    for row in (data, *data["exemptions"], *data["calendar"]["holidays"], *data["retention"]):
        begins, ends = row.get("effective_from"), row.get("effective_to")
        if begins and ends and ends < begins:
            yield f"{row.get('code', row.get('id'))}/effective_to: is before effective_from"


def _contradicting_periods(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        least, most = _minutes(row.get("keep_at_least")), _minutes(row.get("destroy_by"))
        if least is not None and most is not None and most < least:
            yield f"retention/{row['id']}/destroy_by: {row['destroy_by']} is before keep_at_least has passed"


def _endless_periods(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What no calendar holds would stop every record from being judged, and with it each filing."""
    for row in rows:
        told = [(f"retention/{row['id']}", each) for each in (row, *row.get("longer", ()))]
        for place, each in told:
            for name in ("keep_at_least", "destroy_by", "ask_within"):
                text = each.get(name)
                if text and text.startswith("P") and not is_period(text):
                    yield f"{place}/{name}: {text[:40]} ends after the year 9999"


def _minutes(period: str | None) -> int | None:
    """A period's length, months as 30 days: close enough to see one end before another begins."""
    if not is_period(period):
        return None
    assert period is not None  # noqa: S101  is_period said so
    days, _, time = period[1:].partition("T")
    spent = sum(int(n) * _MINUTES[unit] for n, unit in _PART.findall(days))
    return spent + sum(int(n) * (60 if unit == "H" else 1) for n, unit in _PART.findall(time))


def _unfillable(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        place, needs = f"exemptions/{row['code']}", row.get("needs", ())
        asked = _FIELD.findall(row["letter_text"])
        for name in sorted(set(asked) ^ set(needs)):
            told = "is not listed in needs" if name in asked else "has no place in the letter text"
            yield f"{place}/letter_text: {{{name}}} {told}"
        for name in row.get("choices", {}):
            if name not in needs:
                yield f"{place}/choices/{name}: is not listed in needs"
