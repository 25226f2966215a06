"""The withholding log: one line for each part withheld, made from the frozen words of a decision. Pure.

The columns are those courts ask of a Vaughn index; every cell comes from a mark, an approval or the law.
"""

from collections.abc import Iterator, Mapping
from typing import Any

HEADER = (
    "log_no", "record_id", "file_name", "record_type", "date_created", "author_or_source", "recipient",
    "pages_or_duration", "portion", "description", "exemption_code", "citation", "explanation_of_harm",
    "segregable_released", "full_or_partial", "reviewer", "reviewed_on", "legal_hold_id",
    "consent_or_court_order",
)  # fmt: skip
NOT_APPLICABLE = "not applicable"
NOT_KNOWN = "not recorded"


def rows(facts: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """This will give the lines of one decision, records in order, parts in the order of their marks.

    ``facts`` as ``letter.gather`` froze them. A record released whole has no line. Nothing a mark withholds,
    no original file name and no colleague's note is in it, because none of them is in the facts.
    """
    for record in facts["records"]:
        shared = _of_record(facts, record)
        for part, withheld in enumerate(record["withholdings"], start=1):
            grounds = withheld["grounds"]
            yield {
                "log_no": f"{facts['request']['number']}/{record['number']}.{part}",
                **shared,
                "portion": withheld["place"],
                "description": _described(withheld),
                "exemption_code": "; ".join(ground["code"] for ground in grounds) or NOT_KNOWN,
                "citation": "; ".join(ground["citation"] for ground in grounds if ground["citation"])
                or NOT_KNOWN,
                "explanation_of_harm": _harm(record, grounds),
            }


def cells(facts: Mapping[str, Any]) -> Iterator[list[str]]:
    """This will give the lines as cells in the order of ``HEADER``."""
    return ([row[name] for name in HEADER] for row in rows(facts))


def _of_record(facts: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, str]:
    released = bool(record["path"])
    return {
        "record_id": str(record["number"]),
        "file_name": record["path"].rpartition("/")[2] or "none: withheld in full",
        "record_type": record["noun"],
        "date_created": record.get("made") or NOT_KNOWN,
        "author_or_source": record.get("source") or facts["agency"]["name"],
        "recipient": NOT_APPLICABLE,
        "pages_or_duration": record.get("extent") or NOT_KNOWN,
        "segregable_released": "yes" if released else "no",
        "full_or_partial": "partial" if released else "full",
        "reviewer": record.get("reviewer") or NOT_KNOWN,
        "reviewed_on": record.get("reviewed_on") or NOT_KNOWN,
        "legal_hold_id": ", ".join(facts.get("holds", [])) or "none",
        "consent_or_court_order": record.get("authority") or "none recorded",
    }


def _described(withheld: Mapping[str, Any]) -> str:
    times = f" ({withheld['count']} times)" if withheld["count"] > 1 else ""
    why = f": {withheld['why']}" if withheld["why"] else ""
    return f"{withheld['what']}{times}{why}"


def _harm(record: Mapping[str, Any], grounds: list[Mapping[str, str]]) -> str:
    """The harm that was found for this very record where one had to be, then what the law guards against."""
    found = [
        record.get("harms", {}).get(ground["code"]) or ground.get("said") or ground["explanation"]
        for ground in grounds
    ]
    return " ".join(dict.fromkeys(found)) or NOT_KNOWN
