"""Every kind of page that staff can come to."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from desk import form, sit_down
from visitor import Visitor
from wenzheng import POLICE, Platform, household, moving_in, obscure, unique


@dataclass(frozen=True)
class DeskGround:
    """What the pages are about: cases by their numbers."""

    platform: Platform
    # Nobody knows yet what it is about.
    obscure: str
    # It waits for its department's answer; there is a draft, and a telephone number.
    assigned: str
    # Its answer waits for a reviewer.
    answered: str
    # An account whose one-time password is not replaced yet.
    account: str
    # Its answer is out, and its department has something to do after it.
    followed: str


@dataclass(frozen=True)
class DeskPlace:
    """A kind of page, the role that comes there (none: nobody is signed in), and the way to it."""

    name: str
    role: str | None
    reach: Callable[[Visitor, DeskGround], Page]

    def visit(self, visitor: Visitor, ground: DeskGround) -> Page:
        """Goes there as somebody of the role."""
        if self.role is not None:
            sit_down(visitor.context, visitor.url, getattr(ground.platform, self.role))
        return self.reach(visitor, ground)


def prepare(platform: Platform) -> DeskGround:
    """The cases that the pages are about."""
    vague = platform.submit(obscure()).number
    assigned = platform.submit(household() | {"contact": {"name": "任女士", "phone": "13900001111"}}).number
    answered = platform.submit(household()).number
    for number in (assigned, answered):
        platform.assign(number)
    platform.act(platform.officer, answered, "acceptance")
    platform.act(platform.officer, answered, "answer", {"text": "您好，来件收悉，我们会尽快处理。电话13900001111。"})
    platform.until(answered, lambda state, kinds: "examined" in kinds)
    platform.until(vague, lambda state, kinds: "classification-abstained" in kinds)
    account, _ = platform.hire("officer", POLICE)
    followed = platform.published(moving_in()).number
    return DeskGround(platform, vague, assigned, answered, account, followed)


def _at(path: str, status: int = 200) -> Callable[[Visitor, DeskGround], Page]:
    return lambda visitor, ground: visitor.go(path, status)


def _case(name: str) -> Callable[[Visitor, DeskGround], Page]:
    return lambda visitor, ground: visitor.go(f"/desk/cases/{getattr(ground, name)}")


def _sign_in_refused(visitor: Visitor, ground: DeskGround) -> Page:
    page = visitor.go("/desk/sign-in")
    # An account that does not exist: no account of the demonstration is locked by this.
    page.locator("#account").fill(f"nobody-{unique()}")
    page.locator("#password").fill("not the password")
    page.locator(".sign-in form button").click()
    page.get_by_role("alert").wait_for()
    return page


def _return_refused(visitor: Visitor, ground: DeskGround) -> Page:
    page = _case("assigned")(visitor, ground)
    # A space is enough for the browser, not for the platform.
    for field in form(page, "return").locator("textarea, input:not([type=hidden])").all():
        field.fill(" ")
    form(page, "return").locator(".doors button").first.click()
    page.locator("#errors").wait_for()
    return page


def _preview(visitor: Visitor, ground: DeskGround) -> Page:
    page = _case("answered")(visitor, ground)
    form(page, "approve").locator("#approve-cuts").fill("我们会尽快处理")
    form(page, "approve").locator("button[formaction]").click()
    page.wait_for_url("**/copy")
    return page


def _new_refused(visitor: Visitor, ground: DeskGround) -> Page:
    page = visitor.go("/desk/new")
    page.locator("#phone").fill("abc")
    page.locator("button.big").click()
    page.locator("#errors").wait_for()
    return page


def _earlier(visitor: Visitor, ground: DeskGround) -> Page:
    page = visitor.go("/desk/new")
    page.locator("#phone").fill("13900001111")
    page.locator("button[name=look]").click()
    page.locator(".side h3").wait_for()
    return page


def _taken(visitor: Visitor, ground: DeskGround) -> Page:
    page = visitor.go("/desk/new")
    page.locator("#body").fill(f"泰康中路的路灯坏了三天，晚上很黑。（{unique()}）")
    page.locator("#phone").fill("13900002222")
    page.locator("button.big").click()
    page.locator(".slip").wait_for()
    return page


def _batch(visitor: Visitor, ground: DeskGround) -> Page:
    page = visitor.go(f"/desk?queue=answer&department={POLICE}")
    page.locator(".pick input").first.check()
    page.locator("#action").select_option(index=1)
    page.locator("#batch .batch button").click()
    page.locator("input[name=sure]").wait_for(state="attached")
    return page


def _alarm(visitor: Visitor, ground: DeskGround) -> Page:
    ground.platform.submit({"body": f"有人落水了，快来救人！（{unique()}）"})
    page = visitor.go("/desk/help")
    page.locator("#alarm.notice").wait_for()
    return page


def _password_refused(visitor: Visitor, ground: DeskGround) -> Page:
    page = visitor.go("/desk/password")
    page.locator("#current").fill("not the password")
    page.locator("#new").fill("password1234")
    page.locator("main form button").click()
    page.get_by_role("alert").wait_for()
    return page


def _account(visitor: Visitor, ground: DeskGround) -> Page:
    return visitor.go(f"/desk/accounts/{ground.account}")


def _account_new(visitor: Visitor, ground: DeskGround, account: str) -> Page:
    """Sends the form of a new account."""
    page = visitor.go("/desk/accounts")
    page.locator("main details summary").click()
    page.locator("#id").fill(account)
    page.locator("#name").fill("测试")
    page.locator("#role").select_option("officer")
    page.locator("#department").select_option(POLICE)
    page.locator("main details button").click()
    return page


def _account_made(visitor: Visitor, ground: DeskGround) -> Page:
    page = _account_new(visitor, ground, f"test-{unique()}")
    page.locator(".slip").wait_for()
    return page


def _account_not_made(visitor: Visitor, ground: DeskGround) -> Page:
    page = _account_new(visitor, ground, ground.account)
    page.locator("#id-error").wait_for()
    return page


def _account_refused(visitor: Visitor, ground: DeskGround) -> Page:
    page = _account(visitor, ground)
    page.locator("#name").fill(" ")
    page.locator("main form.panel #department").select_option("")
    page.locator("main form.panel button").click()
    page.locator("#department-error").wait_for()
    return page


DESK_PLACES = [
    DeskPlace("sign-in", None, _at("/desk/sign-in")),
    DeskPlace("sign-in-refused", None, _sign_in_refused),
    DeskPlace("queues-operator", "operator", _at("/desk")),
    DeskPlace("queues-officer", "officer", _at("/desk?queue=answer")),
    DeskPlace("queues-none", "supervisor", _at("/desk?queue=extension")),
    DeskPlace("queues-all", "leader", _at("/desk?state=published")),
    DeskPlace("no-cases", "admin", _at("/desk")),
    DeskPlace("batch", "officer", _batch),
    DeskPlace("case-operator", "operator", _case("obscure")),
    DeskPlace("case-officer", "officer", _case("assigned")),
    DeskPlace("case-refused", "officer", _return_refused),
    DeskPlace("case-reviewer", "reviewer", _case("answered")),
    DeskPlace("case-preview", "reviewer", _preview),
    DeskPlace("case-supervisor", "supervisor", _case("assigned")),
    DeskPlace("new", "operator", _at("/desk/new")),
    DeskPlace("new-refused", "operator", _new_refused),
    DeskPlace("new-earlier", "operator", _earlier),
    DeskPlace("taken", "operator", _taken),
    DeskPlace("hot", "leader", _at("/desk/hot")),
    DeskPlace("letters", "supervisor", _at("/desk/letters")),
    DeskPlace("knowledge", "officer", _at("/desk/knowledge?q=户口")),
    DeskPlace("follow-ups", "officer", _at("/desk/follow-ups")),
    DeskPlace("case-followed", "officer", _case("followed")),
    DeskPlace("alarm", "operator", _alarm),
    DeskPlace("accounts", "admin", _at("/desk/accounts?disabled=false")),
    DeskPlace("accounts-none", "admin", _at("/desk/accounts?role=leader&disabled=true")),
    DeskPlace("account", "admin", _account),
    DeskPlace("account-made", "admin", _account_made),
    DeskPlace("account-not-made", "admin", _account_not_made),
    DeskPlace("account-refused", "admin", _account_refused),
    DeskPlace("help", "operator", _at("/desk/help")),
    DeskPlace("password", "officer", _at("/desk/password")),
    DeskPlace("password-refused", "officer", _password_refused),
    DeskPlace("not-allowed", "officer", _at("/desk/new", 403)),
    DeskPlace("missing", "operator", _at("/desk/nowhere", 404)),
]
