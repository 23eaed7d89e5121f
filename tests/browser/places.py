"""Every kind of page that citizens can come to."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from visitor import Visitor
from wenzheng import Case, Platform


@dataclass(frozen=True)
class Ground:
    """What pages are about."""

    platform: Platform
    published: Case
    waiting: Case
    article: str


@dataclass(frozen=True)
class Place:
    """A kind of page and the way to it."""

    name: str
    reach: Callable[[Visitor, Ground], Page]


def _refused(visitor: Visitor, ground: Ground) -> Page:
    page = visitor.go("/ask")
    page.locator("#phone").fill("abc")
    page.locator("main form button.big").first.click()
    page.locator("#errors").wait_for()
    return page


def _sent(visitor: Visitor, ground: Ground) -> Page:
    page = visitor.go("/ask")
    page.locator("#subject").fill("路灯不亮")
    page.locator("#body").fill("泰康中路的路灯坏了三天，晚上很黑。联系电话13800001234。")
    page.locator("main form button.big").first.click()
    page.locator(".slip").wait_for()
    return page


def _previewed(visitor: Visitor, ground: Ground) -> Page:
    page = visitor.go("/ask")
    page.locator("#subject").fill("路灯不亮")
    page.locator("#body").fill("泰康中路的路灯坏了三天，晚上很黑。联系电话13800001234。")
    page.locator("[data-preview]").click()
    page.locator(".preview h2").wait_for()
    return page


def _wrong_code(visitor: Visitor, ground: Ground) -> Page:
    page = visitor.go("/follow")
    page.locator("main form button").click()
    page.locator("#code-error").wait_for()
    return page


def _rating_refused(visitor: Visitor, ground: Ground) -> Page:
    page = visitor.open_case(ground.published)
    page.locator("form[action$='/rating'] button").click()
    page.locator("#rating-grade-error").wait_for()
    return page


def _reply_refused(visitor: Visitor, ground: Ground) -> Page:
    page = visitor.open_case(ground.waiting)
    page.locator("form[action$='/reply'] button").click()
    page.locator("#reply-text-error").wait_for()
    return page


def _at(path: str, status: int = 200) -> Callable[[Visitor, Ground], Page]:
    return lambda visitor, ground: visitor.go(path, status)


PLACES = [
    Place("home", _at("/")),
    Place("ask", _at("/ask")),
    Place("ask-refused", _refused),
    Place("ask-previewed", _previewed),
    Place("sent", _sent),
    Place("follow", _at("/follow")),
    Place("follow-refused", _wrong_code),
    Place("cases", _at("/cases")),
    Place("cases-found", _at("/cases?q=户口&kind=consultation")),
    Place("cases-none", _at("/cases?q=不存在的事情")),
    Place("case-public", lambda visitor, ground: visitor.go(f"/cases/{ground.published.number}")),
    Place("case-own", lambda visitor, ground: visitor.open_case(ground.published)),
    Place("case-waiting", lambda visitor, ground: visitor.open_case(ground.waiting)),
    Place("case-rating-refused", _rating_refused),
    Place("case-reply-refused", _reply_refused),
    Place("case-hidden", _at("/cases/YZ20200101-00000000", 404)),
    Place("departments", _at("/departments")),
    Place("department", _at("/departments/public-security")),
    Place("knowledge", _at("/knowledge")),
    Place("knowledge-found", _at("/knowledge?q=户口")),
    Place("article", lambda visitor, ground: visitor.go(f"/knowledge/{ground.article}")),
    Place("statistics", _at("/statistics")),
    Place("missing", _at("/nowhere", 404)),
]
