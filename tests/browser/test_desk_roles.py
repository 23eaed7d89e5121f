"""The main ways of the roles beside the queue of every day: the duty desk, reporters and administrators."""

import time
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from access import assert_nothing_sticks_out
from desk import form, open_from_queue, send, sign_in
from test_way import WAYS
from visitor import Visitor
from wenzheng import POLICE, Case, household, obscure, unique
from words import STAFF


def emergency() -> str:
    """What somebody calls out, in words of its own each time; nothing says which category it is of."""
    return f"有人落水了，快来救人！（{unique()}）"


def telephone() -> str:
    """A number that nobody else has called from: only so many calls in an hour are taken from one."""
    return f"139{time.time_ns() % 10**8:08d}"


def sections(page: Page) -> set[str]:
    """Where the navigation leads."""
    links = page.locator("nav.desk-nav ul a")
    return {urlparse(link.get_attribute("href")).path for link in links.all()}


def row(page: Page, number: str) -> Locator:
    """The row of a case in the list."""
    return page.locator("[data-rows] tbody tr").filter(has=page.locator(f"a[href*='{number}']"))


def assert_on_top(page: Page, number: str) -> None:
    """The case stands on the list's first page, and above it nothing but other emergencies."""
    rows = page.locator("[data-rows] tbody tr")
    expect(row(page, number)).to_have_count(1)
    shown = rows.evaluate_all(
        "rows => rows.map(row => [row.querySelector('th a').pathname.split('/').pop(),"
        " row.classList.contains('emergency')])"
    )
    above = shown[: [name for name, _ in shown].index(number)]
    assert all(is_emergency for _, is_emergency in above), f"{number} is not on top: {shown}"


