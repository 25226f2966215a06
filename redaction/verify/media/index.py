"""The verifier's own reading of a source, kept for the same bytes: times and hashes of every packet.

It never comes from the engine's scan: both read the source, each in a child of its own.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction import arrays
from redaction.marks import Marks
from redaction.report import Refused
from redaction.verify.media import listing
from redaction.verify.media.copies import Prints, SourcePrints
from redaction.verify.media.listing import Times

_DIGEST = 16  # bytes of one hash


def write(source: Path, marks: Marks, target: Path, facts: dict[str, Any]) -> None:
    """This will read a source and keep what was read at ``target``, beside the keeper's own ``facts``.

    :raises Refused: when it cannot be read.
    """
    hearer = SourcePrints()
    times = listing.times_of(source, marks, hearer)
    prints = hearer.prints
    told = {
        "chosen": list(listing.chosen_by(marks)),
        "length": times.length,
        "count": times.count,
        "size": list(times.size),
        "sets": sorted(unit.hex() for unit in prints.sets),
        "config": prints.sound_config.hex(),
    }
    rows: dict[str, NDArray[Any]] = {
        "times": np.array(prints.times, np.float64),
        "digests": np.frombuffer(b"".join(prints.digests), np.uint8),
        "fresh": np.array(prints.fresh, np.uint8),
        "sound": np.frombuffer(b"".join(prints.sound), np.uint8),
        "sound_times": np.array(prints.sound_times, np.float64),
    }
    if times.pictures is not None:
        rows["pictures"] = times.pictures
    arrays.write(target, {**facts, "source_film": told}, rows)


def read(path: Path, marks: Marks) -> tuple[Times, Prints]:
    """This will give back what was kept of a source.

    :raises Refused: when it is not whole, or of other tracks.
    """
    try:
        facts, rows = arrays.read(path)
    except arrays.Unfit as error:
        raise Refused(f"what is kept of the source cannot be used: {error}") from error
    told = facts["source_film"]
    if told["chosen"] != list(listing.chosen_by(marks)):
        raise Refused("what is kept of the source is of other tracks")
    prints = Prints(
        times=rows["times"].tolist(),
        digests=_parted(rows["digests"]),
        fresh=rows["fresh"].astype(bool).tolist(),
        sets={bytes.fromhex(unit) for unit in told["sets"]},
        sound=_parted(rows["sound"]),
        sound_times=rows["sound_times"].tolist(),
        sound_config=bytes.fromhex(told["config"]),
    )
    width, height = told["size"]
    return Times(told["length"], rows.get("pictures"), told["count"], (width, height)), prints


def _parted(row: NDArray[np.uint8]) -> list[bytes]:
    whole = row.tobytes()
    return [whole[at : at + _DIGEST] for at in range(0, len(whole), _DIGEST)]
