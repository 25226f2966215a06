"""What the workbench is measured against: the pdf.js viewer, and Chromium's own ``<video>``.

pdf.js is fetched by npm into var/bench and is no part of the portal. Both get the same originals over
loopback, with ranges, from a server of a few lines: a bound of what a browser can do that may have the file.
"""

import mimetypes
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from redaction.release.ranges import Span, Unsatisfiable, span_of
from tests.bench.harness import say

PDFJS = "pdfjs-dist@6.5.438"  # Apache 2.0; for measuring only

_PDF = """<!doctype html><title>pdf.js</title>
<link rel="stylesheet" href="/pdfjs/web/pdf_viewer.css">
<style>body { margin: 0 } #box { position: absolute; inset: 0; overflow: auto }</style>
<div id="box"><div id="viewer" class="pdfViewer"></div></div>
<script type="module">
import * as pdfjs from "/pdfjs/build/pdf.min.mjs";
globalThis.pdfjsLib = pdfjs;
const { EventBus, PDFLinkService, PDFViewer } = await import("/pdfjs/web/pdf_viewer.mjs");
pdfjs.GlobalWorkerOptions.workerSrc = "/pdfjs/build/pdf.worker.min.mjs";
const eventBus = new EventBus();
const linkService = new PDFLinkService({ eventBus });
const viewer = new PDFViewer({ container: document.getElementById("box"), eventBus, linkService });
linkService.setViewer(viewer);
eventBus.on("pagesinit", () => (viewer.currentScaleValue = "page-width"));
eventBus.on("pagerendered", ({ pageNumber }) => {
  document.documentElement.dataset.page = pageNumber;
  requestAnimationFrame(() => setTimeout(() => performance.mark("workbench:first")));
});
const path = new URLSearchParams(location.search).get("file");
const standard = { standardFontDataUrl: "/pdfjs/standard_fonts/", wasmUrl: "/pdfjs/wasm/" };
viewer.setDocument(await pdfjs.getDocument({ url: path, ...standard }).promise);
globalThis.turnTo = (number) => { viewer.currentPageNumber = number; };
</script>"""
_FILM = """<!doctype html><title>video</title><style>video { width: 100% }</style>
<video muted preload="auto"></video>
<script>
const film = document.querySelector("video");
film.src = new URLSearchParams(location.search).get("file");
film.requestVideoFrameCallback(() => setTimeout(() => performance.mark("workbench:first")));
film.onseeked = () => (document.documentElement.dataset.page = film.currentTime);
const turnTo = (second) => (film.currentTime = second);
</script>"""
_PAGES = {"/pdf": _PDF, "/film": _FILM}


@contextmanager
def serving(folder: Path, files: Sequence[Path]) -> Iterator[str]:
    """This will lend the address under which the peers' pages and the files are served."""
    roots = {f"/files/{path.name}": path for path in files}
    found = _pdfjs(folder)
    answer = partial(_Answer, roots, found)
    with _Server(("127.0.0.1", 0), answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def page_of(stage: str, path: str, folder: Path) -> str:
    """This will give the address of the peer that shows a file; empty where there is none."""
    if stage == "film":
        return f"/film?file=/files/{Path(path).name}"
    if stage == "pages" and _is_there(folder):
        return f"/pdf?file=/files/{Path(path).name}"
    return ""


def _is_there(folder: Path) -> bool:
    return (folder / "pdfjs" / "build").is_dir()


def _pdfjs(folder: Path) -> Path:
    """Fetched once; without npm or a network the rows of pages have no peer."""
    place = folder / "pdfjs"
    npm = shutil.which("npm")
    if _is_there(folder) or npm is None:
        return place
    call = [npm, "pack", PDFJS, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(call, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        say("   pdf.js could not be fetched: pages have no peer")
        return place
    packed = folder / done.stdout.strip().splitlines()[-1]
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "npm", filter="data")
    place.parent.mkdir(exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    (folder / "npm" / "package").rename(place)
    packed.unlink()
    return place


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_where: object) -> None:
        """A browser breaks off what it has enough of."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, files: dict[str, Path], pdfjs: Path, *rest: object) -> None:
        self.files, self.pdfjs = files, pdfjs
        super().__init__(*rest)  # type: ignore[arg-type]  # what the server gives its handlers

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in _PAGES:
            return self._send(200, _PAGES[path].encode(), "text/html; charset=utf-8")
        place = self.files.get(path)
        if place is None and path.startswith("/pdfjs/") and ".." not in path:
            place = self.pdfjs / path.removeprefix("/pdfjs/")
        if place is None or not place.is_file():
            return self._send(404, b"", "text/plain")
        return self._send_file(place)

    def log_message(self, *_words: object) -> None:
        pass

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self._begin(status, len(body), kind)
        self.wfile.write(body)

    def _send_file(self, path: Path) -> None:
        size = path.stat().st_size
        kind = "text/javascript" if path.suffix in (".mjs", ".js") else mimetypes.guess_type(path.name)[0]
        try:
            span = span_of(self.headers.get("Range", ""), size)
        except Unsatisfiable:
            return self._send(416, b"", "text/plain")
        whole = span or Span(0, size - 1)
        said = f"bytes {span}/{size}" if span else ""
        self._begin(206 if span else 200, whole.length, kind or "application/octet-stream", said)
        left = whole.length
        with path.open("rb") as stream:
            stream.seek(whole.first)
            try:
                while left and (piece := stream.read(min(left, 1 << 18))):
                    self.wfile.write(piece)
                    left -= len(piece)
            except OSError:
                self.close_connection = True  # the browser has enough of it

    def _begin(self, status: int, length: int, kind: str, span: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Accept-Ranges", "bytes")
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()
