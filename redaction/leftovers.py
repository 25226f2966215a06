"""Fonts of a rewritten document that still tell of letters which its source showed and it does not."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pikepdf
from numpy.typing import NDArray

from redaction import fonts, letters
from redaction.letters import Letters

Codes = dict[int, set[int]]
Keys = NDArray[np.uint32]
Numbers = NDArray[np.int32]

_SENTENCE = "a font draws letters that were taken away"


class Usage:
    """Which codes of which font the pages of a rewritten document show."""

    def __init__(self) -> None:
        self.codes: Codes = {}
        # small numbers in arrays, since a long document has millions of letters
        self.places: dict[int, tuple[Keys, Numbers]] = {}

    def add(self, mined: Letters) -> None:
        """This will count a page's letters in, and remember where each stands and in which font."""
        for number, codes in mined.codes.items():
            self.codes.setdefault(number, set()).update(codes)
        self.places[mined.number] = np.array(_keys(mined), np.uint32), np.array(mined.fonts, np.int32)

    def fonts_at(self, number: int) -> dict[int, int]:
        """This will give the font of each letter of a page, by the letter's place."""
        if number not in self.places:
            return {}
        keys, fonts_there = self.places[number]
        return dict(zip(keys.tolist(), fonts_there.tolist(), strict=True))


def _keys(mined: Letters) -> list[int]:
    """Letters by their left ends: where nothing was taken away, both documents have them in one place.

    Two letters of a page that share a key by chance can only bring in a font too many, which is a fault too
    many and never one too few.
    """
    rows = mined.boxes[:, :2].round().astype(int).tolist()
    every = zip(rows, mined.texts, strict=True)
    return [hash((across, down, text)) & 0xFFFFFFFF for (across, down), text in every]


def faults(pdf: pikepdf.Pdf, original: Path, usage: Usage, reached: Mapping[int, set[int]]) -> dict[int, str]:
    """This will give the pages whose fonts tell too much; ``reached`` has the fonts each page can use.

    ``original`` is what the document was made from. It is read only when a font draws more than is shown.
    """
    wordy: dict[int, str] = {}
    roomy: set[int] = set()
    for number in sorted(set().union(*reached.values())) if reached else ():
        font, codes = pdf.get_object(number, 0), usage.codes.get(number, set())
        if font.get("/Subtype") in ("/CIDFontType0", "/CIDFontType2"):
            continue
        told = fonts.LIE if fonts.lies(font) else fonts.tells(font, codes)
        if told is not None:
            wordy[number] = told
        elif fonts.spare(font, codes):
            roomy.add(number)
    for number in _fewer(original, usage, roomy) if roomy else ():
        wordy[number] = _SENTENCE
    return {page: wordy[min(bad)] for page, numbers in reached.items() if (bad := numbers & wordy.keys())}


def _fewer(original: Path, usage: Usage, roomy: set[int]) -> set[int]:
    """Fonts of which the original shows codes that are shown no more."""
    same: dict[int, set[int]] = {number: set() for number in roomy}
    shown: Codes = {}
    for mined in letters.by_pdfminer(original):
        if mined is None:
            return roomy
        for number, codes in mined.codes.items():
            shown.setdefault(number, set()).update(codes)
        here = usage.fonts_at(mined.number)
        for key, font in zip(_keys(mined), mined.fonts, strict=True):
            now = here.get(key)
            if now in same:
                same[now].add(font)
    return {
        number
        for number, before in same.items()
        if not before or set().union(*(shown[each] for each in before)) - usage.codes.get(number, set())
    }
