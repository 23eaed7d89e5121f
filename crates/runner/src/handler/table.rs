//! Sample cases as a table, and under it what differs.

use super::gate::Tried;
use super::sample::Sample;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest cell, in columns of a terminal; a Chinese character takes two.
const WIDEST: usize = 30;

const HEAD: [&str; 6] = ["case", "triage", "draft", "findings", "follow-up", "time"];

/// The table of all `samples`, and the differences of those that are not as expected.
pub(crate) fn of(samples: &[Sample], tried: &[Tried]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for (sample, tried) in samples.iter().zip(tried) {
        let mark = if tried.is_wrong() { "✗" } else { "✓" };
        let [triage, draft, findings, follow_up] = tried.trial.summary();
        let time = format!("{:.2} ms", tried.cost.time.as_secs_f64() * 1_000.0);
        rows.push([
            format!("{mark} {}", sample.name),
            triage,
            draft,
            findings,
            follow_up,
            time,
        ]);
    }
    let mut text = grid(&rows);
    for (sample, tried) in samples.iter().zip(tried) {
        if !tried.is_wrong() {
            continue;
        }
        let _ = writeln!(text, "\n✗ {}", sample.name);
        for (part, error) in tried.trial.breakdowns() {
            let _ = writeln!(text, "    {part}: {error}");
        }
        for difference in &tried.differences {
            let _ = write!(text, "{difference}");
        }
    }
    let right = tried.iter().filter(|tried| !tried.is_wrong()).count();
    let _ = writeln!(text, "\n{right} of {} cases as expected.", samples.len());
    text
}

impl Tried {
    /// Whether something broke down or is not as expected.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.differences.is_empty() || !self.trial.breakdowns().is_empty()
    }
}

/// Rows under each other, each column as wide as its widest cell.
pub(crate) fn grid<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| short(cell)))
        .collect();
    let widths: [usize; N] =
        std::array::from_fn(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or(0));
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let room = width.saturating_sub(cell.width());
            let _ = write!(line, "{cell}{}  ", " ".repeat(room));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The cell on one line, cut where it is too wide.
fn short(cell: &str) -> String {
    let line = cell.replace('\n', " ");
    if line.width() <= WIDEST {
        return line;
    }
    let mut cut = String::new();
    let mut width = 0;
    for char in line.chars() {
        width += char.width().unwrap_or(0);
        if width >= WIDEST {
            break;
        }
        cut.push(char);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_chinese_too() {
        let rows = [
            ["名".to_owned(), "a".to_owned()],
            ["abcd".to_owned(), "b".to_owned()],
        ];
        assert_eq!(grid(&rows), "名    a\nabcd  b\n");
        assert_eq!(short(&"很".repeat(20)), format!("{}…", "很".repeat(14)));
    }
}
