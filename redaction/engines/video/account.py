"""The report on a film: the way it went and why, what was copied, what was made anew, what is gone."""

from redaction.engines.media.pictures import Turn
from redaction.engines.media.writing import library_versions
from redaction.engines.video.parts import Part
from redaction.engines.video.plan import COPY, ENGINE, GONE, REDO, SPARSE, Plan
from redaction.engines.video.sound_part import SoundPart
from redaction.marks import Marks
from redaction.report import Report
from redaction.transcript import Speech
from redaction.transcript_captions import compose


def report_of(
    plan: Plan, marks: Marks, speech: Speech, rendered: list[Part], sound: SoundPart | None, cached: int
) -> Report:
    """This will give the report of a finished film; ``cached`` segments were not rendered anew."""
    film, timeline = plan.film, plan.timeline
    painted = {mark.id: 0 for mark in plan.brush.marks}
    for part in rendered:
        for number, count in part.painted.items():
            painted[plan.brush.marks[number].id] += count
    versions = library_versions()
    encoders = sorted({part.encoder for part in rendered if part.encoder})
    if encoders:
        versions["x264"] = ", ".join(encoders)
    made = sum(len(part.pts) for part in rendered)
    copied = sum(
        last - first
        for (first, last), fate in zip(plan.bounds, plan.fates.tolist(), strict=True)
        if fate == COPY
    )
    report = Report(
        engine=ENGINE.split()[0],
        medium="video",
        versions=versions,
        marks=[speech.outcome(mark) for mark in marks],
        details={
            "way": plan.way,
            "why": plan.why,
            "duration": round(film.duration, 3),
            "frames_in": len(film.pts) - film.hidden,
            "frames": made + copied,
            "frames_copied": copied,
            "groups_copied": plan.count(COPY),
            "groups_encoded": plan.count(REDO),
            "groups_removed": plan.count(GONE),
            "longest_group": round(plan.longest_group, 3),
            "segments": len(rendered),
            "segments_from_cache": cached,
            "fps": round(float(film.rate), 3),
            "size": list(film.look.shown),
            "turned": film.look.turn != Turn(),
            "tracks": {"picture": film.choice.picture, "sound": film.choice.sound},
            "streams_dropped": list(film.dropped),
            "seconds_cut": round(timeline.seconds_cut, 3),
            "time_map": timeline.as_map(),
            "pictures_painted": painted,
            "seconds_of_sound": round(sound.seconds, 3) if sound is not None else 0.0,
            "sound": "none" if sound is None else "encoded anew" if sound.source else "copied",
        },
    )
    report.details |= speech.details
    if speech.transcript is not None:
        cuts = [(span.start, span.end) for span in timeline.cuts]
        report.details["captions"] = compose(speech, film.duration, cuts)
    report.warnings = speech.warnings + _warnings(plan, marks, painted, rendered)
    report.warnings += sound.warnings if sound is not None else ()
    return report


def _warnings(plan: Plan, marks: Marks, painted: dict[str, int], rendered: list[Part]) -> list[str]:
    film = plan.film
    said = [
        f"mark {mark.id}: no picture is shown while this mark holds"
        for mark in marks
        if painted.get(mark.id) == 0 and not plan.timeline.covers(mark["start"], mark["end"])
    ]
    if film.hidden:
        said.append(f"{film.hidden} pictures that the source hides behind an edit list were left out")
    missing = sum(part.missing for part in rendered) if film.stamped else 0
    if missing:
        said.append(f"{missing} pictures of the source are damaged and were left out")
    moved = sum(part.moved for part in rendered)
    if moved:
        said.append(f"{moved} pictures had time stamps out of order and were moved")
    if film.dropped:
        said.append("left out: " + ", ".join(film.dropped))
    if plan.way == SPARSE and plan.count(COPY) == 0:
        said.append("no group of pictures could be copied")
    return said
