//! Masks: what people see of personal data that they have no right to see in
//! full, on staff pages and on the citizen's own page.
//!
//! The forms are those that authorities use: phone `138****1234`, identity
//! number `35*************123`, name `张**`, address down to the town or
//! sub-district. A mask never shows more than its form, whatever the input:
//! what does not look like the thing at all is hidden in full. No mask returns
//! a non-empty input as it was, so a page that shows a mask shows no original.
//! An empty input stays empty.

/// What stands for something hidden in full.
const HIDDEN: &str = "***";

/// Family names of two characters that occur today.
const DOUBLE_SURNAMES: [&str; 24] = [
    "欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "东方", "夏侯", "令狐", "司徒",
    "司空", "长孙", "宇文", "端木", "独孤", "南宫", "百里", "呼延", "轩辕", "赫连", "澹台", "申屠",
];

/// How the names of province, city and district end, with the most characters
/// that such a name has. An address names them in this order, or leaves out.
const LEVELS: [&[(&str, usize)]; 3] = [
    &[("自治区", 8), ("省", 4)],
    &[("自治州", 11), ("地区", 5), ("市", 5), ("盟", 5)],
    &[("自治县", 12), ("区", 4), ("县", 4), ("市", 5), ("旗", 8)],
];

/// How the names of towns and sub-districts end: 五乡镇 is a town, so 镇 is
/// tried before 乡.
const TOWNS: [(&str, usize); 3] = [("街道", 7), ("镇", 6), ("乡", 6)];

/// Characters that tell that an address has come down to a road, an estate or
/// a house. A name with one of them is hidden, be it a town's in truth.
const BELOW_TOWN: &str = "路街道弄巷号幢栋楼室村园苑寓厦校厂院";

/// Words that end like a district and are none.
const NO_DISTRICT: [&str; 6] = ["小区", "社区", "厂区", "宅区", "景区", "片区"];

/// A telephone number: `138****1234`. Of other numbers than mobile ones only
/// the area code and the last two digits are shown: `0574-****78`.
pub fn phone(input: &str) -> String {
    let mut digits = digits(input);
    // +86 and 0086 are not part of the number.
    if digits.len() == 13 && digits.starts_with("86") {
        digits.drain(..2);
    } else if digits.len() == 15 && digits.starts_with("0086") {
        digits.drain(..4);
    }
    let masked = if digits.len() == 11 && digits.starts_with('1') {
        format!("{}****{}", &digits[..3], &digits[7..])
    } else if (10..=12).contains(&digits.len()) && digits.starts_with('0') {
        // Area codes have three digits for 010 and 02x, else four.
        let area = if digits.starts_with("01") || digits.starts_with("02") {
            3
        } else {
            4
        };
        format!("{}-****{}", &digits[..area], &digits[digits.len() - 2..])
    } else if (7..=12).contains(&digits.len()) {
        format!("****{}", &digits[digits.len() - 2..])
    } else {
        HIDDEN.to_owned()
    };
    changed(input, masked)
}

/// The number of an identity card, of 18 or 15 characters:
/// `35*************123`. Of passports and other papers of 8 characters and
/// more the first and the last two are shown.
pub fn identity_number(input: &str) -> String {
    let characters: Vec<char> = input
        .chars()
        .map(ascii)
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let count = characters.len();
    let (first, last) = match count {
        15 | 18 => (2, 3),
        8..=20 => (1, 2),
        _ => return changed(input, HIDDEN.to_owned()),
    };
    let head = characters.iter().take(first);
    let tail = characters.iter().skip(count - last);
    let stars = std::iter::repeat_n(&'*', count - first - last);
    changed(input, head.chain(stars).chain(tail).collect())
}

/// A name: the family name and `**`, however long the rest: `张**`, `欧阳**`;
/// of other scripts the first letter. A name of one character is hidden.
pub fn name(input: &str) -> String {
    let trimmed = input.trim();
    let count = trimmed.chars().count();
    let shown = match trimmed.chars().next() {
        Some(first) if first.is_alphabetic() && count > 1 => {
            let double = DOUBLE_SURNAMES
                .into_iter()
                .find(|surname| count > 2 && trimmed.starts_with(surname));
            double.map_or_else(|| first.to_string(), str::to_owned)
        }
        _ => String::new(),
    };
    changed(input, format!("{shown}**"))
}

/// An e-mail address: the first character and the domain: `z***@example.com`.
pub fn email(input: &str) -> String {
    let masked = match input.trim().rsplit_once('@') {
        Some((local, domain)) if is_domain(domain) => {
            let mut characters = local.chars();
            let first = characters
                .next()
                .filter(|first| first.is_ascii_alphabetic() && characters.next().is_some());
            format!(
                "{}***@{domain}",
                first.map(String::from).unwrap_or_default()
            )
        }
        _ => HIDDEN.to_owned(),
    };
    changed(input, masked)
}