def assert_refused(
    visitor: Visitor, language: str, paths: list[str], secret: str = "", back: tuple[str, str] = ("back", "/desk")
) -> None:
    """Each page says in plain words that it is not for this role, shows nothing of it, and leads to what the role has."""
    words = STAFF[language]
    for path in paths:
        page = visitor.go(path, 403)
        expect(page.get_by_role("heading", level=1, name=words["not allowed"], exact=True)).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text(words["why not"])
        assert not secret or secret not in page.content(), f"{path} shows what it refuses"
        assert_nothing_sticks_out(page)
    name, address = back
    main = page.get_by_role("main")
    assert name == "back" or main.locator("a[href='/desk']").count() == 0, "the role has no queues"
    main.get_by_role("link", name=words[name], exact=True).click()
    page.wait_for_url(f"**{address}")


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_an_emergency_comes_to_the_duty_desk(visit, platform, language, width, script):
    words = STAFF[language]
    earlier = platform.submit(obscure()).number
    platform.until(earlier, lambda state, kinds: "classification-abstained" in kinds)

    # Whoever is on duty takes the call, and reads out at once what saves a life.
    duty = visit(language, width, java_script_enabled=script)
    page = sign_in(duty, language, **platform.login("duty"))
    page.get_by_role("link", name=words["new"], exact=True).click()
    message, phone = emergency(), telephone()
    page.get_by_label(words["body"]).fill(message)
    page.get_by_label(words["phone"], exact=True).fill(phone)
    page.get_by_role("button", name=words["take in"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["taken"])).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(words["act at once"])
    expect(page.locator(".notice").filter(has_text=words["tell"]).filter(has_text="120")).to_be_visible()
    # Nobody has said where.
    expect(page.get_by_role("main")).to_contain_text(words["missing"])
    assert_nothing_sticks_out(page)
    duty.picture("1-taken")
    number = page.locator(".slip code").first.inner_text()
    code = "-".join(page.locator(".slip .spoken code").all_inner_texts())
    platform.until(number, lambda state, kinds: "classification-abstained" in kinds)

    # It stands above what came before it: among all that waits, and in its queue.
    for path in ("/desk", "/desk?queue=classification"):
        duty.go(path)
        assert_on_top(page, number)
        expect(row(page, number)).to_contain_text(words["emergency"])
    assert_nothing_sticks_out(page)
    duty.picture("2-queue", whole=False)

    # It is taken over: whom to call, what it is, and whose it is.
    open_from_queue(page, words["to classify"], number)
    expect(page.locator(".signs")).to_contain_text(words["emergency"])
    expect(page.get_by_text(phone)).to_have_count(0)
    page.locator("#contact").locator("..").get_by_role("combobox").select_option("urgent")
    page.get_by_role("button", name=words["show"], exact=True).click()
    expect(page.get_by_role("link", name=phone)).to_be_visible()
    # No department leads this category, so that the next step is a person's too.
    form(page, "classify").locator("select").select_option("party")
    send(page, "classify", words["classify"])
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    platform.until(number, lambda state, kinds: "routing-abstained" in kinds)
    duty.go("/desk")
    open_from_queue(page, words["to pass on"], number)
    form(page, "assign").locator("#assign-department").select_option(POLICE)
    send(page, "assign", words["assign"])
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    duty.picture("3-assigned")
    assert platform.view(number)["department"] == POLICE

    # The department has it on top of its queue; the caller reads who has it.
    officer = visit(language, width, java_script_enabled=script)
    page = sign_in(officer, language, **platform.login("officer", POLICE), path="/desk?queue=answer")
    assert_on_top(page, number)
    officer.picture("4-officer", whole=False)
    caller = visit(language, width, java_script_enabled=script)
    page = caller.open_case(Case(number, code))
    expect(page.get_by_role("main")).to_contain_text(words["police"])
    expect(page.get_by_text(message).first).to_be_visible()
    caller.picture("5-caller")

    # The danger is over.
    page = duty.go(f"/desk/cases/{number}")
    form(page, "end-emergency").locator("textarea").fill("人已救起，送医院检查。")
    send(page, "end-emergency", words["end emergency"])
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    expect(page.locator(".signs")).not_to_contain_text(words["emergency"])
    expect(page.locator(".timeline")).to_contain_text("人已救起，送医院检查。")
    assert platform.view(number)["urgency"] == "normal"


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_the_duty_desk_declares_an_emergency(visit, platform, language, width, script):
    words = STAFF[language]
    earlier, number = (platform.submit(obscure()).number for _ in range(2))
    for one in (earlier, number):
        platform.until(one, lambda state, kinds: "classification-abstained" in kinds)
    duty = visit(language, width, java_script_enabled=script)
    page = sign_in(duty, language, **platform.login("duty"))
    assert sections(page) == {"/desk", "/desk/new", "/desk/hot", "/desk/help"}
    open_from_queue(page, words["to classify"], number)
    expect(page.locator(".signs")).not_to_contain_text(words["emergency"])
    declared = f"来件人电话中说家里着火。{unique()}"
    form(page, "declare-emergency").locator("textarea").fill(declared)
    send(page, "declare-emergency", words["declare emergency"])
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    expect(page.locator(".signs")).to_contain_text(words["emergency"])
    expect(page.locator(".timeline")).to_contain_text(declared)
    assert_nothing_sticks_out(page)
    duty.picture("1-declared")
    duty.go("/desk")
    assert_on_top(page, number)
    expect(row(page, number)).to_contain_text(words["emergency"])
    page.get_by_role("link", name=words["hot link"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["hot"])).to_be_visible()
    assert_refused(duty, language, ["/desk/letters", "/desk/templates", "/desk/accounts"])


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_a_reporter_reads_what_is_public_and_nothing_else(visit, platform, published, language, width, script):
    words = STAFF[language]
    message = household()
    hidden = platform.submit(message).number
    reporter = visit(language, width, java_script_enabled=script)
    page = sign_in(reporter, language, **platform.login("reporter"))
    expect(page.get_by_role("main")).to_contain_text(words["no part"])
    assert sections(page) == {"/desk/help"}
    assert_nothing_sticks_out(page)
    reporter.picture("1-desk")

    # What is public, from the desk: cases with their answers, and figures.
    page.get_by_role("main").get_by_role("link", name=words["public cases"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["public cases"], exact=True)).to_be_visible()
    page.locator(f"main a[href*='{published.number}']").first.click()
    expect(page.get_by_role("main")).to_contain_text("另一方随后按投靠方式办理")
    reporter.picture("2-case")
    reporter.go("/desk")
    page.get_by_role("main").get_by_role("link", name=words["public figures"], exact=True).click()
    expect(page.locator("dl.figures dd").first).to_be_visible()
    reporter.picture("3-figures")
    reporter.go(f"/cases/{hidden}", 404)

    # Not what staff have before them.
    refused = ["/desk/new", "/desk/hot", "/desk/letters", "/desk/templates", "/desk/accounts", "/desk/cases.csv"]
    refused += [f"/desk/cases/{number}" for number in (published.number, hidden)]
    assert_refused(reporter, language, refused, message["body"], ("public cases", "/cases"))
    reporter.go(f"/desk/cases/{hidden}", 403)
    reporter.picture("4-refused")


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_an_administrator_keeps_templates_and_looks_after_the_machinery(visit, platform, language, width, script):
    words = STAFF[language]
    number = platform.submit(household()).number
    platform.assign(number)
    admin = visit(language, width, java_script_enabled=script)
    page = sign_in(admin, language, **platform.login("admin"))
    expect(page.get_by_role("main")).to_contain_text(words["no part"])
    assert sections(page) == {"/desk/accounts", "/desk/letters", "/desk/templates", "/desk/help"}
    admin.picture("1-desk")
    page.get_by_role("link", name=words["machinery"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["letters"])).to_be_visible()
    assert_nothing_sticks_out(page)
    admin.picture("2-machinery")

    # A template for all.
    page.get_by_role("link", name=words["templates"], exact=True).click()
    new = page.locator("details").last
    if new.get_attribute("open") is None:
        new.locator("summary").click()
    title = f"来件收悉 {unique()}"
    new.get_by_label(words["template title"], exact=True).fill(title)
    new.get_by_label(words["template text"], exact=True).fill("您好，来件 {编号} 收悉，我们正在核实。")
    with page.expect_navigation():
        new.get_by_role("button", name=words["keep template"], exact=True).click()
    kept = page.locator("details").filter(has=page.locator("summary", has_text=title))
    expect(kept.locator("summary")).to_contain_text(words["for all"])
    assert_nothing_sticks_out(page)
    admin.picture("3-templates", whole=False)

    # An officer answers with it.
    officer = visit(language, width, java_script_enabled=script)
    page = sign_in(officer, language, **platform.login("officer", POLICE), path=f"/desk/cases/{number}")
    form(page, "answer").locator("select[name=template]").select_option(label=title)
    send(page, "answer", words["insert template"])
    # Behind what stands there already, with the number of the case.
    assert page.locator("#answer-text").input_value().endswith(f"您好，来件 {number} 收悉，我们正在核实。")
    officer.picture("4-officer")

    # It goes again.
    page = admin.page
    kept.locator("summary").click()
    with page.expect_navigation():
        kept.get_by_role("button", name=words["delete template"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["templates of answers"], exact=True)).to_be_visible()
    expect(page.locator("summary", has_text=title)).to_have_count(0)

    # Cases are none of an administrator's business.
    body = platform.view(number)["original"]["body"]
    refused = ["/desk/new", "/desk/hot", "/desk/cases.csv", f"/desk/cases/{number}"]
    assert_refused(admin, language, refused, body, ("templates", "/desk/templates"))
    admin.go(f"/desk/cases/{number}", 403)
    admin.picture("5-refused")
