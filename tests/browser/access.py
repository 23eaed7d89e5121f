"""What a page must be for people who see little, use no mouse, or have their own colours."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from visitor import Visitor

# The rules of WCAG 2.2 up to AA, and what the makers of axe hold to be good besides.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

# Editions and colours, with a language and a width each, so that all of them are seen.
LOOKS = [
    ("standard", "light", "zh-CN", 1440),
    ("standard", "dark", "en", 320),
    ("elder", "light", "en", 1440),
    ("elder", "dark", "zh-CN", 320),
]


def assert_axe_finds_nothing(visitor: Visitor) -> None:
    """No violations in the page that the visitor sees, nor in what it hides until it is opened."""
    page = visitor.page
    page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    visitor.picture("page")
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def assert_nothing_sticks_out(page: Page) -> None:
    """No scrolling to the side: what is wider scrolls in a box of its own that the keyboard reaches."""
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"{page.url}: {wide[0]} px wide in a window of {wide[1]} px"


def focused(page: Page) -> dict:
    """What has the focus: its tag, name, and whether it is seen to have it."""
    return page.evaluate(
        """() => {
          const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
          return { tag: one.tagName, name: one.name || one.id || one.textContent.trim(), type: one.type,
            shown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
            inside: box.bottom > 0 && box.top < innerHeight };
        }"""
    )


def assert_focus_is_seen(page: Page) -> None:
    """Whoever looks at the page sees what has the focus."""
    where = focused(page)
    assert where["shown"] and where["inside"], where


def tab_to(page: Page, name: str, whole: bool = True) -> None:
    """Presses the tab key until what is called `name` has the focus, which is seen on every step.

    It may be a field, a button or a link; without `whole` the name only begins so.
    """
    for _ in range(60):
        page.keyboard.press("Tab")
        where = focused(page)
        assert where["tag"] == "BODY" or (where["shown"] and where["inside"]), where
        if where["name"] == name or (not whole and where["name"].startswith(name)):
            return
    raise AssertionError(f"{name} is not reached with the tab key")
