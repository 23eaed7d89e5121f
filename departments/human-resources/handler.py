"""The handler of the human-resources department: wages, work injury, social security.

It asks for the facts without which the labour inspection can do nothing, drafts answers out of the table in
``table.py``, and looks for a deadline that an answer forgets. It has no clock, no network and no files: what it says
depends on the inquiry alone. The bindings in ``wit_world`` are made of the platform's contract when it is built.
"""

from typing import List, Optional

from wit_world import exports
from wit_world.exports.department import (
    Description,
    FollowUp,
    Triage,
    Triage_Accept,
    Triage_Ask,
)
from wit_world.imports.types import (
    About,
    AnswerText,
    Article,
    Draft,
    Finding,
    Inquiry,
    Severity,
    Source,
)

from table import MATTERS, Matter

VERSION = "0.1.0"
# A phrase of the table is rare enough to be sure of what is asked, in ten-thousandths.
SURE = 8_500


def text_of(inquiry: Inquiry) -> str:
    """All that the citizen wrote."""
    parts = [inquiry.subject, inquiry.body, inquiry.address or "", *inquiry.supplements]
    return "\n".join(parts)


def matter_of(inquiry: Inquiry) -> Optional[Matter]:
    """What the inquiry is about: the matter of which the most signs are named; of several, the first in the table."""
    text = text_of(inquiry)
    best = max(MATTERS, key=lambda matter: sum(sign in text for sign in matter.signs))
    return best if any(sign in text for sign in best.signs) else None


class Department(exports.Department):
    """What the department decides. Where a function returns ``None``, the platform's default stands."""

    def describe(self) -> Description:
        return Description(
            About("human-resources-labour", VERSION), "human-resources", ["labour"]
        )

    def triage_inquiry(self, inquiry: Inquiry) -> Optional[Triage]:
        matter = matter_of(inquiry)
        if matter is None:
            return None
        text = text_of(inquiry)
        missing = [
            fact.question
            for fact in matter.facts
            if not any(sign in text for sign in fact.signs)
        ]
        return Triage_Ask(missing) if missing else Triage_Accept(matter.section)

    def draft_answer(self, inquiry: Inquiry, articles: List[Article]) -> Optional[Draft]:
        matter = matter_of(inquiry)
        if matter is None:
            return None
        body = (
            f"您好！关于“{matter.title}”，答复如下：\n\n{matter.answer}\n\n"
            f"依据：{matter.basis}。\n\n如有疑问，请拨打 12333。"
        )
        source = Source(matter.id, matter.title, matter.updated, False)
        return Draft(body, [source], SURE)

    def check(self, inquiry: Inquiry, answer: AnswerText) -> List[Finding]:
        matter = matter_of(inquiry)
        if matter is not None and matter.deadline and matter.deadline not in answer.body:
            # Who learns of the deadline too late has lost the claim.
            return [Finding("no-deadline", Severity.WARNING, None)]
        return []

    def plan_follow_up(self, inquiry: Inquiry, answer: AnswerText) -> Optional[FollowUp]:
        matter = matter_of(inquiry)
        if matter is None or matter.follow_up is None:
            return None
        days, task = matter.follow_up
        return FollowUp(days, task)
