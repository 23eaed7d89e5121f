//! Names of persons: behind words that announce them, before titles, beside
//! telephone numbers, and as the signature of a text.

use super::name_tables::{AMBIGUOUS, BEFORE_TITLE, COMPOUND, GIVEN, SURNAMES, WORDS};
use super::{Kind, Raw, Scan, Setting, han};

/// Words behind which a name stands, whatever it looks like.
const STRONG: &[&str] = &[
    "我叫",
    "本人叫",
    "名叫",
    "姓名是",
    "名字是",
    "名字叫",
    "全名",
];
/// Words behind which a name may stand; with a colon it does.
const WEAK: &[&str] = &[
    "姓名",
    "名字",
    "联系人",
    "业主",
    "户主",
    "申请人",
    "投诉人",
    "举报人",
    "反映人",
    "反应人",
    "来信人",
    "当事人",
    "患者",
    "病人",
    "学生",
    "家长",
    "法人",
    "代表人",
    "负责人",
    "经办人",
    "车主",
    "房东",
    "租客",
    "房主",
    "收件人",
    "收款人",
    "户名",
    "署名",
    "签名",
    "本人",
    "我是",
    "父亲",
    "母亲",
    "丈夫",
    "妻子",
    "儿子",
    "女儿",
    "爱人",
    "老公",
    "老婆",
    "老伴",
    "爷爷",
    "奶奶",
    "外公",
    "外婆",
    "哥哥",
    "弟弟",
    "姐姐",
    "妹妹",
    "孩子",
    "邻居",
    "员工",
    "职工",
    "村民",
    "居民",
    "死者",
    "伤者",
    "司机",
    "驾驶员",
    "同事",
    "朋友",
];
/// Titles that follow a name.
const TITLES: &[&str] = &[
    "先生", "女士", "小姐", "太太", "同志", "老师", "师傅", "阿姨", "大爷", "大妈", "大叔", "大伯",
    "奶奶", "爷爷", "医生", "护士", "同学", "经理", "老板",
];
/// Titles with which an authority addresses a citizen.
const POLITE: &[&str] = &["先生", "女士", "小姐"];
/// Characters behind a name that go on with the sentence.
const FOLLOWERS: &str = "的是在于因被和与向住家今现年男女电手身户有说于，";

pub(super) fn scan(scan: &Scan, out: &mut Vec<Raw>) {
    let mut names = Vec::new();
    // Beside a number: `张建国 138…`.
    let numbers: Vec<usize> = out
        .iter()
        .filter(|raw| matches!(raw.kind, Kind::Phone | Kind::IdentityNumber))
        .map(|raw| raw.start)
        .collect();
    for index in 0..scan.chars().len() {
        names.extend(titled(scan, index));
        if scan.setting != Setting::Official {
            names.extend(announced(scan, index));
        }
    }
    if scan.setting != Setting::Official {
        names.extend(numbers.into_iter().filter_map(|start| beside(scan, start)));
        names.extend(signature(scan));
    }
    names.extend(english(scan));
    out.extend(names.into_iter().map(|(start, end)| Raw {
        kind: Kind::Name,
        start,
        end,
    }));
}

/// Length of the surname at `index`; 0 if there is none.
fn surname(scan: &Scan, index: usize) -> usize {
    if COMPOUND.iter().any(|name| scan.stands(index, name)) {
        2
    } else {
        usize::from(SURNAMES.contains(scan.at(index)))
    }
}

/// Length of a whole name at `index` that could hardly be anything else; the
/// longer of two is tried first and has to end where `ends` says.
fn full(scan: &Scan, index: usize, ends: impl Fn(usize) -> bool) -> Option<usize> {
    let surname = surname(scan, index);
    let word = WORDS.iter().any(|word| scan.stands(index, word));
    if surname == 0 || word {
        return None;
    }
    [2, 1]
        .into_iter()
        .map(|given| surname + given)
        .find(|length| {
            (index + surname..index + length).all(|at| GIVEN.contains(scan.at(at)))
                && ends(index + length)
        })
}

/// A name behind a word that announces it.
fn announced(scan: &Scan, index: usize) -> Option<(usize, usize)> {
    let cue = |cues: &[&str]| {
        cues.iter()
            .find(|cue| scan.stands(index, cue))
            .map(|cue| index + cue.chars().count())
    };
    let (mut start, mut sure) = match cue(STRONG) {
        Some(start) => (start, true),
        None => (cue(WEAK)?, false),
    };
    while matches!(scan.at(start), ':' | ' ' | '(' | '叫' | '=' | '"' | '“') {
        sure |= matches!(scan.at(start), ':' | '叫' | '=');
        start += 1;
    }
    let ends = |end: usize| !han(scan.at(end)) || FOLLOWERS.contains(scan.at(end));
    let likely = |length: &usize| sure || *length > 2 || !AMBIGUOUS.contains(scan.at(start));
    if let Some(length) = full(scan, start, ends).filter(likely) {
        return Some((start, start + length));
    }
    if !sure {
        return None;
    }
    let run = (0..13)
        .take_while(|ahead| han(scan.at(start + ahead)) || scan.at(start + ahead) == '·')
        .count();
    let dotted = (0..run).any(|ahead| scan.at(start + ahead) == '·');
    let length = match surname(scan, start) {
        // A name of another people, if nothing else stands there.
        0 => {
            if dotted || matches!(run, 2..=4) {
                run
            } else {
                0
            }
        }
        _ if dotted => run,
        surname => {
            // What stands alone behind the colon is the name; else two characters of it are.
            let most = if run <= 4 {
                run.saturating_sub(surname)
            } else {
                2
            };
            let given = (0..most)
                .take_while(|ahead| {
                    let c = scan.at(start + surname + ahead);
                    han(c) && !(FOLLOWERS.contains(c) && !(*ahead == 0 && GIVEN.contains(c)))
                })
                .count();
            if given == 0 { 0 } else { surname + given }
        }
    };
    (length >= 2).then_some((start, start + length))
}

