//! Which family of bodies dealt with a case, by the official reply to it.
//!
//! Replies say it in different ways, and some are surer than others. They are
//! tried in the order of [`Ground`]; the first that names a body of a family
//! decides. Of several families on one ground the first named is the label;
//! a family that the place decides ([`Family::by_place`]) counts only when it
//! is alone. The whole rule, with examples, stands in `districts/README.md`.

use crate::families::Family;

/// What a label rests on, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The case was passed on to the body: `已转市住建局调查核处`.
    Passed,
    /// The body has signed.
    Signed,
    /// Thanks for support of its work: `感谢您对教育工作的支持`.
    Thanked,
    /// It verified, answered or is in charge: `经区环保局核实`.
    Acted,
    /// The citizen is sent there: `请咨询市公安局户政部门`.
    Pointed,
    /// It speaks of itself: `我支队`.
    Speaking,
}

impl Ground {
    /// All, surest first.
    pub const ALL: [Self; 6] = [
        Self::Passed,
        Self::Signed,
        Self::Thanked,
        Self::Acted,
        Self::Pointed,
        Self::Speaking,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Signed => "signed",
            Self::Thanked => "thanked",
            Self::Acted => "acted",
            Self::Pointed => "pointed",
            Self::Speaking => "speaking",
        }
    }
}

/// Who dealt with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Index of the family in the district's list.
    pub family: usize,
    /// Indices of the other families that are named on the same ground.
    pub others: Vec<usize>,
    /// What it rests on.
    pub ground: Ground,
}

/// What the name of a body ends in.
const ENDS: &[&str] = &[
    "局", "委", "办", "厅", "处", "所", "站", "队", "中心", "部门", "公司", "院", "校", "部",
    "机关", "科", "股", "集团", "窗口", "银行", "支行", "法庭", "会", "园", "政府", "街道", "街",
    "厂", "馆",
];
/// Characters between the beginning of a name and its end at most.
const NAME: usize = 9;
/// Characters that stand in no name.
const NO_NAME: &str = "的了是在被将已对";
/// What separates sentences, and parts of them.
const SENTENCE: &str = "。；;！!“”";
const PART: &str = "。；;！!，,：:“”";

const PASSED: &[&str] = &["转", "交由", "交办", "责成", "移交", "已交"];
const TO_DO: &[&str] = &[
    "调查", "核处", "处理", "办理", "核实", "回复", "阅处", "处置", "研究", "落实", "办复",
];
const BY: &[&str] = &[
    "经", "据", "向", "与", "联合", "由", "请", "责成", "会同", "组织", "协调",
];
const ACTED: &[&str] = &[
    "核实", "调查", "核查", "反馈", "了解", "回复", "答复", "查证", "联系", "沟通", "衔接", "负责",
    "牵头", "实施", "承担", "处理", "介绍", "现场",
];
const ACTS: &[&str] = &[
    "高度重视",
    "回复",
    "答复",
    "反馈",
    "核实",
    "调查",
    "立即",
    "工作人员",
    "负责",
    "已",
    "收悉",
];
const POINTED: &[&str] = &["咨询", "联系", "致电", "拨打", "到", "向", "前往", "与"];
const SUPPORT: &[&str] = &[
    "工作",
    "事业",
    "的支持",
    "的关心",
    "的关注",
    "支持",
    "关心",
    "关注",
];
/// Words of a last sentence that is no signature.
const NO_SIGNATURE: &[&str] = &["感谢", "支持", "关心", "理解", "请", "您", "你", "电话"];
/// Characters of a signature at most.
const SIGNATURE: usize = 26;

/// Who dealt with the case that `reply` answers; none where no body is named
/// in a way that says so.
pub fn label(families: &[Family], reply: &str) -> Option<Label> {
    let text: Vec<char> = reply.chars().collect();
    let reply = Reply {
        families,
        bodies: bodies(families, &text),
        text,
    };
    Ground::ALL.into_iter().find_map(|ground| {
        let mut named = reply.named(ground);
        if named.iter().any(|family| !families[*family].by_place) {
            named.retain(|family| !families[*family].by_place);
        }
        let family = *named.first()?;
        let mut others = Vec::new();
        for other in named {
            if other != family && !others.contains(&other) {
                others.push(other);
            }
        }
        Some(Label {
            family,
            others,
            ground,
        })
    })
}

/// A body that a text names.
#[derive(Clone, Copy)]
struct Body {
    start: usize,
    end: usize,
    family: usize,
}

