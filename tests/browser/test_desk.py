"""The staff's main ways: from a telephone call to the published answer, and what the machine leaves to people."""

import pytest
from playwright.sync_api import Page, expect

from desk import SELECT, form, open_from_queue, send, sign_in
from test_way import WAYS
from wenzheng import POLICE, household, obscure, unique
from words import STAFF


def public_copy(page: Page):
    """The public copy beside the original."""
    return page.locator("section[aria-labelledby=copy]")


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_a_call_goes_from_desk_to_desk(visit, platform, language, width, script):
    words = STAFF[language]

    def arrive(role: str, department: str | None = None):
        visitor = visit(language, width, java_script_enabled=script)
        return visitor, sign_in(visitor, language, **platform.login(role, department))

    # The operator takes the call.
    operator, page = arrive("operator")
    operator.picture("1-queues")
    page.get_by_role("link", name=words["new"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["new"])).to_be_visible()
    shop = f"小塘便利店{unique()}"
    phone = "13900001111"
    message = household()
    page.get_by_label(words["body"]).fill(f"{message['body']}我住在{shop}旁边。")
    page.get_by_label(words["subject"]).fill(message["subject"])
    page.get_by_label(words["phone"], exact=True).fill(phone)
    page.get_by_label(words["name"]).fill("任女士")
    page.locator("input[name=publish]").check()
    operator.picture("2-new")
    page.get_by_role("button", name=words["take in"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["taken"])).to_be_visible()
    operator.picture("3-taken")
    number = page.locator(".slip code").first.inner_text()
    page.get_by_role("button", name=words["sign out"]).click()
    expect(page.get_by_role("heading", level=1, name=words["signing in"])).to_be_visible()
    operator.go("/desk")
    assert "/desk/sign-in" in page.url, "signing out ends the session"
    platform.assign(number)
    assert "drafted" in [event["kind"] for event in platform.view(number)["events"]]

    # The officer accepts and answers with the draft.
    officer, page = arrive("officer", POLICE)
    open_from_queue(page, words["to answer"], number)
    # Whom to call is shown to whoever says what for.
    expect(page.get_by_text(phone)).to_have_count(0)
    page.get_by_role("button", name=words["show"], exact=True).click()
    expect(page.get_by_role("link", name=phone)).to_be_visible()
    officer.picture("4-officer")
    page.get_by_role("button", name=words["accept"], exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    send(page, "answer", words["adopt"])
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    expect(page.locator("section.answer")).to_contain_text(words["same"])
    officer.picture("5-answered")
    platform.until(number, lambda state, kinds: "examined" in kinds)

    # The reviewer looks at the public copy, cuts a phrase from it and approves.
    reviewer, page = arrive("reviewer")
    open_from_queue(page, words["to review"], number)
    expect(page.get_by_text(phone)).to_have_count(0)
    expect(public_copy(page)).to_contain_text(shop)
    cuts = form(page, "approve").locator("#approve-cuts")
    if script:
        page.locator("[data-cut]").first.evaluate(SELECT, shop)
        page.locator("body").press("c")
    else:
        cuts.fill(shop)
    assert cuts.input_value() == shop
    send(page, "approve", words["preview"])
    expect(public_copy(page)).not_to_contain_text(shop)
    assert form(page, "approve").locator("#approve-cuts").input_value() == shop
    reviewer.picture("6-cut")
    send(page, "approve", words["approve"])
    platform.until(number, lambda state, kinds: state == "published")
    public = platform.call("GET", f"/api/cases/{number}")
    assert shop not in str(public) and "我和爱人都是外省户口" in str(public)

    # Supervisor and leader see the whole, but not whose case it is.
    for role in ("supervisor", "leader"):
        above, page = arrive(role)
        page.get_by_role("link", name=words["hot link"], exact=True).click()
        expect(page.get_by_role("heading", level=1, name=words["hot"])).to_be_visible()
        expect(page.locator("dl.figures dd").first).to_be_visible()
        machinery = page.get_by_role("link", name=words["machinery"], exact=True)
        if role == "supervisor":
            machinery.click()
            expect(page.get_by_role("heading", level=1, name=words["letters"])).to_be_visible()
        else:
            expect(machinery).to_have_count(0)
        above.go(f"/desk/cases/{number}")
        expect(page.get_by_text(message["body"]).first).to_be_visible()
        expect(page.get_by_text(phone)).to_have_count(0)
        above.picture(f"7-{role}")


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_people_settle_what_the_machine_leaves_to_them(visit, platform, language, width, script):
    words = STAFF[language]
    number = platform.submit(obscure()).number
    platform.until(number, lambda state, kinds: "classification-abstained" in kinds)

    operator = visit(language, width, java_script_enabled=script)
    page = sign_in(operator, language, **platform.login("operator"))
    open_from_queue(page, words["to classify"], number)
    # No department leads this category, so that the next step is left to a person too.
    form(page, "classify").locator("select").select_option("party")
    operator.picture("1-classify")
    send(page, "classify", words["classify"])
    platform.until(number, lambda state, kinds: "routing-abstained" in kinds)
    operator.go("/desk")
    open_from_queue(page, words["to pass on"], number)
    form(page, "assign").locator("#assign-department").select_option(POLICE)
    operator.picture("2-assign")
    send(page, "assign", words["assign"])
    view = platform.until(number, lambda state, kinds: state == "assigned")
    assert view["department"] == POLICE

    # The supervisor presses for it, and the officer reads that on the case.
    supervisor = visit(language, width, java_script_enabled=script)
    page = sign_in(supervisor, language, **platform.login("supervisor"), path=f"/desk/cases/{number}")
    assert page.url.endswith(f"/desk/cases/{number}"), "signing in leads to the page that was asked for"
    order = f"请今天联系来件人。{unique()}"
    form(page, "supervise").locator("textarea").fill(order)
    send(page, "supervise", words["press"])
    supervisor.picture("3-pressed")
    officer = visit(language, width, java_script_enabled=script)
    page = sign_in(officer, language, **platform.login("officer", POLICE))
    open_from_queue(page, words["to answer"], number)
    expect(page.locator(".signs")).to_contain_text(words["pressed"])
    expect(page.locator(".notice").filter(has_text=order)).to_be_visible()
    officer.picture("4-officer")
