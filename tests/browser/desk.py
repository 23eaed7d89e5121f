"""What those who sit at the staff's desk do in a browser."""

import re

from playwright.sync_api import BrowserContext, Locator, Page, expect

from visitor import Visitor
from words import STAFF

# The cookie of the session.
COOKIE = "__Host-staff"

# Selects a phrase of an element's text, as somebody does with the mouse or the shift key.
SELECT = """(element, phrase) => {
  const start = element.textContent.indexOf(phrase);
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let begun = false;
  for (let node = walker.nextNode(), at = 0; node; at += node.length, node = walker.nextNode()) {
    if (!begun && at + node.length > start) { range.setStart(node, start - at); begun = true; }
    if (at + node.length >= start + phrase.length) { range.setEnd(node, start + phrase.length - at); break; }
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def sign_in(visitor: Visitor, language: str, account: str, password: str, path: str = "/desk") -> Page:
    """Asks for a page of the desk, and signs in, for nobody is."""
    words = STAFF[language]
    page = visitor.go(path)
    expect(page.get_by_role("heading", level=1, name=words["signing in"])).to_be_visible()
    page.get_by_label(words["account"], exact=True).fill(account)
    page.get_by_label(words["password"], exact=True).fill(password)
    page.get_by_role("button", name=words["sign in"], exact=True).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def sit_down(context: BrowserContext, url: str, token: str) -> None:
    """Gives a browser the session of the platform at `url` that has begun elsewhere."""
    # The prefix of its name asks for `Secure`; browsers send such cookies to this machine without TLS too.
    cookie = {"name": COOKIE, "value": token, "url": url.replace("http:", "https:"), "secure": True}
    context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Strict"}])


def open_from_queue(page: Page, queue: str, number: str) -> None:
    """Opens the queue that is called `queue`, and from its list case `number`."""
    tab = page.locator(".tabs").get_by_role("link", name=re.compile(rf"^{re.escape(queue)}\s*\d"))
    with page.expect_navigation():
        tab.click()
    link = page.locator(f"[data-rows] a[href*='{number}']")
    while link.count() == 0:
        with page.expect_navigation():
            page.locator("a[rel=next]").click()
    with page.expect_navigation():
        link.click()
    assert f"/desk/cases/{number}" in page.url


def form(page: Page, action: str) -> Locator:
    """The form of an action, which is opened if it is not."""
    details = page.locator(f"#do-{action}")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    return details.locator("form")


def send(page: Page, action: str, name: str) -> None:
    """Sends the form of an action by the button called `name`."""
    with page.expect_navigation():
        form(page, action).get_by_role("button", name=name, exact=True).click()