/// A name before the title at `index`.
fn titled(scan: &Scan, index: usize) -> Option<(usize, usize)> {
    let titles = if scan.setting == Setting::Official {
        POLITE
    } else {
        TITLES
    };
    titles.iter().find(|title| scan.stands(index, title))?;
    if index >= 2 && BEFORE_TITLE.iter().any(|word| scan.stands(index - 2, word)) {
        return None;
    }
    // A surname that is a common word too starts a name only where a name can start.
    let starts =
        |start: usize| !scan.before(start).is_alphanumeric() || !AMBIGUOUS.contains(scan.at(start));
    for back in [4, 3, 2] {
        let Some(start) = index.checked_sub(back) else {
            continue;
        };
        if full(scan, start, |end| end == index).is_some() && starts(start) {
            return Some((start, index));
        }
    }
    if let Some(start) = index
        .checked_sub(2)
        .filter(|start| COMPOUND.iter().any(|name| scan.stands(*start, name)))
    {
        return Some((start, index));
    }
    let start = index.checked_sub(1)?;
    (SURNAMES.contains(scan.at(start)) && starts(start)).then_some((start, index))
}

/// A name before the number at `number`, with nothing but a word for the
/// number between them.
fn beside(scan: &Scan, number: usize) -> Option<(usize, usize)> {
    let mut end = number;
    while end > 0
        && number - end < 12
        && " ,:(、;+电话手机号码联系方式身份证是的".contains(scan.before(end))
    {
        end -= 1;
    }
    [4, 3, 2].into_iter().find_map(|back| {
        let start = end.checked_sub(back)?;
        let bounded = !han(scan.before(start));
        (bounded && full(scan, start, |at| at == end).is_some()).then_some((start, end))
    })
}

/// A name that is a whole line among the last three.
fn signature(scan: &Scan) -> Option<(usize, usize)> {
    let chars = scan.chars();
    let mut end = chars.len();
    for _ in 0..3 {
        let start = chars[..end]
            .iter()
            .rposition(|c| *c == '\n')
            .map_or(0, |feed| feed + 1);
        if start == 0 {
            return None;
        }
        if full(scan, start, |at| at == end).is_some() {
            return Some((start, end));
        }
        end = start - 1;
    }
    None
}

/// Names in English texts: behind `my name is`, a title or a closing.
fn english(scan: &Scan) -> Vec<(usize, usize)> {
    // Whether a single word is enough, and how many there may be.
    const CUES: &[(&str, usize, usize)] = &[
        ("my name is", 1, 3),
        ("my name's", 1, 3),
        ("name:", 1, 4),
        ("i am", 2, 3),
        ("i'm", 2, 3),
        ("mr", 1, 3),
        ("mrs", 1, 3),
        ("ms", 1, 3),
        ("miss", 1, 3),
        ("dr", 1, 3),
        ("regards", 1, 3),
        ("sincerely", 1, 3),
        ("faithfully", 1, 3),
        ("contact person:", 1, 3),
    ];
    let mut found = Vec::new();
    for index in 0..scan.chars().len() {
        if scan.before(index).is_ascii_alphanumeric() {
            continue;
        }
        for (cue, least, most) in CUES {
            let mut start = index + cue.len();
            let ends = cue.ends_with(':') || !scan.at(start).is_ascii_alphanumeric();
            if !scan.stands(index, cue) || !ends {
                continue;
            }
            while matches!(scan.at(start), ' ' | '.' | ',' | '\n') && start < index + cue.len() + 4
            {
                start += 1;
            }
            let (words, end) = capitals(scan, start, *most);
            if words >= *least {
                found.push((start, end));
            }
        }
    }
    found
}

/// How many capitalised Latin words stand at `start`, and where they end.
fn capitals(scan: &Scan, start: usize, most: usize) -> (usize, usize) {
    let (mut words, mut end, mut index) = (0, start, start);
    while words < most {
        let letters = (0..40)
            .take_while(|ahead| {
                let c = scan.at(index + ahead);
                (c.is_alphabetic() && !han(c)) || matches!(c, '-' | '\'')
            })
            .count();
        let first = scan.original.get(scan.view.original(index) as usize);
        if letters == 0 || !first.is_some_and(|c| c.is_uppercase()) {
            break;
        }
        (words, end) = (words + 1, index + letters);
        index = end + usize::from(scan.at(end) == '.') + 1;
    }
    (words, end)
}

/// The single words of a name in Latin letters that are long enough to be
/// looked for, folded.
pub(super) fn latin_parts(name: &str) -> Vec<Vec<char>> {
    let view = crate::view::View::new(name);
    view.chars()
        .split(|c| !c.is_alphanumeric())
        .filter(|word| word.len() >= 3 && word.iter().all(|c| c.is_ascii_lowercase()))
        .map(<[char]>::to_vec)
        .collect()
}