struct Reply<'a> {
    families: &'a [Family],
    text: Vec<char>,
    bodies: Vec<Body>,
}

impl Reply<'_> {
    /// The families of the bodies that are named on `ground`, in order.
    fn named(&self, ground: Ground) -> Vec<usize> {
        match ground {
            Ground::Passed => self.of(|body| {
                holds(self.before(body, 9, SENTENCE), PASSED)
                    && holds(self.after(body, 14, PART), TO_DO)
            }),
            Ground::Signed => self.signature().into_iter().collect(),
            Ground::Thanked => self.thanked(),
            Ground::Acted => self.of(|body| {
                let after = self.after(body, 14, SENTENCE);
                let near = &after[..after.len().min(10)];
                let part = after.iter().position(|c| PART.contains(*c));
                let same = &after[..part.unwrap_or(after.len()).min(10)];
                holds(self.before(body, 10, PART), BY) && holds(near, ACTED) || holds(same, ACTS)
            }),
            Ground::Pointed => self.of(|body| holds(self.before(body, 14, PART), POINTED)),
            Ground::Speaking => self.speaking(),
        }
    }

    fn of(&self, fits: impl Fn(&Body) -> bool) -> Vec<usize> {
        self.bodies
            .iter()
            .filter(|body| fits(body))
            .map(|body| body.family)
            .collect()
    }

    /// At most `most` characters before a body, up to one of `stops`.
    fn before(&self, body: &Body, most: usize, stops: &str) -> &[char] {
        let before = &self.text[body.start.saturating_sub(most)..body.start];
        let stop = before.iter().rposition(|c| stops.contains(*c));
        &before[stop.map_or(0, |stop| stop + 1)..]
    }

    /// At most `most` characters after a body, up to one of `stops`.
    fn after(&self, body: &Body, most: usize, stops: &str) -> &[char] {
        let after = &self.text[body.end..self.text.len().min(body.end + most)];
        let stop = after.iter().position(|c| stops.contains(*c));
        &after[..stop.unwrap_or(after.len())]
    }

    /// The family of the body whose name stands last of all, but for a date.
    fn signature(&self) -> Option<usize> {
        let dated = |c: &char| {
            !c.is_alphanumeric() || c.is_numeric() || "年月日一二三四五六七八九十〇○零".contains(*c)
        };
        let end = self.text.iter().rposition(|c| !dated(c))? + 1;
        let start = self.text[..end]
            .iter()
            .rposition(|c| !c.is_alphanumeric())
            .map_or(0, |stop| stop + 1);
        let line = &self.text[start..end];
        if line.len() > SIGNATURE || holds(line, NO_SIGNATURE) {
            return None;
        }
        self.bodies
            .iter()
            .rfind(|body| body.start >= start && body.end == end)
            .map(|body| body.family)
    }

    fn thanked(&self) -> Vec<usize> {
        let mut named = Vec::new();
        for at in 1..self.text.len() {
            if self.text[at - 1] != '谢' {
                continue;
            }
            let sentence = &self.text[at..self.text.len().min(at + 36)];
            let stop = sentence.iter().position(|c| SENTENCE.contains(*c));
            let sentence = &sentence[..stop.unwrap_or(sentence.len())];
            let Some(whom) = sentence.iter().take(9).position(|c| *c == '对') else {
                continue;
            };
            let work = &sentence[whom + 1..];
            if let Some(end) = first(work, SUPPORT) {
                // The work of a body is named like the body: `城市管理工作`.
                let mut body = work[..end].to_vec();
                body.push('局');
                named.extend(bodies(self.families, &body).iter().map(|body| body.family));
            }
        }
        named
    }

    fn speaking(&self) -> Vec<usize> {
        let mut named: Vec<(usize, usize)> = Vec::new();
        for (family, entry) in self.families.iter().enumerate() {
            let selves: Vec<&str> = entry.selves.iter().map(String::as_str).collect();
            named.extend(first(&self.text, &selves).map(|at| (at, family)));
        }
        named.sort_unstable();
        named.into_iter().map(|(_, family)| family).collect()
    }
}

/// The bodies that `text` names, in order, without overlap.
fn bodies(families: &[Family], text: &[char]) -> Vec<Body> {
    let mut bodies = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match body(families, text, at) {
            Some(body) => {
                at = body.end;
                bodies.push(body);
            }
            None => at += 1,
        }
    }
    bodies
}

