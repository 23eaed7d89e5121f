"""Administrators keep the staff's accounts at the desk."""

from urllib.parse import urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from access import assert_nothing_sticks_out, tab_to
from desk import sign_in, sit_down
from test_desk_roles import assert_refused, row, sections
from test_hostile import HOSTILE, assert_harmless
from test_way import WAYS
from visitor import Visitor
from wenzheng import Platform, unique
from words import STAFF

# The department of the accounts that are made here.
DEPARTMENT = "science"


def arrive(visit, platform: Platform, language: str = "zh-CN", width: int = 1440, **options) -> Visitor:
    """An administrator who is signed in."""
    visitor = visit(language, width, **options)
    sit_down(visitor.context, visitor.url, platform.admin)
    return visitor


def new_form(page: Page) -> Locator:
    """The form of a new account, which is opened if it is not."""
    details = page.locator("main details").first
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    return details.locator("form")


def say_why_not(form: Locator, field: str) -> str:
    """What stands beside `field`, which is said to be wrong and is described by it."""
    control = form.locator(f"#{field}")
    expect(control).to_have_attribute("aria-invalid", "true")
    assert f"{field}-error" in control.get_attribute("aria-describedby").split()
    return form.locator(f"#{field}-error").inner_text()


def fill(form: Locator, words: dict, name: str, role: str, department: str = "") -> None:
    """Fills in who somebody is."""
    form.get_by_label(words["name"], exact=True).fill(name)
    form.get_by_label(words["role"], exact=True).select_option(role)
    form.get_by_label(words["department"], exact=True).select_option(department)


def take(page: Page, words: dict, step: str) -> None:
    """Opens what leads to a step without fields, and takes it."""
    page.locator("main summary", has_text=words[step]).click()
    with page.expect_navigation():
        page.get_by_role("button", name=words[step], exact=True).click()