/// An address down to the town or sub-district: `浙江省宁波市鄞州区中河街道***`.
///
/// `divisions` are the names of the district's own towns and sub-districts;
/// what goes before one of them in the address is hidden unless it is province,
/// city or district. Addresses elsewhere are read from left to right as far as
/// they name province, city, district and town; the rest is hidden.
pub fn address<S: AsRef<str>>(input: &str, divisions: impl IntoIterator<Item = S>) -> String {
    let text: String = input
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let upper = upper_levels(&text);
    let (head, rest) = text.split_at(upper);
    let known = divisions
        .into_iter()
        .filter(|name| !name.as_ref().is_empty() && rest.contains(name.as_ref()))
        .max_by_key(|name| {
            (
                name.as_ref().len(),
                std::cmp::Reverse(rest.find(name.as_ref())),
            )
        });
    let town = match &known {
        Some(name) => name.as_ref(),
        None => town(rest),
    };
    changed(input, format!("{head}{town}{HIDDEN}"))
}

/// The number of a bank card: the last four digits: `****1234`.
pub fn bank_card(input: &str) -> String {
    let digits = digits(input);
    let masked = match digits.len() {
        12..=19 => format!("****{}", &digits[digits.len() - 4..]),
        _ => HIDDEN.to_owned(),
    };
    changed(input, masked)
}

/// The number plate of a vehicle: the place and the last two characters:
/// `浙B***45`, with one star more for the longer plates of electric ones.
pub fn plate(input: &str) -> String {
    let characters: Vec<char> = input
        .chars()
        .map(ascii)
        .filter(|character| character.is_alphanumeric())
        .collect();
    let masked = match characters.as_slice() {
        [province, city, middle @ .., a, b]
            if !province.is_ascii()
                && city.is_ascii_alphabetic()
                && (3..=4).contains(&middle.len())
                && [*a, *b].iter().all(|character| {
                    character.is_ascii_alphanumeric() || "学警挂港澳".contains(*character)
                }) =>
        {
            format!("{province}{city}{}{a}{b}", "*".repeat(middle.len()))
        }
        _ => HIDDEN.to_owned(),
    };
    changed(input, masked)
}

/// `masked`, unless it is the input itself; then something that is not.
fn changed(input: &str, masked: String) -> String {
    if input.is_empty() {
        String::new()
    } else if masked != input {
        masked
    } else if input != HIDDEN {
        HIDDEN.to_owned()
    } else {
        format!("{HIDDEN}*")
    }
}

/// The digits of a text as ASCII, full-width ones too.
fn digits(input: &str) -> String {
    input
        .chars()
        .map(ascii)
        .filter(char::is_ascii_digit)
        .collect()
}

/// The ASCII character for a full-width one.
fn ascii(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    }
}

fn is_domain(domain: &str) -> bool {
    let mut labels = domain.split('.');
    let label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '-')
    };
    domain.contains('.')
        && labels.all(label)
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() > 1 && top.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Where province, city and district end in an address, in bytes.
fn upper_levels(text: &str) -> usize {
    let mut end = 0;
    for suffixes in LEVELS {
        let rest = &text[end..];
        // The nearest ending is the right one: 浙江省 | 宁波市 | 鄞州区.
        let names = suffixes
            .iter()
            .filter_map(|&(suffix, longest)| place(rest, suffix, longest));
        end += names
            .filter(|name| !is_no_district(name))
            .map(str::len)
            .min()
            .unwrap_or(0);
    }
    end
}

/// 东湖小区, and 姜山镇东区, which is a part of a town; but 镇海区 is a district.
fn is_no_district(name: &str) -> bool {
    let after_first = name
        .chars()
        .next()
        .map_or("", |first| &name[first.len_utf8()..]);
    NO_DISTRICT.iter().any(|word| name.ends_with(word))
        || name.ends_with('区') && after_first.contains(['镇', '乡'])
}

/// The town or sub-district with which a text begins; empty when there is none.
fn town(text: &str) -> &str {
    TOWNS
        .iter()
        .find_map(|&(suffix, longest)| place(text, suffix, longest))
        .unwrap_or_default()
}

/// The name of a place with which `text` begins and that ends in `suffix`: two
/// to `longest` Chinese characters.
fn place<'a>(text: &'a str, suffix: &str, longest: usize) -> Option<&'a str> {
    let end = text
        .match_indices(suffix)
        .map(|(at, _)| at)
        .find(|&at| at > 0)?;
    let body = &text[..end];
    let fits = body.chars().count() + suffix.chars().count() <= longest
        && body
            .chars()
            .all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) && !BELOW_TOWN.contains(c));
    fits.then(|| &text[..end + suffix.len()])
}

#[cfg(test)]
mod tests;
