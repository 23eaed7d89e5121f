"""The department's table: what it is asked for, what it must know, what it says. Keep it up to date here and publish."""

from dataclasses import dataclass
from typing import Optional, Tuple


@dataclass(frozen=True)
class Fact:
    """Known when one of the signs is named, else asked for."""

    signs: Tuple[str, ...]
    question: str


@dataclass(frozen=True)
class Matter:
    """A matter that the department deals with."""

    # Named as the source of drafts.
    id: str
    title: str
    # The section that takes it.
    section: str
    # Words by which citizens ask for it.
    signs: Tuple[str, ...]
    # What must be known before anything can be done.
    facts: Tuple[Fact, ...]
    answer: str
    basis: str
    # When this entry was last revised.
    updated: str
    # A time limit that an answer must not leave out.
    deadline: Optional[str] = None
    # Days after the answer, and what the officer does then.
    follow_up: Optional[Tuple[int, str]] = None


EMPLOYER = Fact(
    ("公司", "厂", "店", "项目部", "工地", "老板叫"),
    "请问用人单位的全称是什么？工地请写明项目名称和总包单位。",
)
MONTHS = Fact(("月", "年", "天工资"), "请问欠的是哪几个月的工资，大约多少？")

MATTERS = (
    Matter(
        id="wages-owed",
        title="拖欠工资",
        section="劳动保障监察大队",
        signs=("拖欠工资", "欠薪", "不发工资", "工资没发", "讨薪", "工资一直没"),
        facts=(EMPLOYER, MONTHS),
        answer=(
            "劳动保障监察大队会向用人单位核实工资支付情况，属实的责令限期支付。"
            "请保留劳动合同、考勤记录、工资转账记录或工友证言；也可以在“浙里办”搜索“欠薪投诉”提交材料。"
        ),
        basis="《保障农民工工资支付条例》第三条、《劳动保障监察条例》第十八条",
        updated="2026-11-20",
        follow_up=(15, "回访：拖欠的工资是否已经支付"),
    ),
    Matter(
        id="injury-recognition",
        title="工伤认定申请",
        section="工伤保险科",
        signs=("工伤", "上班受伤", "工作时受伤"),
        facts=(),
        answer=(
            "用人单位应在事故发生之日起 30 日内提出工伤认定申请；单位没有提出的，"
            "受伤职工或者近亲属可以在 1 年内直接向我局申请。请带劳动关系证明、医疗诊断证明和事故经过说明。"
        ),
        basis="《工伤保险条例》第十七条、第十八条",
        updated="2026-11-20",
        deadline="1 年",
    ),
    Matter(
        id="dismissal",
        title="解除劳动合同和经济补偿",
        section="劳动人事争议仲裁院",
        signs=("辞退", "裁员", "经济补偿", "解除劳动合同", "被开除"),
        facts=(EMPLOYER,),
        answer=(
            "对解除劳动合同有争议的，可以向劳动人事争议仲裁院申请仲裁，不收费；"
            "申请仲裁的时效为一年，从知道或者应当知道权利被侵害之日起计算。"
        ),
        basis="《劳动争议调解仲裁法》第二十七条、第五十三条",
        updated="2026-11-20",
        deadline="一年",
    ),
    Matter(
        id="social-security-card",
        title="社会保障卡补换",
        section="社会保险服务中心",
        signs=("社保卡丢", "社保卡补", "社保卡换", "补办社保卡"),
        facts=(),
        answer=(
            "带身份证到任一社保卡服务网点（合作银行）当场补换，也可以在“浙里办”搜索“社会保障卡补领换领”办理。"
        ),
        basis="《中华人民共和国社会保险法》第五十八条",
        updated="2026-11-20",
    ),
)
