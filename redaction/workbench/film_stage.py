"""The film stage's server side: what its script is told, and the contract of the addresses it calls.

``config(desk)`` gives
``{"medium": "video"|"audio", "duration": s, "fps": f, "frames": n|null, "width", "height", "has_sound",
"sounds": [{"number", "label"}], "picture": number, "fault": "", "urls": {…}, "early": {"src": address}}``.
Width and height are of the displayed picture (upright); 0 for sound alone. ``fault`` is a sentence when the
film cannot be opened. ``early`` is the picture at 0, which stands in the page before any script runs.
``urls`` has ``proxy`` and ``proxy_state`` (the same address), ``frames``, ``wave``, ``speech``, ``words``,
``frame`` (with ``{ms}`` in it, to be replaced by milliseconds), ``follow``, ``sample``, ``sample_state``.
``class`` is the question what a drone's flight was for (``flight_panel.panel``), null where the law does not
ask it; then ``urls`` has ``class`` too.

All times are seconds of the source on the player's clock, the clock of the marks. Refusals are JSON
``{"code", "message", "mark"}``: 422 for a time or a rectangle that cannot be, 404 for who may not know, 409
when the request is closed. Nothing may be cached.

``POST proxy_state {"at": s?, "sound": n|null}`` asks for the proxy, the part with second ``at`` first (also
after a failure: again), and ``GET proxy_state?sound=`` looks. Both give ``{"state":
"none|waiting|running|ready|failed", "progress": 0–1, "note", "error", "parts": [{"number", "start", "end",
"frames", "url"}]}``: only finished parts are listed, in order, and can be played while others are made. In a
part second 0 is its ``start``; every picture of the source has one in the part, at exactly its own time:
``part.currentTime = t − start``. A part's url takes HTTP ranges. ``sound`` null is all microphones mixed.

``GET frames?from=&to=`` (60 s at most) gives ``{"pts": [s, …]}``: when each picture begins to be shown, the
one on the screen at ``from`` included.

``GET wave?from=&to=&buckets=`` gives ``{"state", "peaks": [[low, high], …], "from", "to", "error"}``, from
−1 to 1; ``GET speech`` gives ``{"state", "speech": [[start, end], …]|null, "error"}``. ``state`` is as of the
proxy; the lists are empty until it is ready. The job is asked for with the proxy, and by these.

``GET words`` gives ``{"words": [{"t0", "t1", "text", "exact"}], "transcript": bool, "error"}``; ``exact`` is
false where only the caption's times are known.

``GET frame`` gives the picture on the screen then, upright, at full size, as JPEG or (``.png``) exact.

``POST follow {"t", "rect": [x, y, w, h], "direction": "forward"|"back", "until": s?, "picture": n?}`` gives
``{"keyframes": [{"t", "rect"}], "stopped": {"why": "lost|edge|end|cut|until|limit", "t": s, "message"}}``, in
order of time, ``t`` included. One call follows 30 s at most and then says ``limit``: call again from there.

``POST sample {"start", "seconds": 1–30 = 10}`` has the engine make that span with the marks as saved; ``GET
sample_state?start=&seconds=`` looks. Both give ``{"state", "progress", "note", "error", "version", "start",
"end", "url", "report": {"way", "warnings"}}``; what the marks cut out is missing from it.
"""

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.core.files import Corrupt
from portal.core.time import now
from redaction.plans import extents
from redaction.report import RedactionError
from redaction.workbench import film_previews
from redaction.workbench.flight_panel import panel
from requests_app.custody.models import Medium

if TYPE_CHECKING:
    from redaction.workbench.page import Desk

_ADDRESSES = {
    "proxy": "film-proxy",
    "proxy_state": "film-proxy",
    "frames": "film-frames",
    "wave": "film-wave",
    "speech": "film-speech",
    "words": "film-words",
    "follow": "film-follow",
    "sample": "film-sample",
    "sample_state": "film-sample",
}


def config(desk: "Desk") -> dict[str, Any]:
    """This will give the script what it needs to lay out the stage, and where to ask for the rest."""
    record = desk.record
    addresses = {
        name: reverse(f"workbench:{view}", kwargs={"key": record.key}) for name, view in _ADDRESSES.items()
    }
    frame = reverse("workbench:film-frame", kwargs={"key": record.key, "ms": 0, "suffix": "jpg"})
    addresses["frame"] = "{ms}".join(frame.rsplit("0", 1))
    asked = panel(record)
    if asked is not None:  # a drone's film: the law asks what its flight was for
        addresses["class"] = reverse("workbench:flight-class", args=[record.key])
    picture, fault = film_previews.picture_of(desk.marks), ""
    try:
        shape = film_previews.shape_of(record, picture)
        if not desk.facts.seconds:  # a silent header; its length was measured by reading it
            extents.learn(record, record.medium, shape["duration"], at=now())
    except (RedactionError, Corrupt) as error:
        fault = error.sentence if isinstance(error, RedactionError) else str(error)
        shape = {"duration": desk.facts.seconds, "has_sound": desk.facts.has_sound}
    return {
        "medium": record.medium,
        "duration": shape["duration"],
        "fps": shape.get("fps", 0.0),
        "frames": shape.get("frames"),
        "width": shape.get("width", 0),
        "height": shape.get("height", 0),
        "has_sound": shape["has_sound"],
        "sounds": shape.get("sounds", []),
        "picture": picture,
        "fault": fault,
        "class": asked,
        "may_mark": desk.may_mark,
        "urls": addresses,
        "early": {"src": frame} if record.medium == Medium.VIDEO and not fault else None,
    }
