"""The handler of the department ``{{department}}``."""

from typing import List, Optional

from wit_world import exports
from wit_world.exports.department import Description, FollowUp, Triage, Triage_Ask
from wit_world.imports.types import About, AnswerText, Article, Draft, Finding, Inquiry, Source

VERSION = "0.1.0"


def mentions(inquiry: Inquiry, word: str) -> bool:
    """Whether the citizen wrote ``word`` anywhere."""
    return any(word in text for text in [inquiry.subject, inquiry.body, *inquiry.supplements])


class Department(exports.Department):
    def describe(self) -> Description:
        return Description(About("{{department}}-handler", VERSION), "{{department}}", [])

    def triage_inquiry(self, inquiry: Inquiry) -> Optional[Triage]:
        """Asks for the place where one is needed; what else there is to decide, the platform decides."""
        if mentions(inquiry, "路灯") and inquiry.address is None:
            return Triage_Ask(["是哪条路、哪个路口附近的路灯？"])
        return None

    def draft_answer(self, inquiry: Inquiry, articles: List[Article]) -> Optional[Draft]:
        """Drafts out of the department's own words where it has some."""
        if not mentions(inquiry, "路灯"):
            return None
        body = "您好！路灯故障我们会安排人员检查，处理结果另行告知。"
        return Draft(body, [Source("street-lamp", "路灯故障", "2026-11-20", False)], 7_000)

    def check(self, inquiry: Inquiry, answer: AnswerText) -> List[Finding]:
        return []

    def plan_follow_up(self, inquiry: Inquiry, answer: AnswerText) -> Optional[FollowUp]:
        return None
