use super::*;
use proptest::prelude::*;

fn passage(field: Field, text: &str) -> Passage {
    Passage {
        field,
        text: text.into(),
    }
}

fn value(kind: PersonalKind, text: &str) -> PersonalValue {
    PersonalValue {
        kind,
        text: text.into(),
    }
}

fn marked(field: Field, start: u32, end: u32) -> PersonalSpan {
    PersonalSpan {
        kind: PersonalKind::Other,
        span: Span { field, start, end },
    }
}

#[test]
fn cuts_marked_known_and_found() {
    let passages = [
        passage(Field::Subject, "宋诏桥小区5幢301楼下路灯坏了"),
        passage(
            Field::Body,
            "我叫沈佳，电话138-0000-1234，沈 佳盼复。密语甲乙",
        ),
        passage(
            Field::Answer,
            "沈佳女士：请联系0574-87650000，或到惠风东路568号。",
        ),
        passage(Field::Address, "天童南路100号"),
    ];
    let values = [
        value(PersonalKind::Name, "沈佳"),
        value(PersonalKind::Phone, "13800001234"),
    ];
    let copy = redact(&passages, &[marked(Field::Body, 29, 31)], &values).expect("valid");
    let texts: Vec<&str> = copy
        .passages
        .iter()
        .map(|passage| passage.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "宋诏桥小区[住址]楼下路灯坏了",
            "我叫[姓名]，电话[电话]，[姓名]盼复。密语[隐去]",
            "[姓名]女士：请联系0574-87650000，或到惠风东路568号。",
            "天童南路[住址]",
        ]
    );
    assert_eq!(copy.cuts.len(), 7);
    assert_eq!(
        (copy.cuts[1].start, copy.cuts[1].end, copy.cuts[1].kind),
        (2, 4, PersonalKind::Name)
    );
}

#[test]
fn overlapping_cuts_are_one() {
    let body = [passage(Field::Body, "电话13800001234谢谢")];
    let spans = [
        marked(Field::Body, 0, 5),
        marked(Field::Body, 4, 8),
        marked(Field::Subject, 7, 3),
    ];
    let copy = redact(&body, &spans, &[]).expect("the span of another field does not matter");
    assert_eq!(copy.passages[0].text, "[电话]谢谢");
    assert_eq!((copy.cuts[0].start, copy.cuts[0].end), (0, 13));
}

#[test]
fn labels_speak_the_language_of_the_text() {
    let copy = redact(
        &[passage(Field::Body, "Please call me at +44 20 7946 0958")],
        &[],
        &[],
    )
    .expect("valid");
    assert_eq!(copy.passages[0].text, "Please call me at [phone]");
    let copy = redact(&[passage(Field::Body, "13800001234")], &[], &[]).expect("valid");
    assert_eq!(copy.passages[0].text, "[电话]");
}

#[test]
fn spans_of_another_text_are_refused() {
    for (start, end) in [(0, 4), (3, 2), (9, 9)] {
        let refused = redact(
            &[passage(Field::Body, "三个字")],
            &[marked(Field::Body, start, end)],
            &[],
        );
        assert!(
            matches!(refused, Err(Error::InvalidInput(_))),
            "{start}..{end}"
        );
    }
}

fn letters(text: &str) -> String {
    text::View::tight(text).chars().iter().collect()
}

proptest! {
    #[test]
    fn known_values_do_not_survive_and_cuts_reconstruct(
        phone in "1[3-9][0-9]{9}",
        other in "[0-9a-z]{4,12}",
        noise in proptest::collection::vec("\\PC{0,12}", 4),
        gaps in proptest::collection::vec("[ .\u{200b}-]{0,2}", 12),
    ) {
        let spaced = |value: &str| -> String {
            value.chars().zip(gaps.iter().cycle()).map(|(c, gap)| format!("{c}{gap}")).collect()
        };
        let text = format!(
            "文{}{}{}{}{}{}", noise[0], spaced(&phone), noise[1], spaced(&other).to_uppercase(), noise[2], noise[3]
        );
        let values = [value(PersonalKind::Phone, &phone), value(PersonalKind::Other, &other)];
        for field in [Field::Body, Field::Address, Field::Answer] {
            let copy = redact(&[passage(field, &text)], &[], &values).expect("no spans");
            let public = &copy.passages[0].text;
            // What stands between labels holds no value; labels have letters of their own.
            let mut kept = String::new();
            let (mut at, mut rebuilt) = (0, String::new());
            let original: Vec<char> = text.chars().collect();
            let redacted: Vec<char> = public.chars().collect();
            let mut from = 0;
            for cut in &copy.cuts {
                let plain = cut.start as usize - from;
                kept.extend(&redacted[at..at + plain]);
                kept.push('\u{4e00}');
                rebuilt.extend(&redacted[at..at + plain]);
                rebuilt.extend(&original[cut.start as usize..cut.end as usize]);
                at += plain;
                let label: String = redacted[at..at + cut.replacement.chars().count()].iter().collect();
                prop_assert_eq!(&label, &cut.replacement);
                at += cut.replacement.chars().count();
                from = cut.end as usize;
            }
            kept.extend(&redacted[at..]);
            rebuilt.extend(&redacted[at..]);
            prop_assert_eq!(&rebuilt, &text);
            prop_assert!(!letters(&kept).contains(&letters(&phone)), "{}", public);
            prop_assert!(!letters(&kept).contains(&letters(&other)), "{}", public);
        }
    }

    #[test]
    fn any_input_gives_a_result(text in any::<String>(), known in any::<String>()) {
        let copy = redact(&[passage(Field::Body, &text)], &[], &[value(PersonalKind::Name, &known)]);
        prop_assert!(copy.is_ok());
    }
}

#[test]
fn extreme_texts() {
    for text in [
        "",
        "。。。",
        "\u{301}\u{301}",
        &"字a1 ".repeat(25_000),
        &"1".repeat(100_000),
    ] {
        assert!(
            redact(
                &[passage(Field::Body, text)],
                &[],
                &[value(PersonalKind::Name, "")]
            )
            .is_ok()
        );
    }
    assert_eq!(
        redact(&[], &[], &[]).expect("nothing to do"),
        PublicCopy {
            passages: vec![],
            cuts: vec![]
        }
    );
}
