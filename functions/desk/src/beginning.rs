//! What a list says of a message that has no subject.

use serde_json::Value as Json;

/// Characters of the message that are shown.
const CHARS: usize = 40;

/// The first words of a message without a subject, on one line; none where it has a subject or no words.
///
/// A list is no opening of a case, which would be recorded: what intake found personal is covered.
pub fn of(original: &Json) -> Option<String> {
    let text = |name: &str| original[name].as_str().unwrap_or_default();
    if !text("subject").trim().is_empty() {
        return None;
    }
    let personal: Vec<(u64, u64)> = original["personal"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|found| found["field"] == "body")
        .filter_map(|found| Some((found["start"].as_u64()?, found["end"].as_u64()?)))
        .collect();
    let covered: String = text("body")
        .chars()
        .zip(0..)
        .map(|(char, at)| {
            let is_personal = personal
                .iter()
                .any(|(start, end)| (*start..*end).contains(&at));
            if is_personal { '＊' } else { char }
        })
        // Enough for the line, whatever spaces fall out of it.
        .take(4 * CHARS)
        .collect();
    let line = covered.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut beginning: String = line.chars().take(CHARS).collect();
    if line.chars().count() > CHARS {
        beginning.push('…');
    }
    Some(beginning).filter(|beginning| !beginning.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_has_no_subject_begins_with_its_text() {
        assert_eq!(of(&json!({ "subject": "路灯", "body": "不亮" })), None);
        assert_eq!(of(&json!({ "subject": null, "body": " \n" })), None);
        assert_eq!(
            of(&json!({ "subject": " ", "body": "路灯\n 不亮" })).as_deref(),
            Some("路灯 不亮")
        );
        let long = of(&json!({ "body": "长".repeat(500) })).unwrap_or_default();
        assert_eq!(long.chars().count(), CHARS + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn what_is_personal_is_covered() {
        let original = json!({
            "subject": null,
            "body": "请打13900001111找我",
            "personal": [
                { "kind": "phone", "field": "body", "start": 2, "end": 13 },
                { "kind": "phone", "field": "address", "start": 0, "end": 2 },
            ],
        });
        assert_eq!(
            of(&original).as_deref(),
            Some("请打＊＊＊＊＊＊＊＊＊＊＊找我")
        );
    }
}