/// The body whose name begins at `at`: the longest name of a family there,
/// and what follows up to the end of a body's name.
fn body(families: &[Family], text: &[char], at: usize) -> Option<Body> {
    // 人民政府 holds 民政.
    if text[at] == '民' && at > 0 && text[at - 1] == '人' {
        return None;
    }
    let (length, family, name) = families
        .iter()
        .enumerate()
        .flat_map(|(family, entry)| entry.names.iter().map(move |name| (family, name)))
        .filter(|(_, name)| starts(&text[at..], name))
        .map(|(family, name)| (name.chars().count(), family, name))
        .max_by_key(|(length, ..)| *length)?;
    let start = at + length;
    let end = if ENDS.iter().any(|end| name.ends_with(end)) {
        start
    } else {
        let rest = &text[start..text.len().min(start + NAME)];
        let name = rest
            .iter()
            .position(|c| !is_han(*c) || NO_NAME.contains(*c))
            .unwrap_or(rest.len());
        let ended = |length: &usize| {
            let name: String = rest[..*length].iter().collect();
            ENDS.iter().any(|end| name.ends_with(end))
        };
        start + (1..=name).find(ended)?
    };
    Some(Body {
        start: at,
        end,
        family,
    })
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn starts(text: &[char], word: &str) -> bool {
    let mut rest = text.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

/// Where the first of `words` begins in `text`.
fn first(text: &[char], words: &[&str]) -> Option<usize> {
    (0..text.len()).find(|at| words.iter().any(|word| starts(&text[*at..], word)))
}

fn holds(text: &[char], words: &[&str]) -> bool {
    first(text, words).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(id: &str, names: &[&str], selves: &[&str], by_place: bool) -> Family {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Family {
            id: id.to_owned(),
            name: id.to_owned(),
            name_en: id.to_owned(),
            departments: vec![],
            names: list(names),
            selves: list(selves),
            by_place,
        }
    }

    /// What the reply's label is, by id, and what it rests on.
    fn said(reply: &str) -> Option<(String, Ground)> {
        let families = [
            family("police", &["公安局", "交警"], &["我支队"], false),
            family("housing", &["住建局", "住房和城乡建设"], &[], false),
            family("schools", &["教育"], &["我校"], false),
            family("civil", &["民政"], &[], false),
            family("towns", &["街道", "镇人民政府"], &["我镇"], true),
        ];
        label(&families, reply).map(|label| (families[label.family].id.clone(), label.ground))
    }

    fn is(reply: &str, family: &str, ground: Ground) {
        assert_eq!(said(reply), Some((family.to_owned(), ground)), "{reply}");
    }

    #[test]
    fn each_ground_is_found() {
        is(
            "您好，您反映的问题已转市住建局调查核处。",
            "housing",
            Ground::Passed,
        );
        is(
            "路灯已修好，请放心使用。东河县住房和城乡建设局 2018年5月2日",
            "housing",
            Ground::Signed,
        );
        is(
            "学位已经安排好。感谢您对我县教育工作的支持！",
            "schools",
            Ground::Thanked,
        );
        is(
            "经市公安局核实，该路口的信号灯时间已调整。",
            "police",
            Ground::Acted,
        );
        is(
            "需要哪些材料，请咨询区教育局招生部门。",
            "schools",
            Ground::Pointed,
        );
        is("来信收悉，我支队已加派警力。", "police", Ground::Speaking);
    }

    #[test]
    fn the_surer_ground_goes_before() {
        is(
            "经市公安局核实，此事已交由区住建局处理。",
            "housing",
            Ground::Passed,
        );
        is(
            "经市公安局核实，情况属实。县住建局 2019年1月7日",
            "housing",
            Ground::Signed,
        );
    }

    #[test]
    fn an_office_of_a_place_counts_only_alone() {
        is("经枫林街道核实，道路已清理。", "towns", Ground::Acted);
        is(
            "经枫林街道、区住建局调查，楼道已清理。",
            "housing",
            Ground::Acted,
        );
        is("来信收悉，我镇将尽快修路。", "towns", Ground::Speaking);
    }

    #[test]
    fn words_that_are_no_names_are_none() {
        assert_eq!(said("您好，来信收悉，我局将尽快处理。"), None);
        assert_eq!(said("请到县人民政府网站查看。"), None);
        assert_eq!(said("请加强对孩子的教育，谢谢。"), None);
        assert_eq!(said(""), None);
        assert_eq!(said("局"), None);
    }
}
