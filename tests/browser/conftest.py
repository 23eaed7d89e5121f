"""What all tests share: the platform, the browser, and those who visit."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from places import Ground
from visitor import Visitor
from wenzheng import Case, Platform


def output() -> Path:
    """Where pictures and figures are kept."""
    path = Path(os.environ["WENZHENG_BROWSER_OUTPUT"])
    path.mkdir(parents=True, exist_ok=True)
    return path


def pytest_terminal_summary(terminalreporter) -> None:
    """Reports what pages cost, as far as it was measured."""
    for file in sorted(output().glob("pages-*.json")):
        terminalreporter.section(f"{file.stem}: first visit, without images")
        terminalreporter.write_line(f"{'page':<16}{'bytes':>8}{'of it HTML':>12}{'requests':>10}{'first byte, ms':>16}")
        for name, it in json.loads(file.read_text(encoding="utf-8")).items():
            terminalreporter.write_line(
                f"{name:<16}{it['bytes']:>8}{it['html']:>12}{it['requests']:>10}{it['first_byte_ms']:>16.1f}"
            )


@pytest.fixture(scope="session")
def folder() -> Path:
    """Where pictures and figures are kept."""
    return output()


@pytest.fixture(scope="session")
def platform() -> Platform:
    """The platform that `cargo xtask test` has started."""
    accounts = json.loads(Path(os.environ["WENZHENG_ACCOUNTS"]).read_text(encoding="utf-8"))
    return Platform(os.environ["WENZHENG_URL"], accounts)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        program = os.environ["WENZHENG_CHROMIUM"]
        browser = playwright.chromium.launch(executable_path=program, args=["--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(
    browser: Browser, platform: Platform, folder: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors; at the end of the test none of their browsers may have complained."""
    visitors: list[Visitor] = []

    def make(
        language: str = "zh-CN", width: int = 1440, height: int = 900, cookies: dict | None = None, **options
    ) -> Visitor:
        context = browser.new_context(
            locale=language, viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai", **options
        )
        context.add_cookies(
            [{"name": name, "value": value, "url": platform.url} for name, value in (cookies or {}).items()]
        )
        visitors.append(Visitor(context, platform.url, request.node.name, folder))
        return visitors[-1]

    yield make
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def published(platform: Platform) -> Case:
    """A case with a published answer that its citizen may rate."""
    return platform.published()


@pytest.fixture(scope="session")
def waiting(platform: Platform) -> Case:
    """A case that waits for its citizen's reply."""
    return platform.waiting()


@pytest.fixture(scope="session")
def ground(platform: Platform, published: Case, waiting: Case) -> Ground:
    """What the pages of all kinds are about."""
    article = platform.call("GET", "/api/knowledge")["items"][0]["id"]
    return Ground(platform, published, waiting, article)
