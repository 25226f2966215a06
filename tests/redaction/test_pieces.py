from pathlib import Path

from redaction import pieces
from tests.redaction.media_builders import CAMERA, a_video, some_marks

REGION = {
    "kind": "region",
    "start": 0.2,
    "end": 0.6,
    "keyframes": [{"t": 0.2, "rect": [0.2, 0.2, 0.5, 0.5]}],
}


def test_words_to_mute_neither_stop_nor_change_the_work_on_pictures(tmp_path: Path) -> None:
    film = a_video(tmp_path / "cam.mp4", seconds=2, size=(96, 64), coding=CAMERA)
    silent, spoken = some_marks(REGION), some_marks(REGION, {"kind": "mute", "literal": "Ann Example"})
    cache = tmp_path / "cache"
    cache.mkdir()

    found = pieces.survey(film, spoken, cache, contained=False)
    made = pieces.render(film, spoken, [piece.key for piece in found], cache, contained=False)

    assert made == len(found) > 0
    assert all(piece.done for piece in pieces.survey(film, silent, cache, contained=False))
