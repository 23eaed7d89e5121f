"""The walk of an officer through ten queued cases, and of a reviewer through one, whose pictures stand in
`docs/staff.md`."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from desk import SELECT, form, sit_down
from pictures import keep
from wenzheng import POLICE, Platform, bearer

# A window at a desk.
WIDTH, HEIGHT = 1200, 800

# Cases in the queue at the beginning.
TEN = 10

# What people ask the police, in one line and in their words.
QUESTIONS = [
    ("两个人的户口能不能分开迁", "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字。户口迁移时能不能先迁一个人的？"),
    ("居住证到期了怎么续", "我的居住证下个月到期，人还住在中河街道，请问在哪里续签，要带什么材料？"),
    ("身份证丢了能在鄞州补办吗", "我是外省户籍，在鄞州上班，身份证丢了，能不能就近补办，几天可以拿到？"),
    ("新生儿报户口要哪些材料", "孩子上个月出生，夫妻双方都是鄞州户口，报户口要带哪些材料，可以网上办吗？"),
    ("电动自行车怎么上牌", "刚买了一辆电动自行车，想问上牌要去哪里，需要发票吗？"),
    ("楼上深夜打麻将声音很大", "我住钟公庙街道，楼上几乎每天打麻将到凌晨两点，劝过几次没有用，希望民警上门看看。"),
    ("小区门口违停堵住消防通道", "小区北门的消防通道每天晚上停满了车，消防车进不来，请派人管一管。"),
    ("养狗要办什么证", "家里准备养一只小型犬，请问在哪里登记，要不要打疫苗？"),
    ("户口本上的文化程度怎么改", "户口本上写的还是高中，我已经大学毕业了，怎么改，要带毕业证吗？"),
    ("路口的红绿灯时间太短", "学校门口的路口，行人绿灯只有十几秒，老人和孩子走不完，能不能调长一些？"),
    ("孩子的户口想从老家迁过来", "我的户口已经迁到鄞州，孩子的户口还在老家，想迁过来上学，要哪些材料？"),
    ("结婚后户口怎么迁到一起", "我和妻子的户口不在一起，她在鄞州有房，我的户口想迁过去，怎么办理？"),
    ("大学毕业生落户要什么条件", "今年本科毕业，在鄞州找到了工作，没有买房，能不能落户，落在哪里？"),
    ("居住证可以网上办吗", "我在首南街道租房住了半年，想办居住证，可以在手机上办吗，多久能拿到？"),
]

ANSWER = "您好！来件收到。辖区派出所民警会在3个工作日内与您联系并到现场了解情况，处理结果另行告知。咨询电话：81812345。"


def queue(platform: Platform) -> list[dict]:
    """What waits for the officer's answer."""
    return platform.call("GET", "/api/desk/cases?queue=answer", headers=bearer(platform.officer))["items"]


def fill_queue(platform: Platform) -> None:
    """Brings the officer's queue to ten cases; some may wait there already."""
    for subject, body in QUESTIONS:
        if len(queue(platform)) == TEN:
            return
        contact = {"name": "任女士", "phone": "13900001111"}
        message = {"subject": subject, "body": body, "contact": contact, "consent": {"publish": True}}
        bring_to_department(platform, platform.submit(message).number)
    raise AssertionError(f"{len(queue(platform))} cases are in the queue after all questions")


def bring_to_department(platform: Platform, number: str) -> None:
    """Does what the machine leaves to people until a department has the case, and its draft is decided on."""
    ends = {"drafted", "draft-refused"}

    def settled(*others: str) -> dict:
        return platform.until(number, lambda state, kinds: not (ends | set(others)).isdisjoint(kinds))

    view = settled("classification-abstained", "routing-abstained")
    if view["state"] == "received":
        platform.act(platform.operator, number, "classification", {"category": "public-security.order"})
        view = settled("routing-abstained")
    if view["state"] == "classified":
        platform.act(platform.operator, number, "assignment", {"department": POLICE})
        settled()


def at_desk(browser: Browser, url: str, token: str, path: str) -> Page:
    """A page of the desk as the holder of a session sees it."""
    context = browser.new_context(
        locale="zh-CN",
        viewport={"width": WIDTH, "height": HEIGHT},
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    sit_down(context, url, token)
    page = context.new_page()
    page.goto(url + path)
    return page


def walk_desk(browser: Browser, platform: Platform, folder: Path) -> None:
    """Takes the pictures."""
    fill_queue(platform)
    page = at_desk(browser, platform.url, platform.officer, "/desk?queue=answer")
    page.keyboard.press("j")
    keep(page, folder, "staff-1-queue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    done = 0
    reviewed = ""
    while True:
        number = page.url.split("/cases/")[1].split("?")[0]
        # The knowledge base has an article about this very question; the rest is answered in the officer's own words.
        if page.locator("h1").inner_text() == QUESTIONS[0][0] and not reviewed:
            keep(page, folder, "staff-2-case")
            keep(page, folder, "staff-3-answer", page.locator("#do-answer"))
            page.locator("button[name=adopt]").click()
            reviewed = number
        else:
            form(page, "answer").locator("#answer-text").fill(ANSWER)
            page.keyboard.press("Control+Enter")
        page.get_by_role("status").wait_for()
        done += 1
        if done == 1:
            keep(page, folder, "staff-4-next")
        if page.locator("[data-key=m]").count() == 0:
            break
        page.keyboard.press("m")
        page.wait_for_url(lambda url: number not in url)
    assert done == TEN, f"{done} cases were in the queue"
    page.keyboard.press("u")
    page.locator(".empty").wait_for()
    keep(page, folder, "staff-5-empty")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    keep(page, folder, "staff-6-keys")

    platform.until(reviewed, lambda state, kinds: "examined" in kinds)
    page = at_desk(browser, platform.url, platform.reviewer, f"/desk/cases/{reviewed}?queue=review")
    original = page.locator("[data-cut]").first
    original.evaluate(SELECT, original.inner_text().split("，")[0])
    page.keyboard.press("c")
    form(page, "approve").locator("button[formaction]").click()
    page.wait_for_url("**/copy")
    keep(page, folder, "staff-7-review")
    page = at_desk(browser, platform.url, platform.operator, "/desk/new")
    page.locator("#body").fill(QUESTIONS[5][1])
    page.locator("#phone").fill("13900001111")
    page.locator("button[name=look]").click()
    page.locator(".side h3").wait_for()
    keep(page, folder, "staff-8-phone")
    page = at_desk(browser, platform.url, platform.leader, "/desk/hot")
    keep(page, folder, "staff-9-whole")
