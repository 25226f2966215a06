import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from redaction.engines.image_source import displayed_size, upright
from redaction.report import Refused
from tests.redaction.picture_builders import (
    CORNER,
    REST,
    a_flag,
    a_heic,
    a_profile_that_swaps_red_and_green,
)


def near(picture: Image.Image, place: tuple[int, int], colour: tuple[int, int, int], slack: int = 12) -> bool:
    return bool(np.abs(np.array(picture.convert("RGB").getpixel(place)) - np.array(colour)).max() <= slack)


def saved(path: Path, picture: Image.Image, **options: Any) -> Path:
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".bmp", ".gif"])
def test_pictures_of_many_types_are_read(tmp_path: Path, suffix: str) -> None:
    picture, _ = upright(saved(tmp_path / f"in{suffix}", a_flag()))

    assert picture.mode == "RGB"
    assert picture.info == {}
    assert near(picture, (8, 8), CORNER, 16)
    assert near(picture, (56, 40), REST, 16)


@pytest.mark.parametrize(("turns", "size", "corner"), [(0, (64, 48), (8, 8)), (1, (48, 64), (8, 56))])
def test_heic_is_read_as_displayed(
    tmp_path: Path, turns: int, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    picture, left = upright(a_heic(tmp_path / "in.heic", turns=turns))

    assert picture.size == displayed_size(tmp_path / "in.heic") == size
    assert near(picture, corner, CORNER)
    assert near(picture, (40, 40), REST)
    assert left == []


def test_exif_of_heic_is_left_behind_and_turns_nothing(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "EXIFSECRET"

    picture, left = upright(a_heic(tmp_path / "in.heic", exif=b"Exif\0\0" + exif.tobytes()[6:]))

    assert picture.size == (64, 48)
    assert picture.info == {}
    assert left == ["removed: metadata"]


def test_several_pictures_in_a_heic_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds 2 pictures"):
        upright(a_heic(tmp_path / "in.heic", copies=2))


def test_heic_without_its_package_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)

    with pytest.raises(Refused, match="pi-heif, which is not installed"):
        upright(a_heic(tmp_path / "in.heic"))


def test_16_bits_lose_their_lower_half_and_nothing_else(tmp_path: Path) -> None:
    values = np.array([[0, 257, 40_000, 65_535]], dtype=np.uint16).repeat(4, axis=0)

    picture, _ = upright(saved(tmp_path / "in.png", Image.fromarray(values)))

    assert np.asarray(picture)[0].tolist() == [0, 1, 156, 255]


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_other_numbers_are_spread_from_black_to_white(tmp_path: Path, kind: type) -> None:
    values: np.ndarray[Any, Any] = np.array([[-100, 0, 100]], dtype=kind).repeat(4, axis=0)

    picture, left = upright(saved(tmp_path / "in.tif", Image.fromarray(values)))

    assert np.asarray(picture)[0].tolist() in ([0, 127, 255], [0, 128, 255])
    assert "the picture's numbers were spread from black to white" in left


def test_small_numbers_of_32_bits_stay_as_they_are(tmp_path: Path) -> None:
    values = np.array([[0, 7, 255]], dtype=np.int32).repeat(4, axis=0)

    picture, _ = upright(saved(tmp_path / "in.tif", Image.fromarray(values)))

    assert np.asarray(picture)[0].tolist() == [0, 7, 255]


def test_colours_are_converted_by_the_profile_and_its_name_is_gone(tmp_path: Path) -> None:
    profile = a_profile_that_swaps_red_and_green()

    picture, left = upright(saved(tmp_path / "in.png", a_flag(), icc_profile=profile))

    assert picture.info == {}
    red, green, _ = picture.getpixel((8, 8))  # type: ignore[misc]  # an RGB picture has three
    assert green > red
    assert "colours were converted to sRGB" in left


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_srgb_is_left_alone_and_a_broken_profile_is_said(tmp_path: Path, suffix: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    same, said = upright(saved(tmp_path / f"a{suffix}", a_flag(), icc_profile=srgb))
    _, broken = upright(saved(tmp_path / f"b{suffix}", a_flag(), icc_profile=b"no profile at all" * 9))

    assert near(same, (8, 8), CORNER, 16)
    assert not any("colour" in words for words in said)
    assert any("colour profile cannot be read" in words for words in broken)


def test_lab_and_cmyk_become_rgb(tmp_path: Path) -> None:
    lab, _ = upright(saved(tmp_path / "lab.tif", Image.new("LAB", (9, 9), (200, 128, 128))))
    cmyk, _ = upright(saved(tmp_path / "cmyk.jpg", a_flag().convert("CMYK"), quality=95))

    assert near(lab, (4, 4), (195, 195, 195), 25)
    assert near(cmyk, (8, 8), CORNER, 25)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_transparency_hides_becomes_white(tmp_path: Path, mode: str) -> None:
    hidden = a_flag().convert("RGBA")
    hidden.putalpha(Image.new("L", hidden.size, 0))
    options: dict[str, Any] = {}
    if mode == "P":
        hidden = a_flag().quantize(8)
        options = {"transparency": bytes(8)}
    elif mode == "LA":
        hidden = hidden.convert("LA")

    picture, left = upright(saved(tmp_path / "in.png", hidden, **options))

    assert np.asarray(picture).min() == 255
    assert "removed: transparency; what is behind the picture is white" in left


def test_unused_colours_of_a_palette_do_not_pass(tmp_path: Path) -> None:
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([10, 20, 30, *b"SECRETSECRET"])

    read, _ = upright(saved(tmp_path / "in.png", picture))

    assert read.mode == "RGB"
    assert read.getcolors() == [(64, (10, 20, 30))]


def test_second_picture_of_a_camera_is_left_behind(tmp_path: Path) -> None:
    source = saved(
        tmp_path / "in.jpg",
        a_flag(),
        format="MPO",
        save_all=True,
        append_images=[Image.new("RGB", (64, 48), (1, 2, 3))],
    )

    picture, left = upright(source)

    assert near(picture, (8, 8), CORNER, 16)
    assert "removed: further pictures inside the file" in left


def test_pages_are_refused_and_a_thumbnail_is_left_behind(tmp_path: Path) -> None:
    small = Image.new("RGB", (8, 8))
    pages = saved(tmp_path / "pages.tif", a_flag(), save_all=True, append_images=[small])
    content = saved(
        tmp_path / "thumb.tif", a_flag(), save_all=True, append_images=[small], tiffinfo={254: 1}
    ).read_bytes()

    with pytest.raises(Refused, match="2 pages"):
        upright(pages)
    (tmp_path / "thumb.tif").write_bytes(content)
    picture, left = upright(tmp_path / "thumb.tif")
    assert picture.size == (64, 48)
    assert "removed: further pictures inside the file" in left


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_moving_pictures_are_refused(tmp_path: Path, suffix: str) -> None:
    source = saved(
        tmp_path / f"in{suffix}", a_flag(), save_all=True, append_images=[Image.new("RGB", (64, 48))]
    )

    with pytest.raises(Refused, match="animated"):
        upright(source)


def test_turn_that_only_xmp_asks_for_is_not_made(tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/></x:xmpmeta>'

    source = saved(tmp_path / "in.jpg", a_flag(), xmp=xmp)

    picture, left = upright(source)

    assert picture.size == displayed_size(source) == (64, 48)
    assert left == ["removed: metadata"]


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(b"%PDF-1.4 and more")

    with pytest.raises(Refused, match="type pdf"):
        upright(tmp_path / "in.png")
