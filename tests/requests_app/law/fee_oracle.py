"""A second reading of the fees, by itself: written from the published tables alone, it shares no line and no
pack with the portal. It says only what the tables settle; a key it leaves out is not compared."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

PER_HOUR = {"minute": 60, "quarter_hour": 4, "hour": 1}
RESEARCHERS = ("educational", "noncommercial_scientific", "news_media")


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """This will work out one fee case of the published format: the keys the tables settle, as text."""
    schedule = _schedule(case)
    if case["law"] == "ANY" and schedule is None:
        return {"error": "no_schedule_in_force", "computed": None, "billed": None}
    exact = LAWS[case["law"]](case)
    credit = Fraction(case["adjustment"] or 0)
    computed = floor(max(exact + credit, Fraction(0)) * 100)
    waiver = Fraction(case["policy"].get("waiver_percent") or 0)
    billed = floor(Fraction(computed) * (100 - waiver) / 100)
    if case["law"] == "US" and billed <= 2500:
        billed = 0
    found = {"computed": money(computed), "billed": money(billed), "invoice": billed > 0}
    if schedule is not None:
        found["schedule"] = schedule["id"]
    found |= _limits(case, computed)
    if "prepaid" in case["events"]:
        paid = int(Fraction(case["events"]["prepaid"]) * 100)
        found |= {"balance": money(max(billed - paid, 0)), "refund": money(max(paid - billed, 0))}
    return found | _interest(case) | _quarters(case)


def _limits(case: dict[str, Any], computed: int) -> dict[str, Any]:
    """What may be asked for in advance: of the estimate where there is one, else of the fee worked out."""
    law, policy = case["law"], case["policy"]
    weighed = Fraction(case["estimate"]) if case["estimate"] else Fraction(computed, 100)
    if policy.get("waiver_percent") == "100":
        weighed = Fraction(0)
    if law == "US":
        if weighed <= 25:
            return {}  # nothing that would be billed; the tables do not say what may then be asked for
        return {"advance_payment_allowed": weighed > 250 or policy.get("prior_nonpayment") is True}
    if law == "TX":
        few = policy.get("staff_count") is not None and policy["staff_count"] < 16
        return {"itemised_estimate_required": weighed > 40, "deposit_allowed": weighed > (50 if few else 100)}
    if law == "VA":
        return {"deposit_allowed": weighed > 200}
    if law == "MI":
        return {"deposit_allowed": weighed > 50}
    if law == "OH":
        return {"advance_payment_allowed": weighed > 0 and policy.get("prepay_in_published_policy") is True}
    free = case["relationship"] in ("directly_involved", "attorney_of_involved")
    if law == "WA" and policy.get("deposit_percent") and case["estimate"] and not free:
        share = min(Fraction(policy["deposit_percent"]), Fraction(10))
        return {"deposit": money(floor(Fraction(case["estimate"]) * share))}
    return {}


def _interest(case: dict[str, Any]) -> dict[str, Any]:
    bill = case["invoice"]
    if bill is None:
        return {}
    begins = date.fromisoformat(bill["dated"]) + timedelta(days=31)
    days = max((date.fromisoformat(bill["paid"]) - begins).days, 0)
    grown = Fraction(bill["amount"]) * Fraction(bill["annual_rate"]) * days / 365
    return {"interest_from": begins.isoformat(), "interest": money(floor(grown * 100))}


def _quarters(case: dict[str, Any]) -> dict[str, Any]:
    if case["law"] != "US" or case["requester_category"] != "commercial" or case["events"]:
        return {}
    return {"quarter_hours": sum(quarters(line) for line in case["work"])}


def united_states(case: dict[str, Any]) -> Fraction:
    who, lines = case["requester_category"], case["work"]
    late = bool(case["events"].get("late_business_days")) and not case["events"].get("extension_noticed")
    search = [line for line in lines if line["activity"] == "search"]
    total = Fraction(0)
    if who in ("commercial", "other") and not late:
        free = 8 if who == "other" else 0
        dearest = case["policy"].get("free_time_order") != "cheapest_first"
        for line in sorted(search, key=by_hour, reverse=dearest):
            paid = max(quarters(line) - free, 0)
            free -= quarters(line) - paid
            total += paid * by_hour(line) / 4
    if who == "commercial":
        total += sum(quarters(line) * by_hour(line) / 4 for line in lines if line["activity"] == "review")
    if not (late and who in RESEARCHERS):
        pages = volume(case, "pages_letter") - (0 if who == "commercial" else 100)
        total += max(pages, Fraction(0)) * Fraction("0.10")
    return total


def california(case: dict[str, Any]) -> Fraction:
    """Direct cost of the copy; of staff time only programming."""
    return volume(case, "media_cost") + labour(case, "programming")


def new_york(case: dict[str, Any]) -> Fraction:
    minutes = sum(
        (Fraction(line["minutes"]) for line in case["work"] if line["activity"] == "duplication"), Fraction()
    )
    total = volume(case, "pages_letter") * Fraction("0.25") + volume(case, "media_cost")
    if minutes >= 120:
        counted = minutes if case["policy"].get("labour_hours") == "whole" else minutes - 120
        total += counted / 60 * by_hour(case["work"][0])
    return total


def texas(case: dict[str, Any]) -> Fraction:
    if case["record_type"] == "body_worn_camera":
        each = [10 + (0 if row["previously_released"] else row["seconds"] // 60) for row in recordings(case)]
        return Fraction(sum(each))
    pages = volume(case, "pages_letter")
    staff = labour(case, "search", "redaction", "duplication", "programming") if pages > 50 else Fraction(0)
    return pages * Fraction("0.10") + staff * Fraction("1.20")


def illinois(case: dict[str, Any]) -> Fraction:
    if case["events"].get("late_business_days") and not case["events"].get("extension_noticed"):
        return Fraction(0)
    total = max(volume(case, "pages_letter") - 50, Fraction(0)) * Fraction("0.15") + volume(
        case, "media_cost"
    )
    if case["requester_category"] == "commercial":
        hours = sum((Fraction(line["minutes"]) for line in case["work"]), Fraction()) / 60
        rates = [by_hour(line) for line in case["work"]]
        total += max(hours - 8, Fraction(0)) * min([Fraction(10), *rates])
    megabytes = volume(case, "megabytes")
    if case["policy"].get("voluminous") and megabytes:
        total += 20 if megabytes <= 80 else 40 if megabytes <= 160 else 100
    return total


def washington(case: dict[str, Any]) -> Fraction:
    if case["record_type"] == "body_worn_camera":
        if case["relationship"] in ("directly_involved", "attorney_of_involved"):
            return Fraction(0)
        total = labour(case, "redaction")
        ratio = case["policy"].get("staff_minutes_per_video_minute")
        if ratio:
            seconds = sum(row["seconds"] for row in recordings(case))
            total += (
                Fraction(seconds, 60) * Fraction(ratio) * Fraction(case["policy"]["rate_per_staff_minute"])
            )
        return max(total - 1, Fraction(0)) if case["policy"].get("first_dollar_waived") else total
    whole: Callable[[Fraction], int] = ceil if case["policy"].get("partial_units") == "round_up" else floor
    return (
        volume(case, "pages_letter") * Fraction("0.15")
        + volume(case, "pages_scanned") * Fraction("0.10")
        + whole(volume(case, "files") / 4) * Fraction("0.05")
        + whole(volume(case, "gigabytes")) * Fraction("0.10")
    )


def massachusetts(case: dict[str, Any]) -> Fraction:
    if case["events"].get("late_business_days") and not case["events"].get("extension_noticed"):
        return Fraction(0)
    free = 4 if case["policy"]["body"] == "agency" else 2 if case["policy"]["population_over_20000"] else 0
    hours = sum((Fraction(line["minutes"]) for line in case["work"]), Fraction()) / 60
    rate = min([Fraction(25), *(by_hour(line) for line in case["work"])])
    return max(hours - free, Fraction(0)) * rate + volume(case, "pages_letter") * Fraction("0.05")


def new_jersey(case: dict[str, Any]) -> Fraction:
    return volume(case, "pages_letter") * Fraction("0.05") + volume(case, "pages_legal") * Fraction("0.07")


def colorado(case: dict[str, Any]) -> Fraction:
    hours = sum((Fraction(line["minutes"]) for line in case["work"]), Fraction()) / 60
    rate = min([Fraction("41.37"), *(by_hour(line) for line in case["work"])])
    return max(hours - 1, Fraction(0)) * rate + volume(case, "pages_letter") * Fraction("0.25")


def virginia(case: dict[str, Any]) -> Fraction:
    return Fraction(case["actual_cost"] or 0)


def arizona(case: dict[str, Any]) -> Fraction:
    if case["relationship"] == "victim" and case["copy_number"] == 1:
        return Fraction(0)
    rate = min(Fraction(case["policy"].get("rate_per_video_hour") or 46), Fraction(46))
    return volume(case, "video_seconds_reviewed") / 3600 * rate


def indiana(case: dict[str, Any]) -> Fraction:
    seconds = volume(case, "video_seconds_produced")
    if not seconds:
        return Fraction(0)
    return Fraction(50 if seconds < 1800 else 100 if seconds <= 3600 else 150)


def florida(case: dict[str, Any]) -> Fraction:
    return volume(case, "pages_letter") * Fraction("0.15") + volume(case, "pages_two_sided") * Fraction(
        "0.20"
    )


def ohio(case: dict[str, Any]) -> Fraction:
    if case["record_type"] != "law_enforcement_video":
        return Fraction(case["actual_cost"] or 0)
    hours = volume(case, "video_seconds_produced") / 3600
    total = min(Fraction(case["actual_cost"] or 0), 75 * hours, Fraction(750))
    if case["estimate"]:
        share = Fraction("1.2") if case["events"].get("overage_notified") else Fraction(1)
        total = min(total, Fraction(case["estimate"]) * share)
    return total


def michigan(case: dict[str, Any]) -> Fraction:
    steps = sum(
        (floor(Fraction(line["minutes"]) / 15) * by_hour(line) / 4 for line in case["work"]), Fraction()
    )
    late = min(Fraction(5 * case["events"].get("late_days", 0)), Fraction(50))
    return steps * (100 - late) / 100


def anywhere(case: dict[str, Any]) -> Fraction:
    schedule = _schedule(case) or {}
    return volume(case, "pages_letter") * Fraction(schedule["page_rate"])


def _schedule(case: dict[str, Any]) -> dict[str, Any] | None:
    for row in case["policy"].get("schedules", ()):
        if row["effective_from"] <= case["received"] and case["received"] <= (row["effective_to"] or "9999"):
            return dict(row)
    return None


def quarters(line: dict[str, Any]) -> int:
    """A quarter-hour counts when more than half of it is used."""
    return ceil((Fraction(line["minutes"]) - Fraction("7.5")) / 15)


def by_hour(line: dict[str, Any]) -> Fraction:
    return Fraction(line["rate"]) * PER_HOUR[line["rate_per"]]


def labour(case: dict[str, Any], *activities: str) -> Fraction:
    lines = [line for line in case["work"] if line["activity"] in activities]
    return sum((Fraction(line["minutes"]) / 60 * by_hour(line) for line in lines), Fraction())


def volume(case: dict[str, Any], name: str) -> Fraction:
    return Fraction(case["volumes"].get(name) or 0)


def recordings(case: dict[str, Any]) -> list[dict[str, Any]]:
    return list(case["volumes"].get("recordings") or ())


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


LAWS: dict[str, Callable[[dict[str, Any]], Fraction]] = {
    "US": united_states, "CA": california, "NY": new_york, "TX": texas, "IL": illinois, "WA": washington,
    "MA": massachusetts, "NJ": new_jersey, "CO": colorado, "VA": virginia, "AZ": arizona, "IN": indiana,
    "FL": florida, "OH": ohio, "MI": michigan, "ANY": anywhere,
}  # fmt: skip
