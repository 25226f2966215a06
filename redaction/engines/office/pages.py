"""Pages of our own making: a mail, and the appendix that shows what a person decided to show.

WeasyPrint draws them; it is given no way to fetch anything.
"""

import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import pikepdf

from redaction.report import Refused

LONGEST = 400_000  # characters; laying out more takes minutes
_STYLE = """
@page { size: letter; margin: 0.9in;
  @bottom-right { content: counter(page) " of " counter(pages); font-size: 9pt } }
body { font-family: "DejaVu Sans", sans-serif; font-size: 10pt; line-height: 1.4 }
h1 { font-size: 14pt } h2 { font-size: 11pt; margin: 1.2em 0 0.3em }
table { border-collapse: collapse; margin-bottom: 1em }
th { text-align: left; padding: 2pt 12pt 2pt 0; vertical-align: top }
pre { font-family: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }
"""


def mail(headers: Sequence[tuple[str, str]], text: str, target: Path) -> None:
    """This will write a mail as pages: its header lines as a table, then its text."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in headers)
    _write(f"<h1>Electronic mail</h1><table>{rows}</table><pre>{escape(text)}</pre>", target)


def appendix(sections: Sequence[tuple[str, Sequence[str]]], target: Path) -> None:
    """This will write pages that hold what the document itself does not show, a section for each thing."""
    parts = ["<h1>Not shown on the pages of the file</h1>"]
    for title, texts in sections:
        parts.append(f"<h2>{escape(title)}</h2>")
        parts += [f"<pre>{escape(text)}</pre>" for text in texts]
    _write("".join(parts), target)


def join(first: Path, second: Path, target: Path) -> None:
    """This will put the pages of two PDFs in one."""
    with pikepdf.open(first) as left, pikepdf.open(second) as right:
        left.pages.extend(right.pages)
        left.save(target, deterministic_id=True)


def _write(body: str, target: Path) -> None:
    if len(body) > LONGEST:
        raise Refused("the text of the mail is too long to be put on pages; release it as a file of text")
    try:
        import weasyprint  # slow to import, and needs libraries of the system
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError):
        raise Refused(
            "pages of mail are drawn by WeasyPrint, whose system libraries are missing "
            "(Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
        ) from None
    html = (
        f'<html lang="en"><head><title>Record</title><style>{_STYLE}</style></head><body>{body}</body></html>'
    )
    fetcher: Any = URLFetcher(allowed_protocols=[])
    document = weasyprint.HTML(string=html, base_url="about:blank", url_fetcher=fetcher, media_type="print")
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    with target.open("wb") as sink:
        document.write_pdf(sink, pdf_identifier=identifier)
