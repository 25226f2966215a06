"""A pack's rules in plain words, for those who read law pages: clerks, counsel, the public. Pure."""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from requests_app.law.rule import NOT_SAID, Rule
from requests_app.law.wording import date_of, days

VERIFIED = {"V": ("Verified", "done"), "P": ("Partly verified", "soon"), "M": ("To be confirmed", "waiting")}
"""Mark of a rule → (words, kind of tag): whether its source was read word for word."""

LABELS = {
    "id": "Short name",
    "code": "Code",
    "name": "Name",
    "n": "Length",
    "unit": "Counted in",
    "on": "When",
    "max": "At most",
    "why": "Reason given",
    "roll": "A last day on a closed day moves on",
    "to": "Decided by",
    "citation": "Citation",
    "verified": "Was the source read",
    "source": "Source compared with",
    "source_url": "Address of the source",
    "verified_by": "Compared by",
    "verified_on": "Compared on",
    "source_note": "Note on the source",
    "note": "Note",
    "on_miss": "What a missed limit does",
    "met_by": "Met by",
    "applies_if": "Applies only if",
    "when": "Only if",
    "or_if": "Also if",
    "over": "Over",
    "at_most": "At most",
    "true": "These hold",
    "false": "These do not hold",
    "any": "Any of these",
    "none": "None of these",
    "nth": "Which one (-1: the last)",
    "offset": "Days after",
    "years": "In which years",
    "kind": "Kind",
    "from": "Starts with",
    "start": "Starts when",
    "extensions": "May be extended by",
    "pick": "When several are there",
    "which": "First or last",
    "plus": "Days added",
    "lengths": "Other lengths",
    "tolls": "What a question does",
    "guards": "Moves it forbids or warns of",
    "if": "In which case",
    "tracks": "Used on",
    "rate": "Rate in dollars",
    "max_rate": "Ceiling in dollars",
    "basis": "Charged by",
    "rate_policy": "The agency’s figure",
    "short_label": "Label",
    "explanation": "In plain words",
    "letter_text": "Text for letters",
    "applies_to": "Applies to",
    "flight_classes": "Of a drone, only for flights recorded as",
    "mandatory": "Must be withheld",
    "default_on": "Offered at first",
    "effective_from": "In force from",
    "effective_to": "In force until",
    "if_late": "Only when the agency is late",
    "rows": "These fees",
    "events": "Events",
    "moves": "Holidays on a weekend move by",
    "weekend": "Weekend",
    "deadline": "By when",
    "route": "Where to go",
    "counts_agency_closures": "Days the agency is closed do not count",
    "closures_per_year": "Closures an agency may add a year",
    "clock": "Clock of this law",
    "keep_at_least": "Keep at least",
    "destroy_by": "Destroy by",
    "request_hold": "What a request does",
    "item": "What the letter must say",
    "facts": "Facts that must be found",
    "needs": "Its text needs",
}
"""Field → its label; what is not here is spelt from its name."""

_HOLDS = {
    "allowed": "a request keeps it", "silent": "the law does not say what a request does",
    "forbidden": "a request does not keep it", "subject_may_extend": "the person in it may have it kept",
}  # fmt: skip
_EFFECTS = {
    "pause": "the clock pauses until the answer",
    "restart": "the clock starts again on the answer",
    "none": "the clock runs on",
}
_MAIN = {
    "holidays": ("id", "name", "on"),
    "clocks": ("name", "title", "n", "unit"),
    "exemptions": ("code", "short_label", "explanation"),
    "redaction_reasons": ("code", "label"),
    "appeals": ("route", "deadline"),
    "letters": ("id", "item"),
    "fees/rows": ("id", "label", "rate", "max_rate", "basis"),
    "fees/bars": ("id", "why"),
    "retention": ("id", "record_type", "keep_at_least", "destroy_by", "request_hold"),
}


