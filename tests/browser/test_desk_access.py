"""The staff's desk for people who see little, use no mouse, or have their own colours."""

import pytest
from playwright.sync_api import Page, expect

from access import (
    FORCED,
    LOOKS,
    assert_axe_finds_nothing,
    assert_focus_is_seen,
    assert_forced_colours_are_enough,
    assert_nothing_moves,
    assert_nothing_sticks_out,
    assert_reads_aloud,
    focused,
    tab_to,
)
from desk import sign_in
from desk_places import DESK_PLACES, DeskGround, DeskPlace, prepare
from wenzheng import ANSWER, Platform, household, obscure, unique

# A department that no account of the demonstration belongs to: nobody else works on its queue.
DEPARTMENT = "civil-affairs"

# Cases of the walk through a queue.
TEN = 10


@pytest.fixture(scope="session")
def desk_ground(platform: Platform) -> DeskGround:
    """What the pages of all kinds are about."""
    return prepare(platform)


@pytest.mark.parametrize(
    ("edition", "theme", "language", "width"), LOOKS, ids=["-".join(map(str, look)) for look in LOOKS]
)
@pytest.mark.parametrize("place", DESK_PLACES, ids=lambda place: place.name)
def test_axe_finds_nothing_at_the_desk(visit, desk_ground, place: DeskPlace, edition, theme, language, width):
    visitor = visit(language, width, cookies={"edition": edition, "theme": theme})
    page = place.visit(visitor, desk_ground)
    assert_axe_finds_nothing(visitor)
    assert_nothing_sticks_out(page)
    assert_reads_aloud(page)


@pytest.mark.parametrize("place", DESK_PLACES, ids=lambda place: place.name)
def test_the_desk_can_be_read_with_forced_colours_at_400_percent(visit, desk_ground, place: DeskPlace):
    visitor = visit("zh-CN", color_scheme="dark", **FORCED)
    place.visit(visitor, desk_ground)
    assert_forced_colours_are_enough(visitor)


def test_nothing_moves_at_the_desk_for_whoever_wants_it_still(visit, desk_ground):
    for place in DESK_PLACES:
        if place.name in ("queues-operator", "case-officer", "new"):
            assert_nothing_moves(place.visit(visit("zh-CN", reduced_motion="reduce"), desk_ground))


def queue_of(platform: Platform, count: int) -> set[str]:
    """The numbers of new cases that wait for the answer of `DEPARTMENT`."""
    numbers = {platform.submit(obscure()).number for _ in range(count)}
    for number in numbers:
        platform.until(number, lambda state, kinds: "classification-abstained" in kinds)
        # No department leads this category: it is left to a person too whose it is.
        platform.act(platform.operator, number, "classification", {"category": "party"})
        platform.until(number, lambda state, kinds: "routing-abstained" in kinds)
        platform.act(platform.operator, number, "assignment", {"department": DEPARTMENT})
    for number in numbers:
        platform.until(number, lambda state, kinds: "drafted" in kinds or "draft-refused" in kinds)
    return numbers


def change_password_by_keyboard(page: Page, one_time: str) -> None:
    """Chooses an own password in place of the one-time password, which is asked for before anything else."""
    page.wait_for_url("**/desk/password")
    tab_to(page, "current")
    page.keyboard.type(one_time)
    tab_to(page, "new")
    page.keyboard.type(f"自己的密码 {unique()}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk?done=password")


def test_ten_queued_cases_need_no_mouse(visit, platform):
    numbers = queue_of(platform, TEN)
    account, one_time = platform.hire("officer", DEPARTMENT)
    visitor = visit()
    page = visitor.go("/desk")
    assert focused(page)["name"] == "account", "whoever comes to sign in can type at once"
    page.keyboard.type(account)
    tab_to(page, "password")
    page.keyboard.type(one_time)
    page.keyboard.press("Enter")
    change_password_by_keyboard(page, one_time)
    tab_to(page, "待答复", whole=False)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk?queue=answer")

    # Up and down the list, and into its first case.
    for key, row in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(page.locator("[data-rows] tbody tr").nth(row).locator("th a")).to_be_focused()
        assert_focus_is_seen(page)
    visitor.picture("1-queue")
    page.keyboard.press("Enter")
    done = []
    while True:
        page.wait_for_url("**/desk/cases/**")
        number = page.url.split("/cases/")[1].split("?")[0]
        done.append(number)
        assert number in numbers, f"{number} is of somebody else's queue"
        key = page.locator("#do-answer summary").get_attribute("aria-keyshortcuts")
        page.keyboard.press(key)
        expect(page.locator("#answer-text")).to_be_focused()
        assert_focus_is_seen(page)
        # Letters that are keys elsewhere are letters here.
        page.keyboard.type(f"您好，请补充您要了解的事项，可拨打 81812345 咨询 jkmu。（{len(done)}）")
        # Keys are keys once the page is whole.
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status")).to_contain_text("已办理。")
        if page.locator("[data-key=m]").count() == 0:
            break
        page.keyboard.press("m")
        page.wait_for_url(lambda url: number not in url)
    visitor.picture("2-last")
    assert sorted(done) == sorted(numbers), "each case once"
    page.keyboard.press("u")
    page.wait_for_url("**/desk?queue=answer")
    expect(page.locator(".empty")).to_be_visible()
    for number in numbers:
        assert platform.view(number)["state"] == "answered"

    # The sheet of keys comes and goes.
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    visitor.picture("3-keys")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("edition", ["standard", "elder"])
def test_the_tab_key_alone_is_enough_without_a_script(visit, platform, edition):
    number = platform.submit(obscure()).number
    platform.until(number, lambda state, kinds: "classification-abstained" in kinds)
    visitor = visit(cookies={"edition": edition}, java_script_enabled=False)
    page = sign_in(visitor, "zh-CN", **platform.login("operator"), path=f"/desk/cases/{number}")
    tab_to(page, "不予受理")
    if page.locator("#do-decline").get_attribute("open") is None:
        page.keyboard.press("Enter")
    tab_to(page, "reason")
    page.keyboard.type("没有写明要问的事情")
    visitor.picture("case")
    tab_to(page, "不予受理")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已办理。")
    assert platform.view(number)["state"] == "declined"


