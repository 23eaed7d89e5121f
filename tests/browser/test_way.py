"""The citizen's main way: asking, finding the case again, reading the answer, rating it."""

import re
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import expect

from access import assert_nothing_sticks_out
from wenzheng import Case, household
from words import WORDS

WAYS = [
    pytest.param(language, width, script, id=f"{language}-{width}-{'script' if script else 'noscript'}")
    for language, width, script in product(WORDS, (320, 1440), (True, False))
]


@pytest.mark.parametrize(("language", "width", "script"), WAYS)
def test_a_citizen_asks_follows_and_rates(visit, platform, language, width, script):
    words = WORDS[language]
    asking = visit(language, width, java_script_enabled=script)
    page = asking.go("/")
    asking.picture("1-home")
    page.get_by_role("main").get_by_role("link", name=words["ask"]).click()
    expect(page.get_by_role("heading", level=1, name=words["ask"])).to_be_visible()
    message = household()
    page.get_by_label(words["subject"]).fill(message["subject"])
    page.get_by_label(words["body"]).fill(message["body"])
    page.get_by_label(words["kind"]).select_option(label=words["consultation"])
    page.get_by_label(words["division"]).select_option(label=words["zhonghe"])
    page.locator("#publish").check()
    asking.picture("2-ask")
    page.get_by_role("button", name=words["send"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words["received"])).to_be_visible()
    asking.picture("3-sent")
    number, code = (page.locator(".slip code").nth(index).inner_text() for index in (0, 1))
    page.get_by_role("link", name=words["progress"]).click()
    expect(page.get_by_text(message["body"])).to_be_visible()

    # Somewhere else, later: a wrong code tells nothing, the right one is enough.
    later = visit(language, width, java_script_enabled=script)
    page = later.go("/follow")
    page.get_by_label(words["number"]).fill(number.lower())
    page.get_by_label(words["code"]).fill("AAAA-AAAA-AAAA")
    page.get_by_role("button", name=words["show"], exact=True).click()
    expect(page.get_by_text(words["wrong"])).to_be_visible()
    later.picture("4-wrong")
    page.get_by_label(words["code"]).fill(code.lower())
    page.get_by_role("button", name=words["show"], exact=True).click()
    expect(page.get_by_text(message["body"])).to_be_visible()
    assert code not in page.url

    platform.answer(number)
    page.reload()
    answer = page.get_by_role("region", name=words["answer"], exact=True)
    expect(answer).to_contain_text("另一方随后按投靠方式办理")
    later.picture("5-answer")
    page.get_by_role("radio", name=re.compile(f"^{words['grade']}$")).check()
    page.get_by_role("radio", name=re.compile(f"^{words['solved']}$")).check()
    page.get_by_role("button", name=words["rate"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["thanks"])
    later.picture("6-rated")
    page.get_by_role("button", name=words["leave"]).click()
    later.go(f"/cases/{number}")
    expect(page.get_by_role("button", name=words["rate"])).to_have_count(0)
    expect(page.get_by_text("另一方随后按投靠方式办理")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
def test_a_refused_form_keeps_what_was_typed_and_leads_to_what_is_wrong(visit, script):
    visitor = visit(java_script_enabled=script)
    page = visitor.go("/ask")
    page.locator("#subject").fill("路灯坏了")
    page.locator("#phone").fill("abc")
    page.locator("#email").fill("nobody")
    page.locator("main form button.big").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    visitor.picture("refused")
    assert page.locator("#subject").input_value() == "路灯坏了"
    assert page.locator("#phone").input_value() == "abc"
    for field in ("phone", "email"):
        expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{field}")).to_have_accessible_description(re.compile("."))
    if script:
        expect(page.locator("#errors")).to_be_focused()
    page.locator("#errors a").first.click()
    expect(page.locator("#phone")).to_be_focused()


def test_the_draft_survives_a_closed_page_and_goes_with_the_message(visit):
    visitor = visit()
    page = visitor.go("/ask")
    page.locator("#subject").fill("小区门口的树枝挡住了路灯")
    page.locator("#name").fill("张三")
    page.close()
    page = visitor.context.new_page()
    page.goto(f"{visitor.url}/ask")
    assert page.locator("#subject").input_value() == "小区门口的树枝挡住了路灯"
    assert page.locator("#name").input_value() == "", "the contact is not kept"
    page.locator("#body").fill("树长得太密，晚上人行道上看不见路，希望修剪一下。")
    page.locator("main form button.big").first.click()
    page.locator(".slip").wait_for()
    page.goto(f"{visitor.url}/ask")
    assert page.locator("#subject").input_value() == ""


def test_similar_answers_are_shown_while_typing(visit, published: Case):
    visitor = visit()
    page = visitor.go("/ask")
    page.locator("#subject").press_sequentially("户口", delay=30)
    expect(page.locator(".similar a").first).to_be_visible()
    visitor.picture("similar")


@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
def test_language_and_edition_are_switched_and_remembered(visit, script):
    visitor = visit("zh-CN", java_script_enabled=script)
    page = visitor.go("/ask")
    page.get_by_role("button", name=WORDS["zh-CN"]["other language"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["zh-CN"]["title in the other language"])
    assert page.url.endswith("/ask")
    small = page.locator("body").evaluate("(body) => parseFloat(getComputedStyle(body).fontSize)")
    page.locator("button[name=edition]").click()
    expect(page.locator("html")).to_have_attribute("data-edition", "elder")
    large = page.locator("body").evaluate("(body) => parseFloat(getComputedStyle(body).fontSize)")
    assert large >= 1.3 * small
    targets = page.locator("main button:visible, main input:visible:not([type=checkbox], [type=hidden]), main select")
    heights = targets.evaluate_all("(all) => all.map((one) => [one.name, one.getBoundingClientRect().height])")
    assert heights and all(height >= 60 for _, height in heights), heights
    visitor.go("/cases")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-edition", "elder")


@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
def test_the_public_copy_is_seen_before_agreeing_to_it(visit, script):
    visitor = visit(java_script_enabled=script)
    page = visitor.go("/ask")
    page.locator("#subject").fill("路灯不亮")
    page.locator("#body").fill("我是李建国，电话13900001111，<b>泰康中路</b>的路灯坏了。")
    page.locator("#name").fill("李建国")
    door = page.get_by_role("button", name="看看公开后的样子")
    if script:
        door.click()
        shown = page.locator(".preview")
        expect(shown.get_by_role("heading")).to_be_visible()
        expect(door).to_be_enabled()
    else:
        with page.expect_popup() as popup:
            door.click()
        shown = popup.value.locator("#preview")
    expect(shown).to_contain_text("<b>泰康中路</b>的路灯坏了")
    expect(shown).not_to_contain_text("李建国")
    expect(shown).not_to_contain_text("13900001111")
    expect(shown).to_contain_text("隐去了 2 处个人信息")
    visitor.picture("form")
    # The form is left as it was, and nothing was sent.
    assert page.url.endswith("/ask")
    assert page.locator("#name").input_value() == "李建国"
    # The enter key sends, whatever other buttons there are.
    page.locator("#subject").press("Enter")
    page.locator(".slip").wait_for()


def picture_of(folder: Path, size: int, name: str = "很大的照片.png") -> Path:
    """A file that says it is a picture, of so many bytes."""
    file = folder / name
    with file.open("wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        out.truncate(size)
    return file


def test_files_that_are_too_large_are_refused_before_they_are_sent(visit, tmp_path):
    visitor = visit("zh-CN", 320)
    page = visitor.go("/ask")
    page.locator("#subject").fill("路灯不亮")
    for files, expected in [
        ([picture_of(tmp_path, 100, f"{index}.png") for index in range(7)], "最多选 6 个"),
        ([picture_of(tmp_path, 6 << 20)], "每个文件最大 5 MB，请换小一些的： 很大的照片.png"),
        ([picture_of(tmp_path, 4 << 20, f"{index}.png") for index in range(7, 10)], "合计最大 9 MB"),
    ]:
        page.locator("#files").set_input_files(files)
        expect(page.locator("#files")).to_have_accessible_description(re.compile(expected))
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.locator("#files")).to_be_focused()
        assert page.url.endswith("/ask") and page.locator("#subject").input_value() == "路灯不亮"
    visitor.picture("refused")
    page.locator("#files").set_input_files([])
    page.get_by_role("button", name="提交", exact=True).click()
    page.locator(".slip").wait_for()


@pytest.mark.parametrize("size", [7, 12, 40], ids=["one file too large", "the whole too large", "for the runner too"])
def test_without_a_script_too_large_files_lose_no_text(visit, tmp_path, size):
    visitor = visit(java_script_enabled=False)
    page = visitor.go("/ask")
    page.locator("#subject").fill("路灯不亮")
    page.locator("#body").fill("泰康中路的路灯坏了三天。")
    page.locator("#files").set_input_files([picture_of(tmp_path, size << 20)])
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name="太大").or_(page.get_by_role("alert"))).to_be_visible()
    visitor.picture("refused")
    assert_nothing_sticks_out(page)
    if size > 10:
        page.go_back()
    assert page.locator("#body").input_value() == "泰康中路的路灯坏了三天。"