def one_time(page: Page, words: dict, title: str) -> str:
    """The one-time password on the page that shows it."""
    expect(page.get_by_role("heading", level=1, name=words[title], exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(words["shown once"])
    return page.locator(".slip .spoken code").inner_text()


def replace_password(page: Page, words: dict, current: str) -> str:
    """Chooses an own password, which is asked for before anything else."""
    page.wait_for_url("**/desk/password")
    expect(page.get_by_role("main")).to_contain_text(words["one-time first"])
    own = f"自己的密码 {unique()}"
    page.locator("#current").fill(current)
    page.locator("#new").fill(own)
    with page.expect_navigation():
        page.locator("main form button").click()
    page.wait_for_url("**/desk?done=password")
    return own


def assert_signed_out(visitor: Visitor, words: dict) -> None:
    """The session has ended."""
    page = visitor.go("/desk")
    expect(page.get_by_role("heading", level=1, name=words["signing in"])).to_be_visible()


def assert_cannot_sign_in(visitor: Visitor, words: dict, account: str, password: str) -> None:
    """The sign-in is refused in the same words as any other."""
    page = visitor.go("/desk/sign-in")
    page.get_by_label(words["account"], exact=True).fill(account)
    page.get_by_label(words["password"], exact=True).fill(password)
    page.get_by_role("button", name=words["sign in"], exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(words["wrong login"])


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_an_account_from_its_making_to_its_end(visit, platform, language, width, script):
    words = STAFF[language]
    admin = visit(language, width, java_script_enabled=script)
    page = sign_in(admin, language, **platform.login("admin"))
    assert "/desk/accounts" in sections(page)
    page.get_by_role("link", name=words["accounts"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["accounts"], exact=True)).to_be_visible()
    assert_nothing_sticks_out(page)
    admin.picture("1-list", whole=False)

    # What is wrong stands beside its field, and what was typed stays.
    account, name = f"test-{unique()}", f"钱测试{unique()[-4:]}"
    form = new_form(page)
    form.get_by_label(words["account"], exact=True).fill("Qian Ceshi")
    fill(form, words, name, "officer")
    with page.expect_navigation():
        form.get_by_role("button", name=words["make account"], exact=True).click()
    form = new_form(page)
    assert say_why_not(form, "id") == words["wrong id"]
    assert say_why_not(form, "department") == words["is missing"]
    expect(form.locator("#name")).to_have_value(name)
    expect(form.locator("#role")).to_have_value("officer")
    assert_nothing_sticks_out(page)
    admin.picture("2-refused", whole=False)
    form.get_by_label(words["account"], exact=True).fill(account)
    form.get_by_label(words["department"], exact=True).select_option(DEPARTMENT)
    with page.expect_navigation():
        form.get_by_role("button", name=words["make account"], exact=True).click()
    first = one_time(page, words, "account made")
    assert_nothing_sticks_out(page)
    admin.picture("3-made")

    # It is shown this once: sending the form again makes nothing, and no other page has it.
    page.reload()
    form = new_form(page)
    assert say_why_not(form, "id") == words["exists"]
    admin.go("/desk/accounts")
    form = page.locator("form.filters")
    form.get_by_label(words["role"], exact=True).select_option("officer")
    form.get_by_label(words["department"], exact=True).select_option(DEPARTMENT)
    with page.expect_navigation():
        form.get_by_role("button", name=words["filter"], exact=True).click()
    found = row(page, account)
    expect(found).to_contain_text(name)
    expect(found).to_contain_text(words["not replaced"])
    assert first not in page.content()
    assert_nothing_sticks_out(page)
    admin.picture("4-found", whole=False)
    with page.expect_navigation():
        found.get_by_role("link", name=name).click()
    assert urlparse(page.url).path == f"/desk/accounts/{account}"
    assert first not in page.content()

    # Whoever it is for signs in with it, and has to choose another.
    owner = visit(language, width, java_script_enabled=script)
    own = replace_password(sign_in(owner, language, account, first), words, first)
    expect(owner.page.locator(".who")).to_contain_text(name)

    # What the owner did meanwhile makes the administrator's page an old one: this is said, and nothing is lost.
    form = page.locator("main form.panel")
    fill(form, words, f"{name}改", "reviewer")
    with page.expect_navigation():
        form.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(words["stale account"])
    if script:
        expect(page.get_by_role("alert")).to_be_focused()
    form = page.locator("main form.panel")
    expect(form.locator("#name")).to_have_value(f"{name}改")
    assert say_why_not(form, "name") == words["now"].format(name)
    assert say_why_not(form, "role") == words["now"].format(words["officer"])
    assert_nothing_sticks_out(page)
    admin.picture("5-stale")
    with page.expect_navigation():
        form.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(words["saved"])
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name}改")
    admin.picture("6-saved")

    # Another role is another session.
    assert_signed_out(owner, words)
    sign_in(owner, language, account, own)
    expect(owner.page.locator(".who")).to_contain_text(words["reviewer"])

    # Disabled, it is out at once.
    take(page, words, "disable")
    expect(page.get_by_role("status")).to_contain_text(words["was disabled"])
    admin.picture("7-disabled")
    assert_signed_out(owner, words)
    assert_cannot_sign_in(owner, words, account, own)
    admin.go("/desk/accounts?disabled=false&role=reviewer")
    expect(row(page, account)).to_have_count(0)
    admin.go("/desk/accounts?disabled=true&role=reviewer")
    expect(row(page, account)).to_contain_text(words["disabled"])

    # Enabled, it is as before; reset, its old password is over.
    admin.go(f"/desk/accounts/{account}")
    take(page, words, "enable")
    expect(page.get_by_role("status")).to_contain_text(words["was enabled"])
    sign_in(owner, language, account, own)
    take(page, words, "reset")
    second = one_time(page, words, "was reset")
    admin.picture("8-reset")
    # Sent again, the form would make another password than the one that was read out: it is refused.
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text(words["stale account"])
    assert_signed_out(owner, words)
    assert_cannot_sign_in(owner, words, account, own)
    replace_password(sign_in(owner, language, account, second), words, second)

    # It is none of a reviewer's business, nor of an officer's.
    assert "/desk/accounts" not in sections(owner.page)
    assert_refused(owner, language, ["/desk/accounts", f"/desk/accounts/{account}", "/desk/accounts/nobody"], f"{name}改")


def test_only_administrators_get_past_the_forms(visit, platform):
    account, _ = platform.hire("officer", DEPARTMENT)
    before = platform.account(account)
    for role in ("operator", "officer", "reviewer", "supervisor", "leader"):
        visitor = visit()
        sit_down(visitor.context, visitor.url, getattr(platform, role))
        steps = [{"do": step} for step in ("keep", "reset", "disable", "unlink")]
        forms = [(f"/desk/accounts/{account}", step | {"name": "改", "role": "admin"}) for step in steps]
        forms.append(("/desk/accounts", {"id": f"test-{unique()}", "name": "测试", "role": "admin"}))
        for path, form in forms:
            answer = visitor.context.request.post(
                visitor.url + path,
                form=form | {"revision": str(before["revision"])},
                headers={"Sec-Fetch-Site": "same-origin"},
                max_redirects=0,
            )
            assert answer.status == 403, f"{role} {path} {form}: {answer.status}"
            assert STAFF["zh-CN"]["why not"] in answer.text()
    assert platform.account(account) == before
    # A form of another site, and one that no page has.
    visitor = arrive(visit, platform)
    form = {"do": "disable", "revision": str(before["revision"])}
    address = f"{visitor.url}/desk/accounts/{account}"
    for status, sent, site in ((403, form, "cross-site"), (422, form | {"do": "delete"}, "same-origin")):
        answer = visitor.context.request.post(address, form=sent, headers={"Sec-Fetch-Site": site})
        assert answer.status == status
    # Without a revision nobody knows what was decided on.
    answer = visitor.context.request.post(address, form={"do": "disable"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 409
    assert platform.account(account) == before


# At a wide screen, and at a narrow one without a script.
@pytest.mark.parametrize(("width", "script"), [(1440, True), (320, False)], ids=["1440-script", "320-noscript"])
def test_accounts_need_no_mouse(visit, platform, width, script):
    visitor = arrive(visit, platform, width=width, java_script_enabled=script)
    page = visitor.go("/desk/accounts")
    account = f"test-{unique()}"
    tab_to(page, "新账号")
    page.keyboard.press("Enter")
    tab_to(page, "id")
    page.keyboard.type(account)
    tab_to(page, "name")
    page.keyboard.type("孙测试")
    tab_to(page, "role")
    page.keyboard.press("ArrowDown")
    assert page.locator("#role").input_value() == "operator"
    tab_to(page, "建立账号")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    one_time(page, STAFF["zh-CN"], "account made")
    tab_to(page, "打开这个账号")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "停用账号")
    page.keyboard.press("Enter")
    tab_to(page, "do")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("账号已停用")
    assert platform.account(account)["disabled"]
    if script:
        # The keys of the other lists are keys here.
        visitor.go("/desk/accounts?disabled=true")
        page.keyboard.press("/")
        expect(page.locator("#of-role")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        expect(page.locator("[data-rows] tbody tr").first.locator("th a")).to_be_focused()


def test_ones_own_account_is_named_as_such(visit, platform):
    visitor = arrive(visit, platform)
    page = visitor.go(f"/desk/accounts/{platform.login('admin')['account']}")
    expect(page.locator("main .notice")).to_contain_text("这是您自己的账号")
    account, _ = platform.hire("reporter")
    visitor.go(f"/desk/accounts/{account}")
    expect(page.locator("main .notice")).to_have_count(0)
    visitor.go("/desk/accounts/nobody-of-that-name", 404)


@pytest.mark.parametrize("width", [320, 1440])
def test_a_name_is_text(visit, platform, width):
    visitor = arrive(visit, platform, width=width)
    account, _ = platform.hire("officer", DEPARTMENT)
    page = visitor.go(f"/desk/accounts/{account}")
    # As much of it as a name may have, and a word without end.
    for name in (HOSTILE[:40], HOSTILE[-40:], "W" * 40):
        page.locator("main form.panel #name").fill(name)
        with page.expect_navigation():
            page.locator("main form.panel button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert_harmless(page)
        visitor.go(f"/desk/accounts?department={DEPARTMENT}")
        expect(row(page, account)).to_contain_text(name)
        assert_harmless(page)
        visitor.go(f"/desk/accounts/{account}")
