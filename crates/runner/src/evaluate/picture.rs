//! Pictures of figures, as SVG.

use model::measure::{Prediction, bands};
use std::fmt::Write;

/// The side of a plot, and the room around it, in pixels.
const SIDE: f64 = 400.0;
const ROOM: f64 = 60.0;
const STYLE: &str = "<style>text{font:13px sans-serif;fill:#222}.axis{stroke:#222;fill:none}.ideal{stroke:#999;stroke-dasharray:5 4}.bar{fill:#2b6cb0}.count{font-size:11px;fill:#555}</style>";

/// How often predictions are right, by how sure they were: a bar for each band of confidence, as wide as it has
/// predictions in relation to the fullest.
pub(crate) fn reliability(predictions: &[Prediction], ece: f64) -> String {
    let bands = bands(predictions);
    let fullest = bands
        .iter()
        .map(|band| band.count)
        .max()
        .unwrap_or(1)
        .max(1) as f64;
    let size = SIDE + 2.0 * ROOM;
    let mut out = head(size, size, "Reliability: accuracy by confidence");
    let step = SIDE / bands.len() as f64;
    for (at, band) in bands.iter().enumerate().filter(|(_, band)| band.count > 0) {
        let right = band.right as f64 / band.count as f64;
        let middle = ROOM + SIDE * band.sure / band.count as f64;
        let width = (step * (band.count as f64 / fullest).sqrt()).max(3.0);
        let (top, height) = (ROOM + SIDE * (1.0 - right), SIDE * right);
        let _ = write!(
            out,
            r#"<rect class="bar" x="{:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"><title>{at}: {right:.3}</title></rect><text class="count" x="{middle:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            middle - width / 2.0,
            top - 5.0,
            band.count
        );
    }
    let far = ROOM + SIDE;
    let _ = write!(
        out,
        r#"<path class="ideal" d="M{ROOM} {far}L{far} {ROOM}"/><path class="axis" d="M{ROOM} {ROOM}V{far}H{far}"/>"#
    );
    for tenth in (0..=10).step_by(2) {
        let part = f64::from(tenth) / 10.0;
        let (x, y) = (ROOM + SIDE * part, ROOM + SIDE * (1.0 - part));
        let _ = write!(
            out,
            r#"<text x="{x}" y="{}" text-anchor="middle">{part:.1}</text><text x="{}" y="{}" text-anchor="end">{part:.1}</text>"#,
            far + 18.0,
            ROOM - 8.0,
            y + 4.0
        );
    }
    let _ = write!(
        out,
        r#"<text x="{}" y="{}" text-anchor="middle">confidence</text><text x="{}" y="{}">right; expected calibration error {ece:.4}</text></svg>"#,
        ROOM + SIDE / 2.0,
        far + 40.0,
        ROOM,
        ROOM - 14.0
    );
    out
}

/// What was taken for what: a line for each label, a column for each prediction, darker the more of the line.
pub(crate) fn confusion(names: &[&str], counts: &[Vec<usize>]) -> String {
    const CELL: f64 = 64.0;
    const LEFT: f64 = 150.0;
    let side = CELL * names.len() as f64;
    let mut out = head(LEFT + side + 20.0, LEFT + side + 20.0, "Confusion");
    for (line, (name, row)) in names.iter().zip(counts).enumerate() {
        let all = row.iter().sum::<usize>().max(1) as f64;
        let y = LEFT + CELL * line as f64;
        let across = LEFT + CELL * (line as f64 + 0.5);
        let name = escape(name);
        let _ = write!(
            out,
            r#"<text x="{}" y="{}" text-anchor="end">{name}</text><text transform="translate({across} {}) rotate(-45)">{name}</text>"#,
            LEFT - 8.0,
            y + CELL / 2.0 + 5.0,
            LEFT - 8.0
        );
        for (column, count) in row.iter().enumerate() {
            let part = *count as f64 / all;
            let x = LEFT + CELL * column as f64;
            // The root shows small parts, which are what one looks for.
            let dark = part.sqrt();
            let colour = if line == column {
                "43,108,176"
            } else {
                "197,48,48"
            };
            let ink = if dark > 0.6 { "#fff" } else { "#222" };
            let _ = write!(
                out,
                r##"<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="rgba({colour},{dark:.3})" stroke="#ddd"/><text x="{}" y="{}" text-anchor="middle" style="fill:{ink}">{count}</text>"##,
                x + CELL / 2.0,
                y + CELL / 2.0 + 5.0
            );
        }
    }
    out.push_str("</svg>");
    out
}

fn head(width: f64, height: f64, title: &str) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"><title>{title}</title>{STYLE}<rect width="100%" height="100%" fill="#fff"/>"##
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_show_every_number() {
        let sure = |class, confidence| Prediction {
            truth: 0,
            class,
            confidence,
        };
        let drawn = reliability(&[sure(0, 0.95), sure(0, 0.97), sure(1, 0.4)], 0.01);
        assert_eq!(drawn.matches(r#"class="bar""#).count(), 2);
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>") && drawn.contains("0.0100"));
        let drawn = confusion(&["a<b", "c"], &[vec![17, 3], vec![0, 42]]);
        assert!(drawn.contains("a&lt;b") && !drawn.contains("a<b"));
        for number in [">17<", ">3<", ">0<", ">42<"] {
            assert!(drawn.contains(number), "{number}");
        }
    }
}
