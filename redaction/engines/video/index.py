"""A scan that is kept: what :func:`redaction.engines.video.film.film_of` found out, for the same bytes again.

Who keeps it vouches for the bytes (see :mod:`redaction.indexes`); here it is only written and read.
"""

from dataclasses import asdict, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from redaction import arrays
from redaction.engines.media.choice import Choice
from redaction.engines.media.pictures import Turn
from redaction.engines.video.film import Film, Look, film_of
from redaction.engines.video.sound_source import SoundSource
from redaction.report import Refused

_PLAIN = ("format", "codec", "origin", "duration", "length_size", "stamped")
_LISTS = ("dropped", "faults")
_SOUND_PLAIN = ("rate", "channels", "start", "step", "base")
_SOUND_ROWS = ("passes", "sizes", "ticks", "packed")


def write(source: Path, choice: Choice, target: Path, facts: dict[str, Any]) -> float:
    """This will scan a film and keep the scan at ``target``; the film's seconds come back.

    ``facts`` are the keeper's own and are put beside the scan's.

    :raises MarksError: when a track that was chosen is not there.
    :raises Refused: when the film is broken, absurd or has no picture.
    """
    film = film_of(source, choice)
    rows = {name: getattr(film, name) for name in ("pts", "dts", "sizes", "clean_sizes", "flags")}
    if film.sound is not None:
        found = {name: getattr(film.sound, name) for name in _SOUND_ROWS}
        rows |= {f"sound_{name}": row for name, row in found.items() if row is not None}
    arrays.write(target, {**facts, "film": _told(film)}, rows)
    return film.duration


def read(path: Path, source: Path, choice: Choice) -> tuple[Film, str]:
    """This will give a scan that was kept, and the SHA-256 of the film it is of.

    :raises Refused: when it is not whole, or of other tracks.
    """
    try:
        facts, rows = arrays.read(path)
    except arrays.Unfit as error:
        raise Refused(f"what is kept of this film cannot be used: {error}") from error
    told = facts["film"]
    if told["choice"] != [choice.picture, choice.sound]:
        raise Refused("what is kept of this film is of other tracks")
    look = {**told["look"], "turn": Turn(**told["look"]["turn"]), "aspect": Fraction(told["look"]["aspect"])}
    film = Film(
        path=source,
        choice=choice,
        clock=Fraction(told["clock"]),
        rate=Fraction(told["rate"]),
        look=Look(**look),
        parameters=tuple(bytes.fromhex(unit) for unit in told["parameters"]),
        sound=_sound(told["sound"], rows) if told["sound"] is not None else None,
        pts=rows["pts"],
        dts=rows["dts"],
        sizes=rows["sizes"],
        clean_sizes=rows["clean_sizes"],
        flags=rows["flags"],
        format=told["format"],
        codec=told["codec"],
        origin=told["origin"],
        duration=told["duration"],
        length_size=told["length_size"],
        stamped=told["stamped"],
        dropped=tuple(told["dropped"]),
        faults=tuple(told["faults"]),
    )
    return film, str(facts["source"])


def _told(film: Film) -> dict[str, Any]:
    look = {each.name: getattr(film.look, each.name) for each in fields(film.look)}
    look |= {"turn": asdict(film.look.turn), "aspect": str(film.look.aspect)}
    sound = None
    if film.sound is not None:
        sound = {name: getattr(film.sound, name) for name in _SOUND_PLAIN}
        sound["config"] = film.sound.config.hex()
    return {
        "choice": [film.choice.picture, film.choice.sound],
        "clock": str(film.clock),
        "rate": str(film.rate),
        "look": look,
        "parameters": [unit.hex() for unit in film.parameters],
        "sound": sound,
        **{name: getattr(film, name) for name in _PLAIN},
        **{name: list(getattr(film, name)) for name in _LISTS},
    }


def _sound(told: dict[str, Any], rows: dict[str, Any]) -> SoundSource:
    plain: dict[str, Any] = {name: told[name] for name in _SOUND_PLAIN}
    plain |= {name: rows.get(f"sound_{name}") for name in _SOUND_ROWS}
    return SoundSource(config=bytes.fromhex(told["config"]), **plain)
