"""What people need who see little, use no mouse, or have their own colours (WCAG 2.2 AA)."""

import pytest
from playwright.sync_api import expect

from access import (
    FORCED,
    LOOKS,
    assert_axe_finds_nothing,
    assert_forced_colours_are_enough,
    assert_nothing_moves,
    assert_nothing_sticks_out,
    assert_reads_aloud,
    focused,
    tab_to,
)
from places import PLACES, Ground, Place
from wenzheng import household


@pytest.mark.parametrize(
    ("edition", "theme", "language", "width"), LOOKS, ids=["-".join(map(str, look)) for look in LOOKS]
)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_axe_finds_nothing(visit, ground: Ground, place: Place, edition, theme, language, width):
    visitor = visit(language, width, cookies={"edition": edition, "theme": theme})
    page = place.reach(visitor, ground)
    assert_axe_finds_nothing(visitor)
    assert_nothing_sticks_out(page)
    assert_reads_aloud(page)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_pages_can_be_read_with_forced_colours_at_400_percent(visit, ground: Ground, place: Place):
    visitor = visit("zh-CN", color_scheme="dark", **FORCED)
    place.reach(visitor, ground)
    assert_forced_colours_are_enough(visitor)


def test_nothing_moves_for_whoever_wants_it_still(visit, ground: Ground):
    visitor = visit("zh-CN", reduced_motion="reduce")
    for place in PLACES:
        if place.name in ("home", "ask", "cases", "case-own", "statistics"):
            assert_nothing_moves(place.reach(visitor, ground))


@pytest.mark.parametrize("edition", ["standard", "elder"])
def test_asking_following_and_rating_need_no_mouse(visit, platform, edition):
    visitor = visit("zh-CN", 1440, cookies={"edition": edition})
    page = visitor.go("/")
    page.keyboard.press("Tab")
    assert focused(page)["name"] == "跳到正文"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert focused(page)["name"].startswith("我要提问"), "the first thing after the skip link is the way to ask"
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask")
    message = household()
    tab_to(page, "subject")
    page.keyboard.type(message["subject"])
    tab_to(page, "body")
    page.keyboard.type(message["body"])
    tab_to(page, "kind")
    page.keyboard.press("ArrowDown")
    tab_to(page, "publish")
    page.keyboard.press("Space")
    assert page.locator("#publish").is_checked()
    tab_to(page, "提交")
    page.keyboard.press("Enter")
    page.locator(".slip").wait_for()
    number, code = page.locator(".slip code").all_inner_texts()
    platform.answer(number)

    visitor = visit("zh-CN", 1440, cookies={"edition": edition})
    page = visitor.go("/follow")
    tab_to(page, "number")
    page.keyboard.type(number)
    tab_to(page, "code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")
    tab_to(page, "grade")
    page.keyboard.press("Space")
    tab_to(page, "solved")
    page.keyboard.press("Space")
    tab_to(page, "提交评价")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("谢谢您的评价")


def test_a_case_prints_without_what_belongs_to_the_screen(visit, ground: Ground):
    visitor = visit()
    page = visitor.open_case(ground.published)
    page.emulate_media(media="print")
    visitor.picture("print")
    expect(page.locator(".answer .written")).to_be_visible()
    for screen_only in (".masthead nav", ".preferences >> nth=0", ".actions", ".leave"):
        expect(page.locator(screen_only)).to_be_hidden()