def sign_in_by_keyboard(page: Page, account: str, password: str) -> None:
    """Types the account and the password where the page has them."""
    assert focused(page)["name"] == "account", "whoever comes to sign in can type at once"
    page.keyboard.type(account)
    tab_to(page, "password")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def open_by_keyboard(page: Page, queue: str, number: str) -> None:
    """Opens the queue that is called `queue`, and goes down its list, page by page, into case `number`."""
    tab_to(page, queue, whole=False)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk?queue=*")
    rows = page.locator("[data-rows] tbody tr")
    while True:
        for at in range(rows.count()):
            page.keyboard.press("j")
            expect(rows.nth(at).locator("th a")).to_be_focused()
            if number in rows.nth(at).locator("th a").get_attribute("href"):
                assert_focus_is_seen(page)
                page.keyboard.press("Enter")
                page.wait_for_url(f"**/desk/cases/{number}?queue=*")
                return
        tab_to(page, "下一页")
        with page.expect_navigation():
            page.keyboard.press("Enter")


def open_form_by_keyboard(page: Page, action: str, title: str, field: str, script: bool) -> None:
    """Opens the form of an action, by its key where there is a script, and goes to its field."""
    if script:
        page.keyboard.press(page.locator(f"#do-{action} summary").get_attribute("aria-keyshortcuts"))
        expect(page.locator(f"#{action}-{field}")).to_be_focused()
        assert_focus_is_seen(page)
        return
    tab_to(page, title)
    if page.locator(f"#do-{action}").get_attribute("open") is None:
        page.keyboard.press("Enter")
    tab_to(page, field)


# At a wide screen with the keys, and at a narrow one with the tab key alone.
BY_KEYBOARD = [pytest.param(1440, True, id="1440-script"), pytest.param(320, False, id="320-noscript")]


@pytest.mark.parametrize(("width", "script"), BY_KEYBOARD)
def test_a_reviewer_needs_no_mouse(visit, platform, width, script):
    shop = f"小塘便利店{unique()}"
    message = household()
    number = platform.submit(message | {"body": f"{message['body']}我住在{shop}旁边。"}).number
    platform.assign(number)
    platform.act(platform.officer, number, "acceptance")
    platform.act(platform.officer, number, "answer", ANSWER)
    platform.until(number, lambda state, kinds: "examined" in kinds)
    visitor = visit("zh-CN", width, java_script_enabled=script)
    # Without a script there are no keys for the rows of a list, and the tab key is slow: straight to the case.
    page = visitor.go("/desk" if script else f"/desk/cases/{number}")
    sign_in_by_keyboard(page, **platform.login("reviewer"))
    if script:
        open_by_keyboard(page, "待审核", number)
    copy = page.locator("section[aria-labelledby=copy]")
    expect(page.locator("section.answer")).to_contain_text(ANSWER["text"])

    # What else is to be cut, and how the public copy looks then.
    open_form_by_keyboard(page, "approve", "审核通过", "cuts", script)
    page.keyboard.type(shop)
    tab_to(page, "预览公开副本")
    page.keyboard.press("Enter")
    page.wait_for_url("**/copy")
    expect(copy).to_contain_text("我和爱人都是外省户口")
    expect(copy).not_to_contain_text(shop)
    visitor.picture("1-preview")

    # What was typed is still there, and is approved with.
    tab_to(page, "cuts")
    assert page.locator("#approve-cuts").input_value() == shop
    if not script:
        tab_to(page, "审核通过")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter" if script else "Enter")
    expect(page.get_by_role("status")).to_contain_text("已办理。")
    visitor.picture("2-approved")
    platform.until(number, lambda state, kinds: state == "published")
    public = str(platform.call("GET", f"/api/cases/{number}"))
    assert "我和爱人都是外省户口" in public and shop not in public
    if script:
        page.keyboard.press("u")
        page.wait_for_url("**/desk?queue=review")


@pytest.mark.parametrize(("width", "script"), BY_KEYBOARD)
def test_a_supervisor_needs_no_mouse(visit, platform, width, script):
    number = platform.submit(household()).number
    platform.assign(number)
    visitor = visit("zh-CN", width, java_script_enabled=script)
    page = visitor.go("/desk" if script else f"/desk/cases/{number}")
    sign_in_by_keyboard(page, **platform.login("supervisor"))
    if script:
        open_by_keyboard(page, "待答复", number)
    expect(page.locator(".signs")).not_to_contain_text("已督办")
    open_form_by_keyboard(page, "supervise", "督办", "reason", script)
    order = f"请今天联系来件人。{unique()}"
    page.keyboard.type(order)
    if not script:
        tab_to(page, "督办")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter" if script else "Enter")
    expect(page.get_by_role("status")).to_contain_text("已办理。")
    expect(page.locator(".signs")).to_contain_text("已督办")
    expect(page.locator(".notice").filter(has_text=order)).to_be_visible()
    assert platform.view(number)["supervised"] == 1
    visitor.picture("pressed")
