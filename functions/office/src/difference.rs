//! What was changed between the draft and the answer.

use similar::{ChangeTag, TextDiff};

use crate::marks::Piece;

/// The longer of two texts beyond which they are not compared, in characters:
/// nobody reads so long a comparison, and its cost grows with the square.
const LONGEST: usize = 20_000;

/// `new` with what it has more than `old` (class `added`) and what it has not
/// (class `removed`); nothing where they are the same, or too long.
pub fn difference(old: &str, new: &str) -> Vec<Piece> {
    let longest = old.chars().count().max(new.chars().count());
    if old == new || longest > LONGEST {
        return Vec::new();
    }
    let difference = TextDiff::from_chars(old, new);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in difference.iter_all_changes() {
        let class = match change.tag() {
            ChangeTag::Equal => "",
            ChangeTag::Insert => "added",
            ChangeTag::Delete => "removed",
        };
        match pieces.last_mut().filter(|piece| piece.class == class) {
            Some(piece) => piece.text.push_str(change.value()),
            None => pieces.push(Piece {
                text: change.value().to_owned(),
                class: class.to_owned(),
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::difference;

    fn shown(old: &str, new: &str) -> String {
        difference(old, new)
            .iter()
            .map(|piece| match piece.class.as_str() {
                "added" => format!("[{}]", piece.text),
                "removed" => format!("({})", piece.text),
                _ => piece.text.clone(),
            })
            .collect()
    }

    #[test]
    fn what_was_changed_is_told_apart() {
        assert_eq!(
            shown("三日内修复。", "五日内修复👩。"),
            "(三)[五]日内修复[👩]。"
        );
        assert_eq!(shown("", "新"), "[新]");
        assert!(difference("同", "同").is_empty());
        assert!(difference("", &"长".repeat(20_001)).is_empty());
    }
}
