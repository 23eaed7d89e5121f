"""Pictures for the documentation: as large as the window, and small as files."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page

# Colours of a picture: pages have few, and the files stay small.
COLOURS = 48


def keep(page: Page, folder: Path, name: str, top: Locator | None = None) -> None:
    """Keeps what is seen in the window, with `top` at its upper edge."""
    if top is not None:
        top.evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 12)")
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
