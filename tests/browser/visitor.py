"""Visitors who notice what a browser complains about."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from wenzheng import Case

# Milliseconds that an action in the browser may take.
ACTION_LIMIT = 10_000

expect.set_options(timeout=ACTION_LIMIT)


class Visitor:
    """Somebody at a browser of their own, in one language and at one width.

    Everything that the browser complains about is kept: errors on the console, of scripts, and of the content
    security policy. A test fails at its end if there is anything.
    """

    def __init__(self, context: BrowserContext, url: str, name: str, folder: Path):
        self.context = context
        self.url = url
        self.name = name.removeprefix("test_")
        self.complaints: list[str] = []
        self._folder = folder
        self._refused: set[str] = set()
        context.set_default_timeout(ACTION_LIMIT)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("response", self._response)
        # The policy is reported on the console too; the event also comes where nothing is printed.
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) =>"
            " console.error('policy', event.violatedDirective, event.blockedURI))"
        )
        self.page: Page = context.new_page()

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.status >= 400:
            self._refused.add(response.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # A page that says what went wrong is a page; the browser prints its status all the same.
        status = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if status and message.location.get("url") in self._refused:
            return
        self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def go(self, path: str, status: int = 200) -> Page:
        """Opens a page of the site, which answers with `status`."""
        response = self.page.goto(self.url + path)
        assert response is not None and response.status == status, f"{path}: {response and response.status}"
        return self.page

    def open_case(self, case: Case) -> Page:
        """Opens the citizen's own page of a case with number and code."""
        self.go("/follow")
        self.page.locator("#number").fill(case.number)
        self.page.locator("#code").fill(case.code)
        self.page.locator("main form button").click()
        self.page.wait_for_url(f"**/cases/{case.number}")
        return self.page

    def picture(self, step: str, whole: bool = True) -> None:
        """Keeps a picture of the whole page, or of what stands in the window where it is too long for one."""
        name = re.sub(r"[^\w.-]+", "-", f"{self.name}-{step}").strip("-")
        self.page.screenshot(path=self._folder / f"{name}.png", full_page=whole)
