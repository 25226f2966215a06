"""What a torture PDF hides beside its pages, and around its objects."""

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

CATALOGUE = {
    "configuration of layers": "ZQCONFIGX",
    "file in a note": "ZQFILENOTEX",
    "model": "ZQMODELX",
    "note": "ZQSTICKYX",
    "author": "ZQAUTHORX",
    "rich media": "ZQRICHX",
    "address of a link": "ZQLINKX",
    "signature": "ZQSIGNATUREX",
    "attachment": "ZQATTACHX",
    "script on opening": "ZQOPENINGX",
    "named script": "ZQNAMEDX",
    "XMP": "ZQXMPX",
    "information": "ZQINFOX",
    "own information": "ZQOWNINFOX",
    "bookmark": "ZQBOOKMARKX",
    "named destination": "ZQDESTINATIONX",
    "page label": "ZQLABELX",
    "structure": "ZQSTRUCTUREX",
    "role": "ZQROLEX",
    "language": "ZQLANGUAGEX",
    "output intent": "ZQINTENTX",
    "spider": "ZQSPIDERX",
    "legal": "ZQLEGALX",
    "extension": "ZQEXTENSIONX",
    "thread": "ZQTHREADX",
    "key of a page": "ZQPAGEKEYX",
    "private data": "ZQPIECEX",
    "thumbnail": "ZQTHUMBX",
    "action of a page": "ZQACTIONX",
    "transition": "ZQTRANSX",
    "trailer": "ZQTRAILERX",
    "stray object": "ZQSTRAYX",
    "stray stream": "ZQSTREAMX",
    "old revision": "ZQOLDX",
    "between objects": "ZQBETWEENX",
    "behind the end": "ZQBEHINDX",
}


def hide_beside_pages(pdf: pikepdf.Pdf) -> None:
    """This will put a word into each part of the catalogue, the trailer and the page dictionaries."""
    hidden = {name: String(word) for name, word in CATALOGUE.items()}
    root, page = pdf.Root, pdf.pages[0].obj
    script: dict[str, Any] = {"S": Name.JavaScript}
    pdf.attachments["a.txt"] = CATALOGUE["attachment"].encode()
    root.OpenAction = Dictionary(**script, JS=hidden["script on opening"])
    named = Dictionary(**script, JS=hidden["named script"])
    root.Names.JavaScript = Dictionary(Names=Array([String("a"), named]))
    root.Names.Dests = Dictionary(Names=Array([hidden["named destination"], Array([page, Name.Fit])]))
    root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D, P=hidden["page label"])]))
    root.StructTreeRoot = Dictionary(
        Type=Name.StructTreeRoot,
        K=Dictionary(S=Name.Figure, Alt=hidden["structure"], E=hidden["structure"]),
        RoleMap=Dictionary({"/" + CATALOGUE["role"]: Name.P}),
    )
    root.Lang = hidden["language"]
    root.OutputIntents = Array([Dictionary(S=Name.GTS_PDFX, Info=hidden["output intent"])])
    root.SpiderInfo = Dictionary(V=1, C=Array([hidden["spider"]]))
    root.Legal = Dictionary(Attestation=hidden["legal"])
    root.Extensions = Dictionary({"/" + CATALOGUE["extension"]: Dictionary(BaseVersion=Name("/1.7"))})
    root.Threads = Array([pdf.make_indirect(Dictionary(I=Dictionary(Title=hidden["thread"])))])
    page.CustomKey = hidden["key of a page"]
    page.PieceInfo = Dictionary(App=Dictionary(Private=hidden["private data"]))
    page.Thumb = _thumbnail(pdf)
    page.AA = Dictionary(O=Dictionary(**script, JS=hidden["action of a page"]))
    page.Trans = Dictionary(S=Name.Fade, Note=hidden["transition"])
    with pdf.open_metadata() as metadata:
        metadata["dc:description"] = CATALOGUE["XMP"]
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(CATALOGUE["bookmark"], 0))
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(Author=hidden["information"], Custom=hidden["own information"])
    )


def _thumbnail(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    image = pdf.make_stream(CATALOGUE["thumbnail"].encode().ljust(400, b"\0"))
    image.Width, image.Height, image.ColorSpace, image.BitsPerComponent = 20, 20, Name.DeviceGray, 8
    return image


def wrap_bytes(path: Path) -> None:
    """This will put words between and behind the objects, and add two revisions of one object."""
    content = path.read_bytes()
    with pikepdf.open(path) as pdf:
        size, (root, _), info = int(pdf.trailer.Size), pdf.Root.objgen, pdf.trailer.Info.objgen[0]
    start = int(content.rsplit(b"startxref", 1)[1].split()[0])
    for word in (CATALOGUE["old revision"], "new"):
        first = len(content)
        stray = CATALOGUE["stray stream"].encode()
        rows = [
            f"{size} 0 obj\n({word})\nendobj\n".encode(),
            f"{size + 1} 0 obj\n({CATALOGUE['stray object']})\nendobj\n".encode(),
            b"%d 0 obj\n<</Length %d>>\nstream\n%b\nendstream\nendobj\n" % (size + 2, len(stray), stray),
        ]
        offsets = [first + sum(map(len, rows[:place])) for place in range(len(rows))]
        content += b"".join(rows) + f"% {CATALOGUE['between objects']}\n".encode()
        table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
        trailer = f"<< /Size {size + 3} /Root {root} 0 R /Info {info} 0 R /Prev {start}"
        trailer += f" /Own ({CATALOGUE['trailer']}) >>"
        start = len(content)
        content += f"xref\n{size} 3\n{table}trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(content + CATALOGUE["behind the end"].encode())
