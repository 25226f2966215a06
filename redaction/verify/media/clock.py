"""The verifier's own account of time: computed from the marks alone, not from what the engine reports."""

from dataclasses import dataclass

from redaction.marks import Marks

JOINT = 0.001  # seconds within which a stamp counts as the far side of a cut


@dataclass(frozen=True)
class Piece:
    """A stretch of the source that is kept, and where it begins in the output. Seconds."""

    start: float
    end: float
    placed: float


@dataclass(frozen=True)
class Clock:
    pieces: tuple[Piece, ...]

    @property
    def length(self) -> float:
        return sum(piece.end - piece.start for piece in self.pieces)

    def piece_at(self, output_time: float) -> Piece:
        """This will give the piece that is playing at a time of the output."""
        playing = self.pieces[0]
        for piece in self.pieces:
            if output_time >= piece.placed - JOINT:
                playing = piece
        return playing

    def spans(self, start: float, end: float) -> list[tuple[float, float]]:
        """This will give where a span of the source is found in the output, in parts without a joint."""
        found = []
        for piece in self.pieces:
            first, last = max(start, piece.start), min(end, piece.end)
            if first < last:
                found.append((first - piece.start + piece.placed, last - piece.start + piece.placed))
        return found


def clock_of(marks: Marks, length: float) -> Clock:
    """This will work out what the cuts leave of a source of ``length`` seconds."""
    pieces, at, placed = [], 0.0, 0.0
    for mark in sorted(marks.of("cut"), key=lambda entry: float(entry["start"])):
        if mark["start"] > at:
            pieces.append(Piece(at, mark["start"], placed))
            placed += mark["start"] - at
        at = max(at, mark["end"])
    if at < length or not pieces:
        pieces.append(Piece(at, max(at, length), placed))
    return Clock(tuple(pieces))
