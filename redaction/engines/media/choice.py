"""Which picture and which sound of a recording pass: the first of each, unless a mark chooses others."""

from dataclasses import dataclass

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from redaction.marks import Marks
from redaction.report import MarksError

_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails


@dataclass(frozen=True)
class Choice:
    """Numbers among the tracks of each kind, from 0; ``mark_id`` is of the mark that chose."""

    picture: int = 0
    sound: int = 0
    mark_id: str | None = None

    @classmethod
    def of(cls, marks: Marks) -> "Choice":
        """This will read the mark that chooses, if there is one."""
        for mark in marks.effective.of("tracks"):
            return cls(mark["picture"], mark["sound"], mark.id)
        return FIRST

    def check(self, container: InputContainer) -> None:
        """This will check that what was chosen is there. Number 0 needs no check: a film may have no sound.

        :raises MarksError: naming the mark.
        """
        for name, number, count in (
            ("picture", self.picture, len(pictures_of(container))),
            ("sound", self.sound, len(container.streams.audio)),
        ):
            if number and number >= count:
                there = f"the file has {count}, counted from 0" if count else "the file has none"
                raise MarksError(f"there is no {name} track {number}; {there}", mark_id=self.mark_id)


FIRST = Choice()


def pictures_of(container: InputContainer) -> list[VideoStream]:
    """This will give the film tracks; a cover picture is none."""
    return [stream for stream in container.streams.video if not stream.disposition & _COVERS]
