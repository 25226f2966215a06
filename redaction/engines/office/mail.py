"""Mail (RFC 5322, MIME): the header lines people read, the text, and what hangs on it."""

import email
import email.policy
import re
from dataclasses import dataclass, field
from email.message import EmailMessage, MIMEPart
from html.parser import HTMLParser
from pathlib import Path

from redaction import limits
from redaction.engines.office.hidden import Hidden
from redaction.report import Refused

LARGEST = limits.MAIL_BYTES
MOST_PARTS = limits.MAIL_PARTS

_SHOWN = ("From", "To", "Cc", "Reply-To", "Date", "Subject")
_UNREAD = ("script", "style", "head", "title", "noscript", "template", "object", "svg")
_BREAKS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote", "hr")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(\D|$)")


@dataclass
class Letter:
    """A mail taken apart: header lines, its text, and what does not show in them."""

    headers: list[tuple[str, str]]
    text: str
    hidden: list[Hidden]
    left_out: int = 0
    pictures: int = field(default=0)


def read(path: Path) -> Letter:
    """This will take a mail apart.

    :raises Refused: when it is too large or no mail.
    """
    if path.stat().st_size > LARGEST:
        raise Refused("the mail is too large")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise Refused("the file is no mail")
    try:
        return _letter(message)
    except (LookupError, ValueError, AttributeError, TypeError, IndexError, KeyError) as error:
        # the standard library trips over many kinds of broken header
        raise Refused(f"the mail is broken ({type(error).__name__}); export it anew") from None


def _letter(message: EmailMessage) -> Letter:
    parts = [part for part in message.walk() if not part.is_multipart()]
    if len(parts) > MOST_PARTS:
        raise Refused("the mail has too many parts")
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    hidden = list[Hidden]()
    if message["Bcc"]:
        hidden.append(Hidden("bcc", "blind copies", (str(message["Bcc"]),)))
    page = _Page.of(_content(html)) if html is not None else None
    if plain is not None:
        text = _content(plain)
        if page is not None and _letters(page.text) != _letters(text):
            what = "a formatted version of the text that says something else"
            hidden.append(Hidden("formatted-version", what, (page.text,)))
    else:
        text = page.text if page is not None else ""
    if page is not None and page.unseen:
        hidden.append(Hidden("hidden-text", "text set as hidden", (page.unseen,)))
    others = [part for part in _leaves(message) if part is not plain and part is not html]
    for number, part in enumerate(others, start=1):
        kind = part.get_content_type()
        is_text = kind == "text/plain"
        texts = (_content(part),) if is_text else ()
        what = f"an attachment of type {kind if len(kind) < 60 else 'unknown'}"
        if not is_text:
            what += ", to be added as a file of its own"
        hidden.append(Hidden(f"attachment:{number}", what, texts, can_show=is_text))
    raw = {name.lower(): str(value) for name, value in message.raw_items()}
    # a broken date reads as nothing, yet somebody typed or saw something
    headers = [
        (name, _line(str(message[name]) or raw[name.lower()])) for name in _SHOWN if name.lower() in raw
    ]
    names = {name.lower() for name, _ in headers} | {"bcc", "mime-version"}
    left_out = sum(1 for name in raw if name not in names and not name.startswith("content-"))
    pictures = page.pictures if page is not None else 0
    return Letter(headers, text.strip(), hidden, left_out, pictures)


def _leaves(message: EmailMessage) -> list[EmailMessage]:
    """Every part that is not a container; a mail inside a mail counts as one."""
    found, stack = list[EmailMessage](), [message]
    while stack:
        part = stack.pop(0)
        if part.get_content_maintype() == "multipart":
            stack = [each for each in part.iter_parts() if isinstance(each, EmailMessage)] + stack
        else:
            found.append(part)
    return found


def _content(part: MIMEPart) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return raw.decode(charset, errors="replace").replace("\0", "")
    except LookupError:
        return raw.decode("utf-8", errors="replace").replace("\0", "")


def _line(value: str) -> str:
    return " ".join(value.split())


def _letters(text: str) -> str:
    """What two versions of a text must share: letters and digits, without links and layout."""
    return re.sub(r"\W+", "", re.sub(r"https?://\S+", "", text)).casefold()


class _Page(HTMLParser):
    """The text of an HTML body as a person would see it, and the text a person would not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.secret: list[str] = []
        self.pictures = 0
        self._open: list[tuple[str, str]] = []

    @classmethod
    def of(cls, html: str) -> "_Page":
        page = cls()
        page.feed(html)
        page.close()
        return page

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.pieces).splitlines())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    @property
    def unseen(self) -> str:
        return " ".join("".join(self.secret).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _BREAKS:
            self.pieces.append("\n")
        if tag == "img":
            self.pictures += 1
        if tag in ("br", "img", "hr", "meta", "link", "input", "area", "base", "col", "wbr"):
            return
        way = self._open[-1][1] if self._open else ""
        if tag in _UNREAD:
            way = "unread"
        elif "hidden" in given or _INVISIBLE.search((given.get("style") or "").lower()):
            way = way or "unseen"
        self._open.append((tag, way))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self.pieces.append("\n")
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        way = self._open[-1][1] if self._open else ""
        if way == "":
            self.pieces.append(data)
        elif way == "unseen":
            self.secret.append(data + " ")
