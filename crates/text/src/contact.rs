//! The one form of a telephone number and of an e-mail address.
//!
//! Citizens are found again by it: intake keys its index with it, the desk
//! looks up with it, and the rotation of keys makes it anew.

/// The digits of a telephone number without separators and without the
/// country's prefix, the form under which it is indexed; none where it is not
/// a number that can be called: 5 (short service numbers) to 15 digits (E.164).
pub fn phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    for (index, letter) in text.trim().chars().enumerate() {
        match letter {
            '0'..='9' => digits.push(letter),
            '０'..='９' => digits.push(char::from(
                b'0' + (u32::from(letter) - u32::from('０')) as u8,
            )),
            '+' | '＋' if index == 0 => {}
            ' ' | '-' | '－' | '(' | ')' | '（' | '）' | '.' | '/' => {}
            // An extension.
            '转' | ',' | '#' if digits.len() >= 5 => digits.push('-'),
            _ => return None,
        }
    }
    let number = digits.split('-').next().unwrap_or_default();
    if !(5..=15).contains(&number.len()) || digits.ends_with('-') || digits.matches('-').count() > 1
    {
        return None;
    }
    let local = ["0086", "86"]
        .iter()
        .find_map(|prefix| number.strip_prefix(prefix))
        .filter(|local| local.len() >= 10)
        .unwrap_or(number);
    Some(local.to_owned())
}

/// An e-mail address in the form under which it is indexed; none where it has
/// not the form of one. Small letters throughout: no provider of note tells
/// addresses apart by them.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let local_good = (1..=64).contains(&local.chars().count())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|letter| {
            letter.is_alphanumeric()
                || (letter.is_ascii_graphic() && !"()<>[]:;@\\,\"".contains(letter))
        });
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_good = labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.chars().count())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || letter == '-')
        })
        && !labels.last()?.chars().all(|letter| letter.is_ascii_digit());
    (local_good && domain_good).then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_form() {
        for written in [
            "13800001111",
            "+86 138-0000-1111",
            "0086 13800001111",
            "138 0000 1111",
            "１３８００００１１１１",
        ] {
            assert_eq!(phone(written).as_deref(), Some("13800001111"), "{written}");
        }
        assert_eq!(
            phone("0574-8181 2345转802").as_deref(),
            Some("057481812345")
        );
        assert_eq!(phone("81812345").as_deref(), Some("81812345"));
        assert_eq!(phone("+1 (202) 555-0143").as_deref(), Some("12025550143"));
        for bad in [
            "",
            "1234",
            "电话",
            "1380000111a",
            "1234567890123456",
            "138+00001111",
            "13800001111转",
            "1#2#3#4#5#6",
        ] {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_have_a_form() {
        assert_eq!(
            email(" Li.Si@Example.COM ").as_deref(),
            Some("li.si@example.com")
        );
        assert_eq!(email("王@例子.中国").as_deref(), Some("王@例子.中国"));
        for bad in [
            "",
            "a",
            "a@",
            "@b.cn",
            "a@b",
            "a b@c.cn",
            "a@b..cn",
            "a@-b.cn",
            "<a@b.cn>",
            "a@1.2.3.4",
            ".a@b.cn",
            "a..b@c.cn",
        ] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }
}
