"""A film of which groups were copied, in a real browser: from start to end, and into and out of a mark."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page

from redaction import pipeline
from tests.redaction.media_builders import CAMERA, a_video, some_marks

REGION = {"kind": "region", "start": 2.1, "end": 2.9, "rect": [0.25, 0.25, 0.5, 0.5]}

SHOW = """
async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const film = document.createElement("video");
  window.film = film;
  film.muted = true;
  film.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  document.body.append(film);
  await new Promise((done, failed) => {
    film.onloadeddata = done;
    film.onerror = () => failed(new Error(film.error.message));
  });
  return [film.videoWidth, film.videoHeight, film.duration];
}
"""
PLAY = """
async () => {
  film.playbackRate = 2;
  await new Promise((done, failed) => {
    film.onended = done;
    film.onerror = () => failed(new Error(film.error.message));
    film.play();
  });
  // not how many: a slow machine leaves pictures out
  return [film.getVideoPlaybackQuality().corruptedVideoFrames, film.currentTime];
}
"""
SEEK = """
async (time) => {
  await new Promise((done, failed) => {
    film.onseeked = done;
    film.onerror = () => failed(new Error(film.error.message));
    film.currentTime = time;
  });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [film.videoWidth, film.videoHeight];
  const paper = canvas.getContext("2d");
  // the element may show the picture before for a moment still
  for (const until = performance.now() + 60_000; ; await new Promise(requestAnimationFrame)) {
    const picture = new VideoFrame(film);
    const [since, late] = [time - picture.timestamp / 1e6, performance.now() > until];
    if (since > -0.001 && since < 0.101) {
      paper.drawImage(picture, 0, 0);
      picture.close();
      break;
    }
    picture.close();
    if (late) throw new Error(`${time}: it shows ${time - since}`);
  }
  const [left, top] = [canvas.width * 0.3, canvas.height * 0.3];
  const { data } = paper.getImageData(left, top, canvas.width * 0.4, canvas.height * 0.4);
  return data.filter((_, place) => place % 4 < 3).reduce((most, value) => Math.max(most, value), 0);
}
"""


@pytest.mark.parametrize(
    "coding", [CAMERA, CAMERA | {"profile": "baseline", "bf": "0"}], ids=["high", "baseline"]
)
def test_film_plays_through_and_seeks_into_and_out_of_a_mark(
    page: Page, tmp_path: Path, coding: dict[str, str]
) -> None:
    source = a_video(tmp_path / "in.mp4", seconds=4, coding=coding)
    target = tmp_path / "out.mp4"
    report = pipeline.redact(source, some_marks(REGION), target)
    assert report.details["way"] == "copy what is untouched"
    page.goto("about:blank")

    shape = page.evaluate(SHOW, base64.b64encode(target.read_bytes()).decode())
    corrupt, end = page.evaluate(PLAY)
    darkness = [page.evaluate(SEEK, time) for time in (2.55, 0.55, 2.25, 3.55, 2.85, 1.95, 3.05)]

    assert shape == [320, 180, pytest.approx(4, abs=0.05)]
    assert corrupt == 0
    assert end == pytest.approx(4, abs=0.05)
    assert [level < 45 for level in darkness] == [True, False, True, False, True, False, False]
