"""What a machine can tell of the looks of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# The rules of WCAG 2.2 up to AA, and what the makers of axe hold to be good besides.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def assert_axe_finds_nothing(page: Page) -> None:
    """No violation of any of the rules."""
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"


def assert_nothing_sticks_out(page: Page) -> None:
    """No scrolling to the side: what is wider scrolls in a box of its own that the keyboard reaches."""
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"{page.url}: {wide[0]} px wide in a window of {wide[1]} px"
