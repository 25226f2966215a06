from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from redaction import traits
from redaction.report import Refused
from redaction.traits import Words, fold, is_near, pages_with
from tests.redaction.picture_builders import a_scene
from tests.requests_app.custody.record_builders import READS, a_pdf


def kept(folder: Path, name: str, picture: Image.Image, **more: Any) -> Path:
    path = folder / name
    picture.save(path, **more)
    return path


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Éva  MÜLLER\n", "eva muller"),
        ("Del-\n gado", "delgado"),
        ("ﬁle a\tb", "file a b"),
        ("one\ftwo", "one\ftwo"),
        ("o\0ne\ud800", "one"),
        ("123-45-6789", "123-45-6789"),
    ],
)
def test_texts_are_folded_alike(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_text_is_found_on_its_pages_and_a_short_one_by_itself_only() -> None:
    folded = fold("Maria was here\fnobody\fAnn and Maria") + "\fplanned"

    assert pages_with(folded, "maria") == [1, 3]
    assert pages_with(folded, "ann") == [3]
    assert pages_with(folded, "an") == []


def test_words_of_a_document_and_of_a_table_are_read_in_a_child(tmp_path: Path) -> None:
    document, table = tmp_path / "a.pdf", tmp_path / "a.csv"
    document.write_bytes(a_pdf("Maria Delgado", pages=2))
    table.write_bytes(READS)

    read = traits.words_of(document)

    assert read.whole
    assert pages_with(read.folded, "maria delgado") == [1, 2]
    assert pages_with(traits.words_of(table).folded, "canary1") == [1]


def test_words_beyond_the_limit_are_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(a_pdf("Maria Delgado", pages=3))
    monkeypatch.setattr(traits, "MOST_LETTERS", 20)

    assert traits.read_words(str(path)) == ["maria delgado\fmaria "[:20], False]
    assert traits.words_of(path) == Words("maria delgado\fmaria "[:20], whole=False)


def test_pages_are_known_by_their_text_and_almost_empty_ones_are_not(tmp_path: Path) -> None:
    path, blank = tmp_path / "a.pdf", tmp_path / "b.pdf"
    path.write_bytes(a_pdf("A long line of words " * 3, "and another one that makes it longer", pages=2))
    blank.write_bytes(a_pdf("short"))

    found = traits.traits_of(path)

    assert [(row.kind, row.position) for row in found] == [("page", 1), ("page", 2)]
    assert found[0].value == found[1].value
    assert traits.traits_of(blank) == []


def test_a_picture_is_known_again_smaller_and_squeezed_and_another_is_not(tmp_path: Path) -> None:
    scene = a_scene()
    one = traits.read_traits(str(kept(tmp_path, "a.png", scene)))
    two = traits.read_traits(str(kept(tmp_path, "b.jpg", scene.resize((150, 150)), quality=40)))
    other = traits.read_traits(str(kept(tmp_path, "c.png", a_scene(2))))
    plain = traits.read_traits(str(kept(tmp_path, "d.png", Image.new("RGB", (90, 90), "grey"))))

    assert is_near(one[0][2], two[0][2])
    assert not is_near(one[0][2], other[0][2])
    assert one[1] == ("shape", 1, "240x240")
    assert plain == []


def test_a_film_is_known_by_pictures_along_it(tmp_path: Path) -> None:
    import av

    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=8, options={"g": "4", "preset": "ultrafast"})
        stream.width = stream.height = 240
        for number in range(32):
            frame = av.VideoFrame.from_ndarray(np.asarray(a_scene(number // 8)), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    found = traits.read_traits(str(path))

    assert found[0] == ("shape", 1, "4.000")
    assert [row[:2] for row in found[1:]] == [("film", position) for position in range(1, 9)]
    assert len({value for _kind, _position, value in found}) >= 5


def test_other_files_have_no_traits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(READS)

    assert traits.traits_of(path) == []


def test_answers_that_mean_nothing_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(a_pdf("a"))
    monkeypatch.setattr("redaction.sandbox.call", lambda *_args, **_more: [1])

    with pytest.raises(Refused, match="words"):
        traits.words_of(path)
    with pytest.raises(Refused, match="looks like"):
        traits.traits_of(path)
    with pytest.raises(Refused, match="No such file"):
        traits.words_of(tmp_path / "missing.pdf")
