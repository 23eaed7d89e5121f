"""What a page must be for people who see little, use no mouse, or have their own colours."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from visitor import Visitor

# The rules of WCAG 2.2 up to AA, and what the makers of axe hold to be good besides.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

# 400 % of a window of 1280 by 1024 pixels leaves 320 by 256 (WCAG 1.4.10).
FORCED = {"width": 320, "height": 256, "forced_colors": "active"}

# Presses of the tab key after which a page is long enough.
STEPS = 120

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


def assert_reads_aloud(page: Page) -> None:
    """Whoever listens to the page finds the way: its parts, its headings in order, and a name for everything."""
    faults = page.evaluate(
        """() => {
          const faults = [], shown = (one) => one.checkVisibility({ visibilityProperty: true });
          const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
          for (const one of ["body > header", "main", "h1"])
            if (all(one).length !== 1) faults.push(`not one ${one}`);
          let level = 0;
          for (const heading of all("h1, h2, h3, h4, h5, h6")) {
            const next = Number(heading.tagName[1]);
            if (next > level + 1) faults.push(`h${level} is followed by h${next}: ${heading.textContent}`);
            if (!heading.textContent.trim()) faults.push(`an empty h${next}`);
            level = next;
          }
          const name = (one) => one.getAttribute("aria-label")
            || (one.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent).join(" ").trim();
          const names = new Set();
          for (const nav of all("nav, section[aria-labelledby], section[aria-label], [role=region]")) {
            if (!name(nav)) faults.push(`without a name: ${nav.outerHTML.slice(0, 80)}`);
            const key = `${nav.tagName} ${name(nav)}`;
            if (names.has(key)) faults.push(`twice: ${key}`);
            names.add(key);
          }
          for (const field of all("input:not([type=hidden]), select, textarea"))
            if (!name(field) && ![...(field.labels || [])].some((label) => label.textContent.trim()))
              faults.push(`without a label: ${field.outerHTML.slice(0, 80)}`);
          for (const one of all("a[href], button, summary"))
            if (!(name(one) || one.textContent).trim()) faults.push(`without a name: ${one.outerHTML.slice(0, 80)}`);
          for (const one of all("table"))
            if (!one.querySelector("th[scope=col]")) faults.push(`columns without a name: ${one.outerHTML.slice(0, 80)}`);
          for (const one of all("svg, img"))
            if (one.getAttribute("aria-hidden") !== "true" && !one.hasAttribute("alt") && !name(one))
              faults.push(`a picture without words: ${one.outerHTML.slice(0, 80)}`);
          return faults;
        }"""
    )
    assert not faults, f"{page.url}: {faults}"


def assert_nothing_is_said_by_colour_alone(page: Page) -> None:
    """With all colours taken away, what is chosen, what is marked and what can be pressed still differs."""
    faults = page.evaluate(
        """() => {
          const look = (one) => {
            const style = getComputedStyle(one);
            const side = (name) => style[`border${name}Style`] === "none" ? "" : style[`border${name}Width`] + style[`border${name}Style`];
            return [style.fontWeight, style.textDecorationLine, style.textDecorationStyle, side("Bottom"), side("Left")].join();
          };
          const faults = [];
          for (const name of ["aria-current", "aria-pressed"])
            for (const chosen of document.querySelectorAll(`[${name}=page], [${name}=true]`)) {
              const group = chosen.closest("ul, form");
              for (const other of group.querySelectorAll(`[${name}=false]`))
                if (look(other) === look(chosen)) faults.push(`${chosen.textContent.trim()} looks like ${other.textContent.trim()}`);
            }
          for (const mark of document.querySelectorAll("main mark, main ins, main del"))
            if (look(mark) === look(mark.parentElement)) faults.push(`not marked: ${mark.outerHTML}`);
          const marks = new Map();
          for (const mark of document.querySelectorAll("main mark")) {
            const other = marks.get(look(mark));
            if (other && other !== mark.className) faults.push(`${mark.className} looks like ${other}`);
            marks.set(look(mark), mark.className);
          }
          for (const one of document.querySelectorAll(".lamp, .tag, .state, .count, .findings li"))
            if (!one.textContent.trim()) faults.push(`no words: ${one.outerHTML}`);
          for (const one of document.querySelectorAll("button, .button, input:not([type=hidden]), select, textarea")) {
            const style = getComputedStyle(one);
            if (one.checkVisibility() && style.borderTopStyle === "none" && style.appearance === "none")
              faults.push(`no edge: ${one.outerHTML}`);
          }
          return faults;
        }"""
    )
    assert not faults, f"{page.url}: {faults}"


def assert_every_focus_is_seen(page: Page) -> None:
    """The tab key goes through the whole page, and what it comes to is seen to have the focus."""
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    seen = set()
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (!window.reached) window.reached = [];
              if (one === document.body) return null;
              if (!window.reached.includes(one)) window.reached.push(one);
              return window.reached.indexOf(one);
            }"""
        )
        if where is None or where in seen:
            break
        seen.add(where)
        assert_focus_is_seen(page)
    assert seen, f"{page.url}: nothing is reached with the tab key"


def assert_nothing_moves(page: Page) -> None:
    """Nothing changes over time."""
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((one) => {
          const style = getComputedStyle(one);
          const times = `${style.transitionDuration}, ${style.animationDuration}`.split(", ");
          return times.some((time) => parseFloat(time) > 0) || style.scrollBehavior === "smooth";
        }).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert not moving, f"{page.url}: {moving}"


def assert_forced_colours_are_enough(visitor: Visitor) -> None:
    """The page in colours of the reader's own, at 400 % of a window of 1280 by 1024 pixels."""
    page = visitor.page
    page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    visitor.picture("page")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert_nothing_sticks_out(page)
    assert_nothing_is_said_by_colour_alone(page)
    # The browser paints with the reader's colours; axe reads those of the page, which nobody sees.
    rules = RULES | {"rules": {"color-contrast": {"enabled": False}}}
    results = Axe().run(page, options=rules)
    assert results.violations_count == 0, results.generate_report()
    assert_every_focus_is_seen(page)


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
