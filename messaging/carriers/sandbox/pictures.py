"""The pictures that people in the sandbox send: a house, in colors that depend on its ID."""

from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw

SIZE = (640, 480)


def draw(picture_id: str) -> bytes:
    """Return a PNG, the same for the same ID."""
    hue = sha256(picture_id.encode()).digest()[0] * 360 // 256
    sky, wall, roof = (
        ImageColor.getrgb(f"hsl({(hue + turn) % 360}, {saturation}%, {lightness}%)")
        for turn, saturation, lightness in ((200, 60, 85), (0, 45, 75), (20, 50, 40))
    )
    image = Image.new("RGB", SIZE, sky)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 380, 640, 480), fill="darkseagreen")
    pen.rectangle((180, 220, 460, 400), fill=wall)
    pen.polygon([(150, 220), (320, 90), (490, 220)], fill=roof)
    pen.rectangle((290, 300, 350, 400), fill=roof)
    for left in (205, 385):
        pen.rectangle((left, 260, left + 50, 310), fill="white", outline=roof, width=4)
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