def label(name: str) -> str:
    """This will name a field as a form or a table does."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def title(rule: Rule) -> str:
    """This will name a rule in the words of the law it comes from."""
    row, part = rule.data, rule.section.where[-1]
    if not rule.section.many:
        return str(row.get("name", rule.section.title)) if part == "calendar" else rule.section.title
    if part == "retention":
        return f"{spelt(row['record_type']).capitalize()} ({row['id']})"
    for name in ("title", "short_label", "label", "name", "item", "why", "route"):
        if isinstance(row.get(name), str):
            return str(row[name])
    return rule.path


def summary(rule: Rule) -> str:
    """This will say in one line what a rule does; empty where its title says it all."""
    row, part = rule.data, rule.section.where[-1]
    if part == "holidays":
        return holiday(row["on"])
    if rule.section.id == "clocks":
        return days(row["n"], row["unit"])
    if rule.section.id == "fees/rows":
        rate = f"${row['rate']}" if row["rate"] is not None else "at cost, or the agency’s own figure"
        most = f", at most ${row['max_rate']}" if row.get("max_rate") else ""
        return f"{rate}{most} ({spelt(row['basis'])})"
    if part == "exemptions":
        return str(row["explanation"])
    if part == "appeals":
        return str(row["deadline"])
    if part == "retention":
        keep, gone = row.get("keep_at_least"), row.get("destroy_by")
        said = [
            f"kept at least {period(keep)}" if keep else "",
            f"destroyed by {period(gone)}" if gone else "",
        ]
        return "; ".join([*filter(None, said), _HOLDS.get(row["request_hold"], "")]).strip("; ")
    return ""


def further(rule: Rule) -> list[tuple[str, str]]:
    """This will list (label, words) of everything else a rule says, marks and sources left out."""
    if rule.section.id == "clocks":
        return _clock(rule.data)
    part = rule.section.id if rule.section.id in _MAIN else rule.section.where[-1]
    shown = _MAIN.get("letters" if rule.section.where[0] == "letters" else part, ())
    return [
        (label(name), said(value))
        for name, value in rule.data.items()
        if name not in shown and name not in NOT_SAID and name != "citation" and said(value)
    ]


def source(row: Mapping[str, Any]) -> str:
    """This will say where a rule was compared, by whom and when, as far as the pack knows."""
    found = row.get("source", "")
    parts = [", ".join(found) if isinstance(found, list) else str(found), str(row.get("source_url", ""))]
    if row.get("verified_by"):
        on = f", {date_of(date.fromisoformat(row['verified_on']))}" if row.get("verified_on") else ""
        parts.append(f"compared by {row['verified_by']}{on}")
    return "; ".join(filter(None, [*parts, str(row.get("source_note", ""))]))


def holiday(on: Mapping[str, Any]) -> str:
    """This will say when a holiday falls: ``fourth Thursday of November``."""
    months = calendar.month_name
    shift = on.get("offset", 0)
    after = (
        f", {abs(shift)} day{'s' * (abs(shift) != 1)} {'later' if shift > 0 else 'before'}" if shift else ""
    )
    which = {"even": " in even years", "odd": " in odd years"}.get(on.get("years", ""), "")
    if on["kind"] == "fixed":
        return f"{months[on['month']]} {on['day']}{after}{which}"
    if on["kind"] == "nth_weekday":
        place = {-1: "last", 1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
        nth = place.get(on["nth"], f"{on['nth']}.")
        return f"{nth} {on['weekday'].capitalize()} of {months[on['month']]}{after}{which}"
    if on["kind"] == "easter":
        return f"Easter Sunday{after}{which}"
    return said(on)


def period(text: str) -> str:
    """This will spell a period of ISO 8601: ``P90D`` → ``90 days``; a word stays a word."""
    units = {"Y": "year", "M": "month", "W": "week", "D": "day"}
    if text[:1] != "P" or "T" in text:
        return spelt(text) if "_" in text else text
    found, number = [], ""
    for sign in text[1:]:
        if sign in units:
            found.append(f"{number} {units[sign]}{'s' * (number != '1')}")
            number = ""
        else:
            number += sign
    return " ".join(found)


def said(value: Any) -> str:
    """This will put any value of a pack into words, however deep."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(_parts(value))
    if isinstance(value, list):
        return (" / " if any(isinstance(each, Mapping) for each in value) else ", ").join(map(said, value))
    text = str(value)
    return spelt(text) if "_" in text and " " not in text else text


def spelt(name: str) -> str:
    """This will part the words of a name: ``body_worn_camera`` → ``body worn camera``."""
    return name.replace("_", " ")


def _clock(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A clock's parts as sentences; what has no sentence is said field by field."""
    unit = row["unit"]
    told = {
        "start": " or ".join(map(_start, row["start"]["from"])),
        "lengths": "; ".join(
            f"{days(each['n'], unit)} if {said(each['when'])}{_why(each)}" for each in row.get("lengths", ())
        ),
        "tolls": "; ".join(
            f"{spelt(each['question'])}: {_EFFECTS[each['mode']]}{_why(each)}"
            for each in row.get("tolls", ())
        ),
        "extensions": "; ".join(
            f"at most {days(each['max'], each['unit'])}"
            + (f" for {', '.join(each['reasons'])}" if each.get("reasons") else "")
            + (f" if {said(each['when'])}" if each.get("when") else "")
            + _why(each)
            for each in row.get("extensions", ())
        ),
    }
    missed = row.get("on_miss")
    if isinstance(missed, list):
        told["on_miss"] = " ".join(each["why"] for each in missed)
    left_out = {*_MAIN["clocks"], *NOT_SAID, "citation"}
    found = [
        (label(name), told.get(name) or said(value)) for name, value in row.items() if name not in left_out
    ]
    return [(name, words) for name, words in found if words]


def _start(each: Mapping[str, Any]) -> str:
    later = f" plus {days(each['plus'], each.get('unit', 'business_day'))}" if each.get("plus") else ""
    which = "the last time " if each.get("which") == "last" else ""
    return f"{which}{spelt(each['event'])}{later}{_why(each)}"


def _why(each: Mapping[str, Any]) -> str:
    told = ", ".join(str(each[name]).rstrip(".") for name in ("why", "citation") if each.get(name))
    return f" ({told})" if told else ""


def _parts(row: Mapping[str, Any]) -> Iterator[str]:
    if {"kind", "month"} <= set(row) or row.get("kind") == "easter":
        yield holiday(row)
        return
    for name, value in row.items():
        words = said(value)
        if words and name not in NOT_SAID:
            yield f"{label(name) if name in LABELS else spelt(name)}: {words}"
