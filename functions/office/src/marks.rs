//! Texts with stretches that are marked.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Why it is marked: style classes, separated by spaces; empty where it is not.
    pub class: String,
}

/// A stretch of a text and why it is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// First character.
    pub start: usize,
    /// Behind the last character.
    pub end: usize,
    /// The style class.
    pub class: &'static str,
}

/// `text` cut where marks begin and end. Marks may overlap; what lies outside
/// of the text is left out.
pub fn pieces(text: &str, marks: &[Mark]) -> Vec<Piece> {
    let length = text.chars().count();
    let mut borders: Vec<usize> = marks
        .iter()
        .flat_map(|mark| [mark.start, mark.end])
        .filter(|at| *at < length)
        .chain([0, length])
        .collect();
    borders.sort_unstable();
    borders.dedup();
    let mut letters = text.chars();
    borders
        .windows(2)
        .map(|border| {
            let (start, end) = (border[0], border[1]);
            let mut classes: Vec<&str> = marks
                .iter()
                .filter(|mark| mark.start <= start && mark.end >= end && mark.start < mark.end)
                .map(|mark| mark.class)
                .collect();
            classes.sort_unstable();
            classes.dedup();
            Piece {
                text: letters.by_ref().take(end - start).collect(),
                class: classes.join(" "),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: usize, end: usize, class: &'static str) -> Mark {
        Mark { start, end, class }
    }

    fn shown(text: &str, marks: &[Mark]) -> Vec<(String, String)> {
        pieces(text, marks)
            .into_iter()
            .map(|piece| (piece.text, piece.class))
            .collect()
    }

    #[test]
    fn marks_overlap_and_count_characters() {
        let of = |text: &str, class: &str| (text.to_owned(), class.to_owned());
        assert_eq!(
            shown("路灯👩坏了", &[mark(1, 3, "a"), mark(2, 4, "b")]),
            [
                of("路", ""),
                of("灯", "a"),
                of("👩", "a b"),
                of("坏", "b"),
                of("了", "")
            ]
        );
        assert_eq!(shown("路灯", &[]), [of("路灯", "")]);
        assert!(shown("", &[mark(0, 5, "a")]).is_empty());
    }

    #[test]
    fn marks_beyond_the_text_do_no_harm() {
        let text = "路灯";
        let marks = [mark(1, 99, "a"), mark(50, 60, "b"), mark(2, 1, "c")];
        let whole: String = pieces(text, &marks)
            .into_iter()
            .map(|piece| piece.text)
            .collect();
        assert_eq!(whole, text);
        assert_eq!(pieces(text, &marks)[1].class, "a");
    }
}
