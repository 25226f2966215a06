"""Letters as tagged PDF/UA-1, with our own fonts and no way to a file or the network."""

import hashlib
import io
from ctypes.util import find_library
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.core.errors import DomainError

LONGEST = 4_000_000  # characters of HTML; far above any letter, far below what would stall a worker
SCHEME = "daylight-font"
FONTS = {
    "sans-regular": "source-sans-pro/sourcesanspro-regular-webfont.woff2",
    "sans-italic": "source-sans-pro/sourcesanspro-italic-webfont.woff2",
    "sans-bold": "source-sans-pro/sourcesanspro-bold-webfont.woff2",
    "serif-regular": "merriweather/Latin-Merriweather-Regular.woff2",
    "serif-bold": "merriweather/Latin-Merriweather-Bold.woff2",
    "mono-regular": "roboto-mono/roboto-mono-v5-latin-regular.woff2",
}
LIBRARIES = ("gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
APT_LINE = "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class LetterFailed(DomainError):
    """The letter could not be written as PDF."""

    code = "letter_failed"
    status = 500


def letter_pdf(html: str, target: Path) -> None:
    """This will write the letter as PDF/UA-1 (tagged; language and title from the HTML) to ``target``.

    The fetcher serves ``data:`` and the fonts named in ``FONTS`` alone: text that staff typed cannot read a
    file or open a connection. The same HTML gives the same bytes.

    :raises LetterFailed: when the HTML is far too long.
    """
    if len(html) > LONGEST:
        raise LetterFailed("The letter is far too long to be printed. Shorten its texts.")
    import weasyprint  # takes two seconds and system libraries: never at start-up

    document = weasyprint.HTML(
        string=html, base_url="about:blank", url_fetcher=_fetcher(), media_type="print"
    )
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    with target.open("wb") as sink:
        document.write_pdf(sink, pdf_variant="pdf/ua-1", pdf_identifier=identifier)


def missing_libraries() -> list[str]:
    """This will name the system libraries WeasyPrint needs and this machine lacks."""
    return [name for name in LIBRARIES if find_library(name) is None]


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OurFontsOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            scheme, _, name = url.partition(":")
            if scheme == SCHEME and name in FONTS:
                return URLFetcherResponse(url, io.BytesIO(_unpacked(name)), {"Content-Type": "font/ttf"})
            return super().fetch(url, headers)  # which knows data: alone

    return OurFontsOnly(allowed_protocols=["data"])


@lru_cache(maxsize=len(FONTS))
def _unpacked(name: str) -> bytes:
    """WeasyPrint would unpack each web font anew for each letter, which takes as long as the rest of it."""
    from fontTools.ttLib import TTFont

    font, plain = TTFont(_font_folder() / FONTS[name], recalcTimestamp=False), io.BytesIO()
    font.flavor = None
    font.save(plain)
    return plain.getvalue()


def _font_folder() -> Path:
    return Path(settings.BASE_DIR) / "portal" / "static" / "vendor" / "uswds" / "fonts"
