"""Write PDFs for tests, including ones that no library would write."""

import zlib
from io import BytesIO

from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, String

Parts = dict[int, bytes]

CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] %s >>"


def objects(*more: bytes, root: bytes = b"", page: bytes = b"") -> Parts:
    """Return a catalog, page tree, and page as objects 1 to 3, and more from 4 on."""
    rows = (CATALOG % root, PAGES, PAGE % page, *more)
    return dict(enumerate(rows, start=1))


def write(parts: Parts, trailer: bytes = b"") -> bytes:
    """Return a file with a cross-reference table."""
    return append(b"%PDF-1.7\n", parts, trailer)


def append(before: bytes, parts: Parts, trailer: bytes = b"") -> bytes:
    """Return another revision of a file."""
    body, places = before, {0: b"0000000000 65535 f \n"}
    for number, part in sorted(parts.items()):
        places[number] = b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    if before.count(b"startxref"):
        del places[0]
        trailer += b" /Prev %d" % int(before.rpartition(b"startxref")[2].split()[0])
    table = b"".join(b"%d 1\n%s" % place for place in places.items())
    start = len(body)
    size = max(places) + 1
    return (
        body
        + b"xref\n%strailer << /Root 1 0 R /Size %d %s >>\n" % (table, size, trailer)
        + b"startxref\n%d\n%%%%EOF\n" % start
    )


def stream(content: bytes, facts: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), facts, content)


def bomb(size: int) -> bytes:
    """Return a file with an object stream that decompresses to `size` bytes."""
    packer = zlib.compressobj(1)
    packed = packer.compress(b"9 0 ")
    block = b" " * 1_000_000
    for _ in range(size // len(block)):
        packed += packer.compress(block)
    packed += packer.compress(b"12") + packer.flush()
    facts = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
    plain = write(objects(stream(packed, facts)))
    # A cross-reference stream, in which object 9 is inside object stream 4.
    places = [plain.index(b"%d 0 obj" % number) for number in range(1, 5)]
    rows = b"".join(b"\1" + place.to_bytes(3, "big") + b"\0" for place in places)
    rows = b"\0\0\0\0\xff" + rows + bytes(5 * 4) + b"\2\0\0\4\0"
    body = plain[: plain.rindex(b"xref\n0")]
    table = stream(rows, b"/Type /XRef /Size 10 /W [1 3 1] /Root 1 0 R")
    return body + b"10 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(body))


def link(action: bytes) -> bytes:
    """Return an annotation that people can click."""
    return b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A %s >>]" % action


def compressed(objects: int = 1, *, script: bool = False) -> bytes:
    """Return a file with object streams and a cross-reference stream."""
    with Pdf.new() as pdf:
        page = pdf.add_blank_page()
        rows = [pdf.make_indirect(Dictionary(A=1, B=Array([1, 2]))) for _ in range(objects)]
        page.obj.Rows = Array(rows)
        if script:
            action = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
            page.obj.Rows.append(action)
        written = BytesIO()
        pdf.save(written, object_stream_mode=ObjectStreamMode.generate)
        return written.getvalue()


def encrypted(password: str = "") -> bytes:
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        written = BytesIO()
        pdf.save(written, encryption=Encryption(owner="owner", user=password))
        return written.getvalue()
