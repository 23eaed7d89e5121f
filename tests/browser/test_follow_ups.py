"""What a department's handler wants done after an answer, and an officer who does it."""

import pytest
from playwright.sync_api import Page, expect

from access import assert_nothing_sticks_out
from desk import form, send, sign_in
from test_way import WAYS
from wenzheng import POLICE, TASK, Platform, moving_in, unique
from words import STAFF


def listed(page: Page, number: str):
    """The row of case `number`, on whichever page of the list; of no element if it is on none."""
    row = page.locator("[data-rows] tbody tr").filter(has=page.locator(f"a[href='/desk/cases/{number}']"))
    while row.count() == 0 and page.locator("a[rel=next]").count() > 0:
        with page.expect_navigation():
            page.locator("a[rel=next]").click()
    return row


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_an_officer_does_what_is_planned(visit, platform: Platform, language, width, script):
    words = STAFF[language]
    case = platform.published(moving_in())

    # It stands in the department's list, with its day.
    officer = visit(language, width, java_script_enabled=script)
    page = sign_in(officer, language, **platform.login("officer", POLICE))
    page.get_by_role("link", name=words["follow-ups link"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["follow-ups"])).to_be_visible()
    row = listed(page, case.number)
    expect(row).to_contain_text(TASK)
    due = platform.view(case.number)["follow_up"]["due_at"]
    assert row.locator("time").get_attribute("datetime") == due
    assert_nothing_sticks_out(page)
    officer.picture("1-list")

    # On the case, the officer writes what came of it.
    with page.expect_navigation():
        row.get_by_role("link").click()
    expect(page.locator("#follow-up")).to_contain_text(TASK)
    assert_nothing_sticks_out(page)
    officer.picture("2-case")
    result = f"已电话回访，户口已经迁入。{unique()}"
    form(page, "follow-up").locator("textarea").fill(result)
    send(page, "follow-up", words["followed up"])
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    officer.go(f"/desk/cases/{case.number}")
    expect(page.locator("#follow-up")).to_have_count(0)
    expect(page.locator("#do-follow-up")).to_have_count(0)
    expect(page.get_by_text(result).first).to_be_attached()
    officer.picture("3-done")
    officer.go("/desk/follow-ups")
    assert listed(page, case.number).count() == 0

    # The citizen reads nothing of it.
    own = platform.call("GET", f"/api/cases/{case.number}", headers={"Query-Code": case.code})
    assert TASK not in str(own) and result not in str(own)


def test_whoever_has_no_part_in_it_is_not_led_there(visit, platform: Platform):
    words = STAFF["zh-CN"]
    for role in ("reviewer", "admin"):
        page = sign_in(visit(), "zh-CN", **platform.login(role))
        expect(page.get_by_role("link", name=words["follow-ups link"], exact=True)).to_have_count(0)
        response = page.goto(f"{platform.url}/desk/follow-ups")
        assert response is not None and response.status == 403, role
        expect(page.get_by_role("heading", level=1)).to_contain_text(words["not allowed"])
