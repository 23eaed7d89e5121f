"""What tests do through the interface: everything that staff do, and cases to look at."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from itertools import count

# The department that the household question goes to.
POLICE = "public-security"

# Seconds that a test waits for the stages.
PATIENCE = 60

ANSWER = {
    "text": "您好！两人共有的房屋，可以先由一方申请迁入户口，另一方随后按投靠方式办理。请带好身份证、户口簿、"
    "结婚证和不动产权证书，到房屋所在地派出所办理，5个工作日内办结。如有疑问，请拨打81812345咨询。",
    "basis": ["《中华人民共和国户口登记条例》"],
    "contact": "81812345",
}

_count = count(1)


def unique() -> str:
    """A text that no other call gives."""
    return f"{time.time_ns():x}-{next(_count):x}"


def household() -> dict:
    """A question about household registration, in words of its own each time."""
    return {
        "subject": "两个人的户口能不能分开迁",
        "body": "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，"
        f"户口迁移时能不能先迁一个人的？（{unique()}）",
        "kind": "consultation",
        "place": {"division": "zhonghe"},
        "consent": {"publish": True},
    }


# What the handler of the police wants done thirty days after the answer to `moving_in`.
TASK = "回访：户口迁入是否已经办结"


def moving_in() -> dict:
    """A question after whose answer the handler of the police plans something, in words of its own each time."""
    return {
        "subject": "户口迁入需要什么材料",
        "body": f"我的户口在安徽，今年在鄞州买房了，请问怎么办理户口迁入？（{unique()}）",
        "kind": "consultation",
        "consent": {"publish": True},
    }


def obscure() -> dict:
    """A message that nothing can be made of: its category is left to a person."""
    return {"subject": "想问一下", "body": f"上次说的那个怎么样了，想再了解一下。（{unique()}）"}


@dataclass(frozen=True)
class Case:
    """A case of a citizen."""

    number: str
    code: str


class Platform:
    """The running platform, with staff of every role that has a part in cases who are signed in."""

    def __init__(self, url: str, accounts: dict):
        self.url = url
        self._accounts = accounts["accounts"]
        self.channel_key = accounts["channels"]["web"]
        self.admin = self._sign_in("admin")
        self.operator = self._sign_in("operator")
        self.reviewer = self._sign_in("reviewer")
        self.supervisor = self._sign_in("supervisor")
        self.leader = self._sign_in("leader")
        self.officer = self._sign_in("officer", POLICE)

    def login(self, role: str, department: str | None = None) -> dict:
        """Name and password of a member of staff."""
        for account in self._accounts:
            if account["role"] == role and department in (None, account.get("department")):
                return {"account": account["id"], "password": account["password"]}
        raise LookupError(f"the demonstration has no {role} of {department}")

    def _sign_in(self, role: str, department: str | None = None) -> str:
        return self.call("POST", "/api/session", self.login(role, department))["token"]

    def hire(self, role: str, department: str | None = None) -> tuple[str, str]:
        """A new account, which has to change the one-time password that it begins with."""
        account = {"id": f"test-{unique()}", "name": "测试", "role": role, "department": department}
        return account["id"], self.call("POST", "/api/accounts", account, bearer(self.admin))["password"]

    def account(self, account: str) -> dict:
        """An account as administrators see it."""
        return self.call("GET", f"/api/accounts/{account}", headers=bearer(self.admin))["account"]

    def call(self, method: str, path: str, body: object = None, headers: dict | None = None):
        """One call of the interface; an answer that is no success is an error that shows it."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def act(self, token: str, number: str, action: str, body: dict | None = None):
        """An action of staff on a case."""
        return self.call("POST", f"/api/cases/{number}/{action}", body or {}, bearer(token))

    def act_as_citizen(self, case: Case, action: str, body: dict | None = None):
        """An action of the citizen who has the query code."""
        return self.call("POST", f"/api/cases/{case.number}/{action}", body or {}, {"Query-Code": case.code})

    def submit(self, message: dict) -> Case:
        """A message that comes through a channel."""
        sent = self.call("POST", "/api/cases", message, {"X-Api-Key": self.channel_key})
        return Case(sent["number"], sent["query_code"])

    def view(self, number: str) -> dict:
        """What the supervisor sees of a case."""
        return self.call("GET", f"/api/desk/cases/{number}", headers=bearer(self.supervisor))

    def until(self, number: str, ready) -> dict:
        """Waits until `ready` says so of the state and the kinds of the events."""
        end = time.monotonic() + PATIENCE
        while True:
            view = self.view(number)
            kinds = [event["kind"] for event in view["events"]]
            if ready(view["state"], kinds):
                return view
            assert time.monotonic() < end, f"{number}: waited in vain, is {view['state']} after {kinds}"
            time.sleep(0.05)

    def assign(self, number: str) -> None:
        """Waits until the stages have done what they do by themselves; brings the case to the police."""
        view = self.until(
            number,
            lambda state, kinds: any(
                kind in kinds for kind in ("drafted", "draft-refused", "classification-abstained", "routing-abstained")
            ),
        )
        if view["state"] != "assigned":
            self.act(self.operator, number, "assignment", {"department": POLICE})
            self.until(number, lambda state, kinds: "drafted" in kinds or "draft-refused" in kinds)

    def answer(self, number: str, answer: dict | None = None) -> None:
        """From a case that has just come in to the published answer."""
        self.assign(number)
        self.act(self.officer, number, "acceptance")
        self.act(self.officer, number, "answer", answer or ANSWER)
        self.until(number, lambda state, kinds: "examined" in kinds)
        self.act(self.reviewer, number, "approval")
        self.until(number, lambda state, kinds: state == "published")

    def published(self, message: dict | None = None, answer: dict | None = None) -> Case:
        """A new case with a published answer."""
        case = self.submit(message or household())
        self.answer(case.number, answer)
        return case

    def waiting(self) -> Case:
        """A new case whose department has asked the citizen something."""
        case = self.submit(household())
        self.assign(case.number)
        self.act(self.officer, case.number, "acceptance")
        self.act(self.officer, case.number, "question", {"text": "房产证是哪一年取得的？"})
        return case


def bearer(token: str) -> dict:
    """The header of a session."""
    return {"Authorization": f"Bearer {token}"}
