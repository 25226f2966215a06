"""What is said in a recording and when, out of its transcript, for a timeline and a search."""

from pathlib import Path
from typing import Any

from redaction import transcript_reading


def listed(path: str) -> list[dict[str, Any]]:
    """This will give words with their seconds; a caption whose words have none is given whole.

    :raises Refused: when the transcript cannot be read.
    """
    rows = []
    for cue in transcript_reading.read(Path(path)).cues:
        parts = [(word.start, word.end, word.text) for word in cue.words]
        for start, end, text in parts or [(cue.start, cue.end, cue.text)]:
            rows.append(
                {"t0": round(start, 3), "t1": round(end, 3), "text": text.strip(), "exact": bool(parts)}
            )
    return rows
