"""Records with real bytes in the file store."""

import io
import math
import wave
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.custody import services as custody
from requests_app.custody import transcripts
from requests_app.custody.models import ResponsiveRecord, Transcript
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user

READS = (
    b"plate,camera,read_at\n"
    b"CANARY1,Elm and 3rd,2026-02-01 05:12:44\n"
    b"CANARY2,Elm and 3rd,2026-02-01 05:13:01\n"
    b"OWN123,Oak and 9th,2026-02-01 06:00:00\n"
)


def a_pdf(*lines: str, pages: int = 1) -> bytes:
    """A PDF of letter pages with each line as real text, 100 points from the top and 20 apart."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(612, 792))
        page = pdf.pages[-1]
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(
                F1=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
                )
            )
        )
        text = "".join(
            f"BT /F1 12 Tf 72 {692 - 20 * row} Td ({line}) Tj ET\n" for row, line in enumerate(lines)
        )
        page.Contents = pdf.make_stream(text.encode())
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


SPOKEN = (
    b"1\n00:00:00,200 --> 00:00:00,600\nhello there\n\n"
    b"2\n00:00:01,000 --> 00:00:01,400\nMaria Canary here\n\n"
    b"3\n00:00:01,600 --> 00:00:01,900\ncopy that\n"
)


def a_recording(seconds: float = 2.0, hertz: float = 440.0) -> bytes:
    """A WAV of one steady tone, 8,000 samples a second, mono."""
    count = round(seconds * 8000)
    tone = (round(12_000 * math.sin(2 * math.pi * hertz * at / 8000)) for at in range(count))
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in tone))
    return target.getvalue()


def a_transcript(
    record: ResponsiveRecord, content: bytes = SPOKEN, *, uploader: User | None = None
) -> Transcript:
    """A transcript that stands, as the marks page attaches it before there are marks."""
    arrived = transcripts.receive(record=record, upload=SimpleUploadedFile("call.srt", content))
    return transcripts.keep(record=record, arrived=arrived, actor=uploader or record.uploaded_by, at=NOON)


def a_file(content: bytes = READS, name: str = "reads.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def an_analyst(**fields: Any) -> User:
    return a_user(Role.ANALYST, **fields)


def a_record(
    *,
    request: RecordsRequest | None = None,
    content: bytes = READS,
    name: str = "reads.csv",
    title: str = "Plate reads at Elm and 3rd",
    uploader: User | None = None,
    **fields: Any,
) -> ResponsiveRecord:
    """A record that came in by the front door: hashed, sniffed, write-once."""
    return custody.add_record(
        request=request or a_request(status=Status.SEARCHING),
        upload=a_file(content, name),
        title=title,
        actor=uploader or an_analyst(),
        at=NOON,
        **fields,
    )
