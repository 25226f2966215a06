"""What was worked and counted without a charge in the law: shown at zero, so that nothing vanishes unsaid."""

from fractions import Fraction

from requests_app.law.charge import COUNTED, UNPRICED_PAGES, Charge
from requests_app.law.condition import Circumstances
from requests_app.law.fee_law import FeeLaw, FeeRow
from requests_app.law.work import TimeLine, Work

BY_FOOTAGE = frozenset(
    ("recording", "new_recording_minute", "video_staff_time", "video_length_tier", "video_hour_produced",
     "video_hour_reviewed")
)  # fmt: skip


def time(line: TimeLine) -> Charge:
    """This will show staff time the law has no charge for."""
    why = f"the law allows no charge for {line.activity} here"
    label = f"{line.activity.capitalize()} time"
    return Charge(
        "not-chargeable", label, "minute", Fraction(line.minutes), None, Fraction(0), None, "M", why
    )


def volumes(law: FeeLaw, work: Work, case: Circumstances) -> list[Charge]:
    """This will show copies, footage, sizes and costs no row of the law covers in this case."""
    rows = [row for row in law.rows if row.when.holds(case)]
    covered = {row.basis for row in rows}
    if "page_letter" in covered:
        covered |= set(UNPRICED_PAGES) - {row.basis for row in law.rows}
    found = [
        _without_charge(name, unit, Fraction(work.counts[name]))
        for basis, (name, unit) in COUNTED.items()
        if work.counts.get(name) and basis not in covered
    ]
    for name, basis in (("gigabytes", "gigabyte"), ("megabytes", "megabyte_tier")):
        if (size := work.sizes.get(name)) and basis not in covered:
            found.append(_without_charge(name, name.removesuffix("s"), Fraction(size)))
    for name, cost in (("media_cost", work.sizes.get("media_cost")), ("actual_cost", work.actual_cost)):
        if cost and name not in covered and "video_length_tier" not in covered:
            found.append(_without_charge(name, "dollar", Fraction(cost)))
    return found + (_footage(work) if not _by_footage(rows) else [])


def _by_footage(rows: list[FeeRow]) -> bool:
    """A price by length, or a limit by length, takes the footage in."""
    return any(
        row.basis in BY_FOOTAGE or any(cap.per == "video_hour_produced" for cap in row.caps) for row in rows
    )


def _footage(work: Work) -> list[Charge]:
    """Recordings and their length are one thing counted in several ways: told once."""
    if work.recordings:
        return [_without_charge("recordings", "recording", Fraction(len(work.recordings)))]
    seconds = work.counts.get("video_seconds_produced") or work.counts.get("video_seconds_reviewed")
    return [_without_charge("length_of_video", "second", Fraction(seconds))] if seconds else []


def _without_charge(name: str, unit: str, quantity: Fraction) -> Charge:
    label = name.replace("_", " ").capitalize()
    why = "the law gives no charge for this"
    return Charge("not-chargeable", label, unit, quantity, None, Fraction(0), None, "M", why)
