import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from redaction.engines.pdf import ocr

SCALE = 2.0


def a_painted_page() -> NDArray[np.uint8]:
    image = Image.new("L", (900, 260), 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=36)
    pen.text((40, 30), "Readable words", fill=0, font=font)
    pen.text((40, 150), "hidden", fill=0, font=font)
    pen.rectangle((400, 140, 700, 210), fill=0)
    return np.asarray(image)


@pytest.fixture
def fresh_list() -> Iterator[None]:
    ocr._installed.cache_clear()
    yield
    ocr._installed.cache_clear()


def a_program(folder: Path, script: str) -> None:
    path = folder / "tesseract"
    path.write_text(
        f'#!/bin/sh\nif [ "$1" = --list-langs ]; then echo List:; echo eng; exit 0; fi\n{script}\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_words_of_a_picture_are_read_at_whole_points_the_same_each_time() -> None:
    page = a_painted_page()

    found = ocr.words(page, SCALE, "en-US", black=[(0, 70, 190, 110)])

    assert found is not None
    assert [word.text for word in found] == ["Readable", "words"]
    assert all(edge == int(edge) for word in found for edge in word.box)
    assert abs(found[0].box[0] - 20) <= 3
    assert ocr.words(page, SCALE, "xx", black=[(0, 70, 190, 110)]) == found


def test_word_read_in_a_dark_place_is_left_out() -> None:
    page = a_painted_page()

    assert ocr._is_dark(page, SCALE, (210, 75, 300, 100))
    assert not ocr._is_dark(page, SCALE, (20, 15, 200, 40))


def test_missing_program_reads_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_list: None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not ocr.is_installed()
    assert ocr.words(a_painted_page(), SCALE) is None
    assert ocr._run(a_painted_page(), SCALE, "eng") is None


@pytest.mark.parametrize("script", ["exit 3", "exec sleep 30", "kill -9 $$"])
def test_program_that_fails_or_hangs_reads_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_list: None, script: str
) -> None:
    a_program(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(ocr, "SECONDS", 1)

    assert ocr.is_installed()
    assert ocr.words(a_painted_page(), SCALE) is None


def test_rows_that_are_no_sure_words_are_left_out() -> None:
    row = "5\t1\t1\t1\t1\t{n}\t{x}\t20\t{w}\t12\t{sure}\t{text}"
    table = "\n".join(
        [
            "level\tpage_num",
            row.format(n=1, x=10, w=40, sure=96, text="sure"),
            row.format(n=2, x=60, w=40, sure=20, text="guess"),
            row.format(n=3, x=110, w=40, sure=96, text="|"),
            row.format(n=4, x=160, w=0, sure=96, text="thin"),
            row.format(n=5, x="x", w=40, sure=96, text="broken"),
        ]
    )

    assert list(ocr._rows(table, 2.0)) == [("sure", (5, 10, 25, 16))]


def test_picture_beyond_the_programs_limit_is_not_read() -> None:
    assert ocr.words(np.zeros((2, ocr.LONGEST + 1), np.uint8), SCALE) is None


def test_program_that_cannot_list_its_languages_is_as_good_as_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_list: None
) -> None:
    path = tmp_path / "tesseract"
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not ocr.is_installed()
