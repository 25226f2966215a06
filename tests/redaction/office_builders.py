"""Small office files, made part by part."""

import zipfile
from email.message import EmailMessage
from pathlib import Path

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
KIND = "application/vnd.openxmlformats-officedocument"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "text", "table", "style")
)


def a_package(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _types(**overrides: str) -> str:
    rows = "".join(
        f'<Override PartName="/{name}" ContentType="{KIND}.{kind}+xml"/>' for name, kind in overrides.items()
    )
    default = '<Default Extension="{}" ContentType="{}"/>'
    return (
        f'<Types xmlns="{TYPES}">'
        + default.format("rels", "application/vnd.openxmlformats-package.relationships+xml")
        + default.format("xml", "application/xml")
        + rows
        + "</Types>"
    )


def relations(*rows: tuple[str, str, str], outside: tuple[str, str] | None = None) -> str:
    """Relations of a part: id, type, target; ``outside`` is the type and target of one out of the file."""
    entries = "".join(f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{to}"/>' for key, kind, to in rows)
    if outside is not None:
        kind, to = outside
        entries += f'<Relationship Id="out" Type="{R}/{kind}" Target="{to}" TargetMode="External"/>'
    return f"<Relationships {RELS}>{entries}</Relationships>"


def a_docx(path: Path, body: str, **parts: str) -> Path:
    """A document of the paragraphs given; ``parts`` are further parts under word/, by their stem."""
    overrides = {"word/document.xml": "wordprocessingml.document.main"}
    overrides |= {f"word/{stem}.xml": f"wordprocessingml.{stem}" for stem in parts}
    rows = [(stem, stem, f"{stem}.xml") for stem in parts]
    return a_package(
        path,
        {
            "[Content_Types].xml": _types(**overrides),
            "_rels/.rels": relations(("d", "officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": relations(*rows, outside=("image", "file:///etc/hostname")),
            "word/document.xml": f"<w:document {W}><w:body>{body}<w:sectPr/></w:body></w:document>",
            **{f"word/{stem}.xml": content for stem, content in parts.items()},
        },
    )


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:r>{properties}<w:t>{text}</w:t></w:r></w:p>"


def a_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def an_xlsx(
    path: Path, *sheets: str, states: tuple[str, ...] = (), names: str = "", notes: str = "", **more: str
) -> Path:
    """A workbook; each sheet is what stands inside ``worksheet``. ``notes`` are comments on the first."""
    numbers = range(1, len(sheets) + 1)
    entries = "".join(
        f'<sheet name="S{number}" sheetId="{number}" r:id="r{number}" '
        f'state="{states[number - 1] if states else "visible"}"/>'
        for number in numbers
    )
    overrides = {"xl/workbook.xml": "spreadsheetml.sheet.main"}
    overrides |= {f"xl/worksheets/sheet{number}.xml": "spreadsheetml.worksheet" for number in numbers}
    parts = {
        "[Content_Types].xml": _types(**overrides),
        "_rels/.rels": relations(("d", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations(
            *((f"r{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in numbers)
        ),
        "xl/workbook.xml": f'<workbook {S} xmlns:r="{R}"><sheets>{entries}</sheets>'
        f"<definedNames>{names}</definedNames></workbook>",
        **{
            f"xl/worksheets/sheet{number}.xml": f"<worksheet {S}>{content}</worksheet>"
            for number, content in zip(numbers, sheets, strict=True)
        },
    }
    if notes:
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = relations(("c", "comments", "../comments1.xml"))
        parts["xl/comments1.xml"] = f"<comments {S}><commentList>{notes}</commentList></comments>"
    return a_package(path, {**parts, **{name.replace("__", "/"): content for name, content in more.items()}})


def rows(*cells: tuple[str, str], extra: str = "") -> str:
    """One row a cell; ``extra`` are attributes of each row."""
    content = "".join(f"<row {extra}>{a_cell(place, text)}</row>" for place, text in cells)
    return f"<sheetData>{content}</sheetData>"


def an_open_document(path: Path, kind: str, body: str, styles: str = "", **parts: str) -> Path:
    """``kind`` is text or spreadsheet; ``styles`` go among the automatic ones."""
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return a_package(
        path,
        {
            "mimetype": mimetype,
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{manifest}" m:version="1.3">'
            f'<m:file-entry m:full-path="/" m:media-type="{mimetype}"/>'
            '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
            "content.xml": f'<office:document-content {ODF} office:version="1.3">'
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
            **parts,
        },
    )


def a_mail(path: Path, text: str = "", *, html: str = "", **headers: str) -> Path:
    message = EmailMessage()
    for name, value in {"From": "a@pd.example", "To": "b@pd.example", "Subject": "Stop", **headers}.items():
        message[name] = value
    if text:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    path.write_bytes(message.as_bytes())
    return path
