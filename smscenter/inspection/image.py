"""Rewrite images from their pixels: without comments, location, or data after the end."""

from io import BytesIO

from PIL import Image, ImageOps

from smscenter.inspection.verdict import MAX_PIXELS, Refused, Verdict


def rewrite(content: bytes, format_: str) -> bytes:
    """Return the same picture as a new file. Raise Refused."""
    try:
        return _rewrite(content, format_)
    except (Refused, MemoryError):
        raise
    except Exception as error:
        # Decoders raise all kinds of exceptions.
        raise Refused(Verdict.DAMAGED_IMAGE) from error


def _rewrite(content: bytes, format_: str) -> bytes:
    written = BytesIO()
    with Image.open(BytesIO(content), formats=[format_]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Refused(Verdict.HUGE_IMAGE)
        ImageOps.exif_transpose(image, in_place=True)
        image.load()
        image.info = {key: value for key, value in image.info.items() if key == "transparency"}
        image.save(written, format_, quality=90)
    return written.getvalue()
