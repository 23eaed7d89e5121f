"""Whatever people write is text: in forms that come back, on the citizen's own page, and in public."""

import pytest
from playwright.sync_api import Page, expect

from desk import form, open_from_queue, send, sit_down
from words import STAFF
from wenzheng import ANSWER, household, unique

# Markup that would say so if it were taken for markup, marks that turn the direction of writing, and emoji.
HOSTILE = "<script>window.harm=1</script><img src=x onerror='window.harm=2'>\"'&{{7*7}}\u202etxt.exe👩‍👩‍👧‍👦"

# A word that has no end.
HUGE = "长" * 300 + "W" * 300

# A picture of one point.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

# Markup in which the redaction sees nothing personal.
MARKUP = "<b onclick='window.harm=3'>粗</b><svg onload=window.harm=4>"


def assert_harmless(page) -> None:
    """No markup of ours came to life, and nothing sticks out of the page."""
    assert page.evaluate("window.harm") is None
    assert page.locator("main img, main b[onclick], main svg[onload], main script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


@pytest.mark.parametrize("width", [320, 1440])
def test_a_form_that_comes_back(visit, width):
    visitor = visit("en", width)
    page = visitor.go("/ask")
    fields = ("subject", "body", "address", "name", "phone", "email")
    for field in fields:
        page.locator(f"#{field}").fill(HOSTILE)
    page.locator("main form button.big").first.click()
    page.locator("#errors").wait_for()
    assert_harmless(page)
    for field in fields:
        # Some fields are too short for all of it.
        kept = page.locator(f"#{field}").input_value()
        assert kept.startswith("<script>window.harm=1</script>") and HOSTILE.startswith(kept), field
    for path in ("/cases?q=", "/knowledge?q="):
        page.goto(visitor.url + path)
        page.locator("#q").fill(HOSTILE[:90])
        page.locator("#q").press("Enter")
        page.wait_for_url("**q=%3Cscript*")
        assert_harmless(page)


def test_a_case_in_every_field(visit, platform):
    message = household() | {
        "subject": f"户口{MARKUP}{HOSTILE[31:60]}",
        "body": f"{household()['body']}{MARKUP}。{HOSTILE}{HUGE}",
        "place": {"division": "zhonghe", "address": HOSTILE},
        "contact": {"name": "<b>\"'&\u202e"},
    }
    case = platform.submit(message)
    platform.assign(case.number)
    platform.act_as_citizen(case, "supplement", {"text": f"{MARKUP}{HOSTILE}{unique()}"})
    platform.act(platform.officer, case.number, "acceptance")
    answer = {
        "text": f"{ANSWER['text']}{MARKUP}。{HOSTILE}{HUGE}",
        "basis": [f"《中华人民共和国户口登记条例》{HOSTILE}{HUGE}"],
        "contact": f"81812345{HOSTILE}",
    }
    platform.act(platform.officer, case.number, "answer", answer)
    platform.act(platform.reviewer, case.number, "approval")
    platform.until(case.number, lambda state, kinds: state == "published")
    for width in (320, 1440):
        visitor = visit("zh-CN", width)
        page = visitor.open_case(case)
        visitor.picture(f"own-{width}")
        assert_harmless(page)
        assert "<script>window.harm=1</script>" in page.locator("main").inner_text()
        page.locator("form[action$='/rating'] textarea").fill(HOSTILE)
        page.locator("form[action$='/rating'] button").click()
        page.locator("#rating-grade-error").wait_for()
        assert page.locator("#rating-comment").input_value() == HOSTILE
        assert_harmless(page)
        visitor = visit("en", width)
        for path in ("/", "/cases", f"/cases/{case.number}"):
            page = visitor.go(path)
            visitor.picture(f"public-{width}{path.replace(case.number, '')}")
            assert_harmless(page)
            assert "<b onclick='window.harm=3'>粗</b>" in page.locator("main").inner_text(), path


# All of it at once, with a word of ten thousand characters and marks that take no room.
EVERYTHING = f"{MARKUP}。{HOSTILE}\u200b\u2066\u200d{'长' * 5000}{'W' * 5000}"


def assert_shown_as_text(page: Page) -> None:
    """The markup stands on the page as it was written, and does nothing."""
    assert_harmless(page)
    text = page.locator("main").inner_text()
    assert "<script>window.harm=1</script>" in text and "<b onclick='window.harm=3'>粗</b>" in text, page.url


@pytest.mark.parametrize("width", [320, 1440])
def test_a_case_in_every_field_at_the_desk(visit, platform, width):
    words = STAFF["zh-CN"]
    message = household() | {
        "subject": f"户口{MARKUP}{HOSTILE[:31]}",
        "body": f"{household()['body']}{EVERYTHING}",
        "place": {"division": "zhonghe", "address": HOSTILE},
        "contact": {"name": "<b>\"'&\u202e", "phone": "13900001111"},
        "attachments": [{"name": f"{MARKUP}\u202etxt.png", "content": PIXEL}],
    }
    case = platform.submit(message)
    platform.assign(case.number)
    platform.act_as_citizen(case, "supplement", {"text": f"{MARKUP}{HOSTILE}{HUGE}"})

    def arrive(role: str, path: str):
        visitor = visit("zh-CN", width)
        sit_down(visitor.context, visitor.url, getattr(platform, role))
        return visitor, visitor.go(path)

    # Whoever supervises writes as badly as the citizen.
    _, page = arrive("supervisor", f"/desk/cases/{case.number}")
    assert_shown_as_text(page)
    form(page, "supervise").locator("textarea").fill(f"{MARKUP}{HOSTILE}{'W' * 500}")
    send(page, "supervise", words["press"])
    assert_shown_as_text(page)

    officer, page = arrive("officer", "/desk")
    open_from_queue(page, words["to answer"], case.number)
    officer.picture("officer", whole=False)
    assert_shown_as_text(page)
    page.get_by_role("button", name=words["accept"], exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    answer = form(page, "answer")
    answer.locator("#answer-text").fill(f"{ANSWER['text']}{EVERYTHING[:9000]}")
    answer.locator("#answer-basis").fill(f"《中华人民共和国户口登记条例》{HOSTILE}{HUGE}"[:600])
    answer.locator("#answer-contact").fill(f"81812345{HOSTILE}")
    answer.get_by_role("button").first.click()
    expect(page.get_by_role("status")).to_contain_text(words["done"])
    assert_shown_as_text(page)
    platform.until(case.number, lambda state, kinds: "examined" in kinds)

    reviewer, page = arrive("reviewer", f"/desk/cases/{case.number}?queue=review")
    assert_shown_as_text(page)
    # What is to be cut stands nowhere: the form comes back as it was filled in.
    cuts = f"{HOSTILE}{'W' * 300}"
    form(page, "approve").locator("#approve-cuts").fill(cuts)
    form(page, "approve").locator("button[formaction]").click()
    page.wait_for_url("**/copy")
    assert_shown_as_text(page)
    assert form(page, "approve").locator("#approve-cuts").input_value() == cuts
    reviewer.picture("reviewer", whole=False)
    page.goto(f"{reviewer.url}/desk/cases/{case.number}?queue=review")
    send(page, "approve", words["approve"])
    platform.until(case.number, lambda state, kinds: state == "published")

    # Lists, and the page that the public sees.
    leader, page = arrive("leader", "/desk?state=published")
    assert_shown_as_text(page)
    leader.picture("list", whole=False)
    for path in (f"/desk/cases/{case.number}", "/desk/hot", f"/cases/{case.number}"):
        leader.go(path)
        assert_harmless(page)


def test_what_the_browser_complains_about_is_noticed(visit):
    """The tests' own eyes: a script and a style in a page, an error, and a file that is not there."""
    visitor = visit()
    page = visitor.go("/")
    page.evaluate(
        """() => {
          document.body.append(document.createRange().createContextualFragment("<script>window.harm = 1</script>"));
          setTimeout(() => { throw new Error("on purpose"); });
          fetch("/nowhere");
        }"""
    )
    page.wait_for_timeout(500)
    seen = "\n".join(visitor.complaints)
    visitor.complaints.clear()
    assert page.evaluate("window.harm") is None
    for expected in ("script-src", "on purpose", "status of 404"):
        assert expected in seen, seen
