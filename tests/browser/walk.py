"""Takes the pictures that stand in `docs/citizens.md` and `docs/staff.md`: python walk.py FOLDER.

`cargo xtask pictures` starts the platform with its demonstration for it.
"""

import json
import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from pictures import keep
from walk_desk import walk_desk
from wenzheng import Platform

# A telephone, as it is held.
WIDTH, HEIGHT, SCALE = 390, 780, 2

SUBJECT = "两个人的户口能不能分开迁"
BODY = (
    "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字。"
    "户口迁移时能不能先迁一个人的？我的电话是13900001111。"
)


def main(folder: Path) -> None:
    url = os.environ["WENZHENG_URL"]
    accounts = json.loads(Path(os.environ["WENZHENG_ACCOUNTS"]).read_text(encoding="utf-8"))
    platform = Platform(url, accounts)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # The browser's own words, such as those of the field for files, follow this variable.
        browser = playwright.chromium.launch(
            executable_path=os.environ["WENZHENG_CHROMIUM"], env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        options = {
            "locale": "zh-CN",
            "viewport": {"width": WIDTH, "height": HEIGHT},
            "device_scale_factor": SCALE,
            "timezone_id": "Asia/Shanghai",
            "reduced_motion": "reduce",
        }
        page = browser.new_context(**options).new_page()
        page.goto(url)
        keep(page, folder, "citizen-1-home")
        page.goto(f"{url}/ask")
        page.locator("#subject").fill(SUBJECT)
        page.locator("#body").fill(BODY)
        page.locator(".similar a").first.wait_for()
        keep(page, folder, "citizen-2-ask", page.locator("h1"))
        page.locator("#division").select_option("zhonghe")
        page.locator("#publish").check()
        page.locator("[data-preview]").click()
        page.locator(".preview h2").wait_for()
        keep(page, folder, "citizen-3-preview", page.locator(".box"))
        page.locator("main form button").first.click()
        page.locator(".slip").wait_for()
        keep(page, folder, "citizen-4-sent")
        number, code = page.locator(".slip code").all_inner_texts()
        platform.answer(number)

        page = browser.new_context(**options).new_page()
        page.goto(f"{url}/follow")
        page.locator("#number").fill(number)
        page.locator("#code").fill(code)
        keep(page, folder, "citizen-5-follow")
        page.locator("main form button").click()
        page.wait_for_url(f"**/cases/{number}")
        keep(page, folder, "citizen-6-answer", page.locator(".case-head"))
        page.locator("input[name=grade][value=satisfied]").check()
        page.locator("input[name=solved][value=yes]").check()
        keep(page, folder, "citizen-7-rate", page.locator("#actions"))
        page.locator("form[action$='/rating'] button").click()
        page.get_by_role("status").wait_for()
        keep(page, folder, "citizen-8-rated")
        keep(page, folder, "citizen-9-timeline", page.locator("#timeline"))
        walk_desk(browser, platform, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
