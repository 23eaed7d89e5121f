//! Accounts on other platforms, behind the platform's name.

use super::{Kind, Raw, Scan};
use crate::phrases::Phrases;

/// Sorted as [`Phrases`] wants it; `true` where names may be in Han characters.
const CUES: &[(&str, bool)] = &[
    ("qq", false),
    ("vx", false),
    ("v信", false),
    ("wechat", false),
    ("weibo", true),
    ("weixin", false),
    ("wx", false),
    ("小红书", true),
    ("微信", false),
    ("微博", true),
    ("快手", true),
    ("扣扣", false),
    ("抖音", true),
    ("薇信", false),
];

pub(super) fn scan(scan: &Scan, out: &mut Vec<Raw>) {
    // A line feed ends the stretch in which every other cue is looked for.
    for (start, han) in cues(scan) {
        let mut index = start;
        let mut said = false;
        while index < start + 8 && "号码账帐户名昵称是为叫加我的:=@( -".contains(scan.at(index))
        {
            said |= matches!(
                scan.at(index),
                ':' | '号' | '是' | '为' | '叫' | '=' | '@' | '名' | '称'
            );
            index += 1;
        }
        // The letters of `id` only count with what follows them.
        if scan.stands(index, "id") && matches!(scan.at(index + 2), ' ' | ':') {
            (index, said) = (index + 3, true);
            index += usize::from(scan.at(index) == ' ');
        }
        let inside = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || (han && c.is_alphanumeric())
        };
        let length = (0..24)
            .take_while(|ahead| inside(scan.at(index + ahead)))
            .count();
        let token = &scan.chars()[index..index + length];
        let digits = token.iter().filter(|c| c.is_ascii_digit()).count();
        let named = if han {
            length >= 2 && said
        } else {
            length >= 5 && (said || digits > 0)
        };
        if named {
            out.push(Raw {
                kind: Kind::Account,
                start: index,
                end: index + length,
            });
        }
    }
}

/// The ends of all cues. Latin cues may touch the account that they announce
/// (`wx13800001234`), so only what stands before them has to be a word's edge.
fn cues(scan: &Scan) -> Vec<(usize, bool)> {
    let mut found: Vec<(usize, bool)> = Phrases::new(CUES)
        .all(&scan.view)
        .iter()
        .map(|hit| (hit.end, *hit.value))
        .collect();
    for cue in ["qq", "vx", "wx"] {
        for start in 0..scan.chars().len() {
            let end = start + cue.len();
            if scan.stands(start, cue) && scan.view.is_edge(start) && scan.at(end).is_ascii_digit()
            {
                found.push((end, false));
            }
        }
    }
    found
}
