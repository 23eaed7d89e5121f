"""The staff's desk: what machines can tell of its pages, and the main way of those who handle a case."""

import re

import pytest
from playwright.sync_api import Page, expect

from looks import assert_axe_finds_nothing, assert_nothing_sticks_out
from visitor import Visitor
from wenzheng import ANSWER, POLICE, Platform, household, unique


def sign_in(visitor: Visitor, platform: Platform, role: str) -> Page:
    """Signs in as a member of staff with that role."""
    login = platform.login(role, POLICE if role == "officer" else None)
    page = visitor.go("/desk/sign-in")
    page.locator("#account").fill(login["account"])
    page.locator("#password").fill(login["password"])
    page.locator("main form button").click()
    page.wait_for_url(re.compile(r"/desk([?/].*)?$"))
    assert "/sign-in" not in page.url
    return page


# Who, and the pages they work with; {} is a case that is theirs to handle.
DESKS = [
    ("operator", ["/desk", "/desk/new", "/desk/help", "/desk/cases/{}", "/desk?state=assigned"]),
    ("officer", ["/desk", "/desk/cases/{}", "/desk/knowledge?q=户口", "/desk/password"]),
    ("reviewer", ["/desk", "/desk/cases/{}"]),
    ("supervisor", ["/desk", "/desk/hot", "/desk/letters", "/desk/cases/{}"]),
    ("leader", ["/desk", "/desk/hot"]),
]

LOOKS = [("light", "zh-CN", 1440), ("dark", "en", 320)]


@pytest.fixture(scope="session")
def theirs(platform: Platform) -> dict:
    """A case for each role: unclear, to be answered, to be reviewed."""
    unclear = platform.submit({"subject": "想问一下", "body": f"上次说的那个怎么样了，想再了解一下。{unique()}"})
    platform.until(unclear.number, lambda state, kinds: "classification-abstained" in kinds)
    handling = platform.submit(household() | {"contact": {"name": "王小明", "phone": "13900002222"}})
    platform.assign(handling.number)
    platform.act(platform.officer, handling.number, "acceptance")
    answered = platform.answered()
    return {"operator": unclear, "officer": handling, "reviewer": answered, "supervisor": handling}


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS, ids=["-".join(map(str, look)) for look in LOOKS])
@pytest.mark.parametrize(("role", "paths"), DESKS, ids=[role for role, _ in DESKS])
def test_axe_finds_nothing_at_the_desk(visit, platform, theirs, role, paths, theme, language, width):
    visitor = visit(language, width, cookies={"theme": theme})
    sign_in(visitor, platform, role)
    for path in paths:
        page = visitor.go(path.format(theirs[role].number) if role in theirs else path)
        page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
        visitor.picture(path.replace(path.format("x"), path).strip("/"))
        assert_axe_finds_nothing(page)
        assert_nothing_sticks_out(page)


def test_axe_finds_nothing_at_the_door(visit):
    visitor = visit()
    page = visitor.go("/desk/sign-in")
    assert_axe_finds_nothing(page)
    page.locator("#account").fill("nobody")
    page.locator("#password").fill("not this one")
    page.locator("main form button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_axe_finds_nothing(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
def test_a_case_is_accepted_answered_and_approved_at_the_desk(visit, platform, script):
    case = platform.submit(household())
    platform.assign(case.number)
    officer = visit(java_script_enabled=script)
    page = sign_in(officer, platform, "officer")
    officer.go(f"/desk/cases/{case.number}")
    page.locator("form[action$='/acceptance'] button").click()
    expect(page.get_by_role("status")).to_be_visible()
    form = page.locator("form[action$='/answer']")
    if not form.is_visible():
        page.locator("#do-answer > summary").click()
    form.locator("textarea[name=text]").fill(ANSWER["text"])
    form.locator("[name=basis]").fill(ANSWER["basis"][0])
    form.locator("[name=contact]").fill(ANSWER["contact"])
    form.locator("button").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    officer.picture("answered")
    platform.until(case.number, lambda state, kinds: "examined" in kinds)

    reviewer = visit(java_script_enabled=script)
    page = sign_in(reviewer, platform, "reviewer")
    reviewer.go(f"/desk/cases/{case.number}")
    expect(page.locator(".answer .written").first).to_contain_text("另一方随后按投靠方式办理")
    form = page.locator("form[action$='/approval']")
    if not form.is_visible():
        page.locator("#do-approve > summary").click()
    form.locator("button").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    reviewer.picture("approved")
    platform.until(case.number, lambda state, kinds: state == "published")
