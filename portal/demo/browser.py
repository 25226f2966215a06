"""A person at a browser without JavaScript: follows links, fills the forms a page really has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

TIMEOUT = 60


class DemoError(Exception):
    """A step of the demonstration did not hold; names the page and what was wrong."""


@dataclass
class PageForm:
    """One form of a page: where it goes and what it would send untouched."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        name = got.get("name", "")
        if tag == "form":
            self._open = PageForm(got.get("action", ""), got.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None or not name:
            if tag == "option" and self._select and self._open is not None and "selected" in got:
                self._open.values[self._select] = got.get("value", "")
            return
        if tag == "button" or (tag == "input" and got.get("type") == "submit"):
            self._open.buttons.append((name, got.get("value", "")))
            return
        self._open.names.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            self._open.values[name] = ""
        elif tag == "input" and (got.get("type") not in {"radio", "checkbox", "file"} or "checked" in got):
            self._open.values[name] = got.get("value", "on" if got.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea and self._open is not None:
            self._open.values[self._textarea] += data


class Browser:
    """One person's session. Every page but an expected refusal must answer 200."""

    def __init__(self, base: str, who: str) -> None:
        self.base, self.who = base, who
        self.session = requests.Session()
        self.session.trust_env = False  # never through a proxy: the demonstration stays on this machine
        self.url, self.html, self.status = base, "", 0

    def get(self, path: str, *, expect: int = 200) -> str:
        """This will open a page and follow its redirects. :raises DemoError: on another status."""
        return self._keep(self.session.get(urljoin(self.base, path), timeout=TIMEOUT), expect)

    def fill(
        self,
        values: Mapping[str, str],
        *,
        action: str = "",
        files: Mapping[str, Path] | None = None,
        press: tuple[str, str] | None = None,
        expect: int = 200,
    ) -> str:
        """This will fill and send the page's form that has these fields (and whose address holds ``action``).

        :raises DemoError: when the page has no such form, or the answer has another status.
        """
        form = self._form(set(values) | set(files or {}), action, press)
        data = {**form.values, **values, **(dict([press]) if press else {})}
        opened = {name: (path.name, path.open("rb")) for name, path in (files or {}).items()}
        try:
            answer = self.session.post(
                urljoin(self.url, form.action or self.url), data=data, files=opened or None,
                headers={"Referer": self.url}, timeout=TIMEOUT * 5,
            )  # fmt: skip
        finally:
            for _name, stream in opened.values():
                stream.close()
        return self._keep(answer, expect)

    def choose(self, name: str, value: str) -> str:
        """This will press the button, or pick the radio button, of this name and value and send its form."""
        parser = _Forms()
        parser.feed(self.html)
        if any((name, value) in form.buttons for form in parser.forms):
            return self.fill({}, press=(name, value))
        return self.fill({name: value})

    def has_form(self, action: str) -> bool:
        """This will tell whether the page has a form that goes there."""
        parser = _Forms()
        parser.feed(self.html)
        return any(action in urljoin(self.url, form.action or self.url) for form in parser.forms)

    def fill_to_file(self, values: Mapping[str, str], target: Path, *, action: str) -> Path:
        """This will send a form whose answer is a file, and save it in pieces.

        :raises DemoError: when the answer is not 200.
        """
        form = self._form(set(values), action, None)
        address = urljoin(self.url, form.action or self.url)
        with self.session.post(
            address,
            data={**form.values, **values},
            headers={"Referer": self.url},
            timeout=TIMEOUT * 5,
            stream=True,
        ) as answer:
            if answer.status_code != 200:
                raise DemoError(f"{self.who}: {address} answered {answer.status_code}")
            with target.open("wb") as sink:
                for piece in answer.iter_content(1 << 20):
                    sink.write(piece)
        return target

    def link(self, pattern: str) -> str:
        """This will find an address on the page by pattern. :raises DemoError: when there is none."""
        for found in re.findall(r'(?:href|src|action)="([^"]+)"', self.html):
            if re.search(pattern, unescape(found)):
                return unescape(found)
        raise DemoError(f"{self.who}: {self.url} has no link like {pattern}")

    def has(self, text: str) -> bool:
        return text in unescape(self.html)

    def must_have(self, text: str) -> None:
        """:raises DemoError: when the page does not say it."""
        if not self.has(text):
            raise DemoError(f"{self.who}: {self.url} does not say “{text}”")

    def _form(self, names: set[str], action: str, press: tuple[str, str] | None) -> PageForm:
        parser = _Forms()
        parser.feed(self.html)
        for form in parser.forms:
            fits = names <= form.names and action in urljoin(self.url, form.action or self.url)
            if form.method == "post" and fits and (press is None or press in form.buttons):
                return form
        raise DemoError(
            f"{self.who}: {self.url} has no form {action} with {', '.join(sorted(names)) or press}"
        )

    def _keep(self, answer: requests.Response, expect: int) -> str:
        self.url, self.html, self.status = answer.url, answer.text, answer.status_code
        if answer.status_code != expect:
            said = re.sub(r"<[^>]+>|\s+", " ", self.html.partition("<main")[2] or self.html)
            raise DemoError(
                f"{self.who}: {answer.request.method} {answer.url} answered {self.status}, not {expect}: "
                f"{' '.join(said.split())[:400]}"
            )
        return self.html
