//! The window's table: what it is asked for, what it must know, what it says. Keep it up to date here and publish.

/// A matter that the household window deals with.
pub(crate) struct Matter {
    /// Identifier, named as the source of drafts.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// Words by which citizens ask for it.
    pub(crate) signs: &'static [&'static str],
    /// What must be known before it can be answered.
    pub(crate) facts: &'static [Fact],
    pub(crate) answer: &'static str,
    pub(crate) basis: &'static str,
    /// When this entry was last revised.
    pub(crate) updated: &'static str,
    /// Days after the answer, and what the officer does then.
    pub(crate) follow_up: Option<(u16, &'static str)>,
}

/// A fact: known when one of the signs is named, else asked for.
pub(crate) struct Fact {
    pub(crate) signs: &'static [&'static str],
    pub(crate) question: &'static str,
}

/// From where somebody moves.
const FROM: Fact = Fact {
    signs: &[
        "省", "安徽", "江西", "河南", "海曙", "江北", "镇海", "北仑", "奉化", "慈溪", "余姚",
        "外地", "老家",
    ],
    question: "您的户口现在登记在哪个省、市、县（区）？",
};

/// By what right somebody moves.
const GROUND: Fact = Fact {
    signs: &[
        "买房",
        "购房",
        "房产证",
        "产权",
        "投靠",
        "结婚",
        "租房",
        "人才",
        "学历",
        "社保",
        "就业",
    ],
    question: "您打算以什么理由迁入：自有住房、投靠亲属、人才，还是就业居住？",
};

pub(crate) const MATTERS: &[Matter] = &[
    Matter {
        id: "household-move-in",
        title: "户口迁入鄞州",
        signs: &["迁入", "户口迁到鄞州", "迁户口", "落户"],
        facts: &[FROM, GROUND],
        answer: "向住所所在地派出所户籍窗口申请，或在“浙里办”搜索“户口迁移”提交。请带身份证、户口簿和迁入理由的证明（不动产权证书、结婚证或劳动合同等）。多数地区只需向迁入地申请，不用回原籍开证明。迁移户口不收费。",
        basis: "《中华人民共和国户口登记条例》第十条",
        updated: "2026-11-20",
        follow_up: Some((30, "回访：户口迁入是否已经办结")),
    },
    Matter {
        id: "household-newborn",
        title: "新生儿户口登记",
        signs: &["新生儿", "宝宝上户口", "孩子上户口", "出生登记"],
        facts: &[],
        answer: "孩子出生后一个月内，由父亲、母亲或其他监护人到父亲或母亲户口所在地派出所申报，也可在“浙里办”办理“出生一件事”。请带出生医学证明、父母身份证、户口簿和结婚证。登记不收费。",
        basis: "《中华人民共和国户口登记条例》第七条",
        updated: "2026-11-20",
        follow_up: None,
    },
    Matter {
        id: "household-book",
        title: "户口簿补领",
        signs: &["户口本丢", "户口簿丢", "户口簿遗失", "补办户口"],
        facts: &[],
        answer: "户主带身份证到户口所在地派出所声明遗失并补领；户主不便的，可以委托同户成员，另带委托书。补领不收费，材料齐全的当场办理。",
        basis: "《中华人民共和国户口登记条例》第四条",
        updated: "2026-11-20",
        follow_up: None,
    },
];
