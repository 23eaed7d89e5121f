"""An emergency that comes in while somebody has a page of the desk open."""

import re

import pytest
from playwright.sync_api import Page, expect

from access import assert_nothing_sticks_out
from desk import sign_in
from wenzheng import POLICE, unique
from words import STAFF

# Seconds within which an open page says it: it asks every five.
SOON = 15_000


def drowning() -> dict:
    """A message that is an emergency, in words of its own each time."""
    return {"body": f"有人落水了，快来救人！（{unique()}）"}


def says(page: Page):
    """The line that is read aloud when it changes."""
    return page.locator("#alarm-text[aria-live=assertive]")


def announced(platform, page: Page) -> str:
    """The number of an emergency that comes in now, once the page says it. The page names the newest: where another
    test's came in between two looks, one more is sent."""
    for last in (False, False, True):
        number = platform.submit(drowning()).number
        try:
            expect(says(page)).to_contain_text(number, timeout=SOON)
            break
        except AssertionError:
            if last:
                raise
    return number


def tones(page: Page) -> int:
    """How often the page has made its sound."""
    return int(page.locator("#alarm").get_attribute("data-tones") or 0)


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 320)])
def test_an_open_page_announces_an_emergency(visit, platform, language, width):
    words = STAFF[language]
    duty = visit(language, width)
    page = sign_in(duty, language, **platform.login("duty"))
    page.evaluate("window.untouched = true")

    # It comes through the interface, and nobody touches the page.
    number = announced(platform, page)
    expect(says(page)).to_contain_text(words["new emergency"])
    expect(page).to_have_title(re.compile(re.escape(words["alarm title"])))
    assert page.evaluate("window.untouched"), "the page was loaded again"
    assert tones(page) == 0, "nobody asked for a sound"
    assert_nothing_sticks_out(page)
    duty.picture("1-announced", whole=False)

    # It leads to the case, and is not announced again behind it. Other tests have emergencies too.
    with page.expect_navigation():
        page.locator("#alarm-open").click()
    expect(page.locator(".signs")).to_contain_text(words["emergency"])
    duty.go("/desk")
    page.wait_for_timeout(7_000)
    expect(says(page)).not_to_contain_text(number)

    # With the sound on, the next one is heard too, on every page of the desk; nothing that is typed is lost.
    sound = page.get_by_role("button", name=words["sound"], exact=True)
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    assert tones(page) > 0, "it is heard once to try it"
    duty.go("/desk/new")
    expect(sound).to_have_attribute("aria-pressed", "true")
    page.get_by_label(words["body"]).fill("打字的时候")
    before = tones(page)
    number = announced(platform, page)
    assert tones(page) > before
    expect(page.get_by_label(words["body"])).to_have_value("打字的时候")
    page.get_by_role("button", name=words["seen"], exact=True).click()
    expect(says(page)).not_to_contain_text(number)
    expect(page).not_to_have_title(re.compile(re.escape(words["alarm title"])))

    # Whoever is not signed in any more is told that nothing will be announced.
    page.context.clear_cookies()
    expect(says(page)).to_contain_text(words["signed out"], timeout=SOON)
    expected = [complaint for complaint in duty.complaints if "401" in complaint and "/desk/emergencies" in complaint]
    assert len(expected) == 1, "it stops asking"
    duty.complaints.remove(expected[0])


def test_what_is_asked_is_small_and_for_the_duty_desk_only(visit, platform):
    duty = visit()
    sign_in(duty, "zh-CN", **platform.login("duty"))
    platform.submit(drowning())
    address = duty.url + "/desk/emergencies"
    found = duty.context.request.get(address)
    assert found.status == 200 and found.json()["count"] >= 1
    assert len(found.body()) < 200
    assert found.headers["cache-control"] == "private, no-cache"
    # Other tests have emergencies too: something may be new in between, once.
    for _ in range(3):
        again = duty.context.request.get(address, headers={"If-None-Match": found.headers["etag"]})
        if again.status == 304:
            break
        found = again
    assert again.status == 304 and not again.body()
    officer = visit()
    page = sign_in(officer, "zh-CN", **platform.login("officer", POLICE))
    assert page.locator("#alarm").count() == 0
    assert officer.context.request.get(address).status == 403
    nobody = visit()
    assert nobody.context.request.get(address, max_redirects=0).status == 401


def test_without_a_script_the_list_is_loaded_again_by_itself(visit, platform):
    duty = visit(java_script_enabled=False)
    page = sign_in(duty, "zh-CN", **platform.login("duty"))
    refresh = page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]")
    assert refresh.count() == 1
    expect(page.get_by_role("button", name=STAFF["zh-CN"]["sound"])).to_have_count(0)
    duty.go("/desk/new")
    assert refresh.count() == 0, "what is typed would be lost"
    officer = visit(java_script_enabled=False)
    sign_in(officer, "zh-CN", **platform.login("officer", POLICE))
    assert officer.page.locator("meta[http-equiv=refresh]").count() == 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_sender_reads_that_it_is_an_emergency(visit, platform, language):
    words = STAFF[language]
    citizen = visit(language)
    page = citizen.open_case(platform.submit(drowning()))
    expect(page.get_by_role("main")).to_contain_text(words["handled as an emergency"])
    # On the page after sending, too.
    citizen.go("/ask")
    page.locator("[name=body]").fill(drowning()["body"])
    page.locator("main form button.big:not(.quiet)").click()
    expect(page.locator(".slip")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(words["handled as an emergency"])
