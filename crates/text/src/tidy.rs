//! The form in which a text is kept: as written, without what cannot be seen.

/// Tidies a text of several lines.
///
/// Control, zero-width and direction characters go, as do byte order marks
/// and noncharacters. Every kind of space becomes one space, every kind of
/// line break a line feed; runs of spaces shrink to one, runs of empty lines
/// to one, and nothing is left at the ends of lines or of the text. All else
/// stays as it was written: full-width letters too, for they carry no harm
/// and matching folds them anyway (see [`crate::View`]).
///
/// The result is a fixed point: tidying it again changes nothing.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    let mut breaks = 0;
    let mut after_return = false;
    for c in text.chars() {
        let follows_return = std::mem::replace(&mut after_return, c == '\r');
        match class(c) {
            Class::Break if follows_return && c == '\n' => {}
            Class::Break => {
                breaks += 1;
                space = false;
            }
            Class::Space => space = true,
            Class::Invisible => {}
            Class::Visible => {
                if !out.is_empty() {
                    match breaks {
                        0 if space => out.push(' '),
                        0 => {}
                        1 => out.push('\n'),
                        _ => out.push_str("\n\n"),
                    }
                }
                (space, breaks) = (false, 0);
                out.push(c);
            }
        }
    }
    out
}

/// Tidies a text of one line, such as a subject: like [`tidy`], with every
/// line break a space.
pub fn tidy_line(text: &str) -> String {
    let mut line = tidy(text);
    if line.contains('\n') {
        line = line.replace("\n\n", " ").replace('\n', " ");
    }
    line
}

enum Class {
    Visible,
    Space,
    Break,
    Invisible,
}

fn class(c: char) -> Class {
    match c {
        '\n' | '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        // The blank Braille pattern is a letter by its class and a space to the eye.
        ' ' | '\t' | '\u{2800}' => Class::Space,
        _ if invisible(c) => Class::Invisible,
        _ if c.is_whitespace() => Class::Space,
        _ => Class::Visible,
    }
}

/// Characters that take no room on paper and only serve to hide or to
/// reorder. Private use stays: rare characters of names live there.
pub(crate) fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
        || (c as u32) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_what_is_written_and_drops_what_is_not_seen() {
        let cases = [
            ("", ""),
            (" \t\u{3000}\n ", ""),
            ("\u{feff}路灯\u{200b}坏\u{202e}了", "路灯坏了"),
            ("一\r\n二\r三\u{2028}四", "一\n二\n三\n四"),
            ("甲  \n \n\n\n 乙\u{a0}\u{a0}丙 ", "甲\n\n乙 丙"),
            ("Ｔｅｌ：１３８\u{0}", "Ｔｅｌ：１３８"),
            ("e\u{301}\u{e0041}\u{ffff}", "e\u{301}"),
        ];
        for (written, kept) in cases {
            assert_eq!(tidy(written), kept, "{written:?}");
        }
        assert_eq!(tidy_line("路灯\n\n坏了\n很黑"), "路灯 坏了 很黑");
    }

    proptest! {
        #[test]
        fn is_a_fixed_point_without_control_characters(text in any::<String>()) {
            let once = tidy(&text);
            prop_assert_eq!(&tidy(&once), &once);
            prop_assert!(once.chars().all(|c| c == '\n' || !invisible(c)));
            let line = tidy_line(&text);
            prop_assert_eq!(&tidy_line(&line), &line);
            prop_assert!(!line.contains('\n'));
        }
    }
}
