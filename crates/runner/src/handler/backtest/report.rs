//! What a backtest found, for a terminal, for programs and for the browser.

use super::effect::{Changed, Effect, Side, kind, words};
use crate::handler::table::grid;
use anyhow::Result;
use askama::Template;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// A handler that took part.
pub(super) struct Party {
    pub(super) name: String,
    pub(super) version: String,
    /// Its number, where it was published.
    pub(super) release: Option<i64>,
    pub(super) sha256: String,
}

/// One case.
pub(super) struct Row {
    pub(super) number: String,
    /// The public subject, or the citizen's own where originals are shown.
    pub(super) subject: Option<String>,
    pub(super) effect: Effect,
}

/// All that a backtest found.
#[derive(Template)]
#[template(path = "backtest.html")]
pub(super) struct Report {
    pub(super) department: String,
    /// When it was made, in the district's time.
    pub(super) at: String,
    pub(super) candidate: Party,
    /// None where the platform's default decides.
    pub(super) current: Option<Party>,
    /// Cases whose message is no longer there.
    pub(super) erased: usize,
    /// Texts are shown.
    pub(super) originals: bool,
    pub(super) rows: Vec<Row>,
}

/// How many cases each kind of change concerns.
pub(super) struct Totals {
    pub(super) decisions: usize,
    pub(super) reworded: usize,
    pub(super) drafts_new: usize,
    pub(super) drafts_gone: usize,
    pub(super) drafts_other: usize,
    pub(super) added: usize,
    pub(super) removed: usize,
    pub(super) unaffected: usize,
}

/// What the calls of one side took.
pub(super) struct Load {
    /// Cases that it was asked about.
    pub(super) asked: usize,
    /// Cases of which a call came to nothing.
    pub(super) trouble: usize,
    median: Duration,
    most: Duration,
    memory: usize,
}

impl Load {
    fn of<'a>(sides: impl Iterator<Item = &'a Side>) -> Load {
        let asked: Vec<&Side> = sides.filter(|side| side.asked).collect();
        let mut times: Vec<Duration> = asked.iter().map(|side| side.cost.time).collect();
        times.sort();
        Load {
            asked: asked.len(),
            trouble: asked.iter().filter(|side| !side.trouble.is_empty()).count(),
            median: times.get(times.len() / 2).copied().unwrap_or_default(),
            most: times.last().copied().unwrap_or_default(),
            memory: asked
                .iter()
                .map(|side| side.cost.memory)
                .max()
                .unwrap_or_default(),
        }
    }

    /// `0.42 ms`, the median of a case's calls together.
    pub(super) fn median(&self) -> String {
        millis(self.median)
    }

    pub(super) fn most(&self) -> String {
        millis(self.most)
    }

    pub(super) fn memory(&self) -> String {
        format!("{:.1} MiB", self.memory as f64 / f64::from(1 << 20))
    }

    fn json(&self) -> Json {
        json!({
            "asked": self.asked,
            "trouble": self.trouble,
            "median_ms": round(self.median),
            "most_ms": round(self.most),
            "memory_bytes": self.memory,
        })
    }
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

fn round(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

impl Party {
    pub(super) fn words(&self) -> String {
        let release = match self.release {
            Some(release) => format!(", release {release}"),
            None => String::new(),
        };
        format!(
            "{} {}{release} ({})",
            self.name,
            self.version,
            &self.sha256[..12.min(self.sha256.len())]
        )
    }

    fn json(&self) -> Json {
        json!({ "name": self.name, "version": self.version, "release": self.release, "sha256": self.sha256 })
    }
}

impl Row {
    /// `ask → accept`; empty where the decision is the same.
    pub(super) fn triage(&self) -> String {
        let word = |side: &Side| side.triage.as_ref().map_or("none", kind);
        let (before, after) = (word(&self.effect.before), word(&self.effect.after));
        match self.effect.triage {
            Changed::Same => String::new(),
            Changed::Reworded => format!("{after}, other words"),
            Changed::New | Changed::Gone => format!("{before} → {after}"),
        }
    }

    /// What of the draft is another; empty where it is the same.
    pub(super) fn draft(&self) -> String {
        let length = |side: &Side| {
            side.draft
                .as_ref()
                .map_or(0, |draft| draft.body.chars().count())
        };
        let whose = |side: &Side| if side.own_draft { "own" } else { "default" };
        let (before, after) = (&self.effect.before, &self.effect.after);
        match self.effect.draft {
            Changed::Same => String::new(),
            Changed::New => format!("new, {} characters", length(after)),
            Changed::Gone => format!("gone, {} characters", length(before)),
            Changed::Reworded => format!(
                "{} {} → {} {}",
                whose(before),
                length(before),
                whose(after),
                length(after)
            ),
        }
    }

    /// `+ fee-named - tone`.
    pub(super) fn findings(&self) -> String {
        let added = self.effect.added.iter().map(|code| format!("+{code}"));
        let removed = self.effect.removed.iter().map(|code| format!("-{code}"));
        added.chain(removed).collect::<Vec<_>>().join(" ")
    }

    /// Calls of the candidate that came to nothing.
    pub(super) fn trouble(&self) -> String {
        let all: Vec<String> = self
            .effect
            .after
            .trouble
            .iter()
            .map(|word| format!("{}: {}", word.part, word.what))
            .collect();
        all.join(", ")
    }

    /// The texts before and after, for pages that show them: what stood there, what stands there now.
    pub(super) fn texts(&self) -> Vec<(&'static str, String, String)> {
        let mut texts = Vec::new();
        let triage = |side: &Side| side.triage.as_ref().map_or_else(Vec::new, words).join("\n");
        let draft = |side: &Side| {
            side.draft
                .as_ref()
                .map_or_else(String::new, |draft| draft.body.clone())
        };
        let (before, after) = (&self.effect.before, &self.effect.after);
        if self.effect.triage != Changed::Same {
            texts.push(("triage", triage(before), triage(after)));
        }
        if self.effect.draft != Changed::Same {
            texts.push(("draft", draft(before), draft(after)));
        }
        texts
    }

    fn json(&self, originals: bool) -> Json {
        let mut json = json!({
            "case": self.number,
            "subject": self.subject,
            "triage": self.triage(),
            "draft": self.draft(),
            "findings_added": self.effect.added,
            "findings_removed": self.effect.removed,
            "trouble": self.trouble(),
            "before_ms": round(self.effect.before.cost.time),
            "after_ms": round(self.effect.after.cost.time),
        });
        if originals {
            json["texts"] = self
                .texts()
                .into_iter()
                .map(|(part, before, after)| json!({ "part": part, "before": before, "after": after }))
                .collect();
        }
        json
    }
}

impl Report {
    /// The cases in which anybody would notice something.
    pub(super) fn affected(&self) -> Vec<&Row> {
        self.rows
            .iter()
            .filter(|row| !row.effect.is_none())
            .collect()
    }

    pub(super) fn totals(&self) -> Totals {
        let count =
            |is: fn(&Effect) -> bool| self.rows.iter().filter(|row| is(&row.effect)).count();
        Totals {
            decisions: count(|effect| matches!(effect.triage, Changed::New | Changed::Gone)),
            reworded: count(|effect| effect.triage == Changed::Reworded),
            drafts_new: count(|effect| effect.draft == Changed::New),
            drafts_gone: count(|effect| effect.draft == Changed::Gone),
            drafts_other: count(|effect| effect.draft == Changed::Reworded),
            added: self.rows.iter().map(|row| row.effect.added.len()).sum(),
            removed: self.rows.iter().map(|row| row.effect.removed.len()).sum(),
            unaffected: count(Effect::is_none),
        }
    }

    pub(super) fn before(&self) -> Load {
        Load::of(self.rows.iter().map(|row| &row.effect.before))
    }

    pub(super) fn after(&self) -> Load {
        Load::of(self.rows.iter().map(|row| &row.effect.after))
    }

    /// What decides now, in words.
    pub(super) fn current(&self) -> String {
        self.current
            .as_ref()
            .map_or_else(|| "the platform's default".to_owned(), Party::words)
    }

    /// A page for the browser.
    pub(super) fn html(&self) -> Result<String> {
        Ok(self.render()?)
    }

    pub(super) fn json(&self) -> Json {
        let totals = self.totals();
        let rows: Vec<Json> = self
            .affected()
            .into_iter()
            .map(|row| row.json(self.originals))
            .collect();
        json!({
            "department": self.department,
            "at": self.at,
            "candidate": self.candidate.json(),
            "current": self.current.as_ref().map(Party::json),
            "cases": self.rows.len(),
            "erased": self.erased,
            "totals": {
                "decisions_flipped": totals.decisions,
                "decisions_reworded": totals.reworded,
                "drafts_new": totals.drafts_new,
                "drafts_gone": totals.drafts_gone,
                "drafts_changed": totals.drafts_other,
                "findings_added": totals.added,
                "findings_removed": totals.removed,
                "unaffected": totals.unaffected,
            },
            "before": self.before().json(),
            "after": self.after().json(),
            "affected": rows,
        })
    }

    /// A table for a terminal.
    pub(super) fn text(&self) -> String {
        let totals = self.totals();
        let mut text = format!(
            "{} on the last {} cases of {}, beside {}.\n\n",
            self.candidate.words(),
            self.rows.len(),
            self.department,
            self.current()
        );
        let affected = self.affected();
        if !affected.is_empty() {
            let mut rows = vec![
                ["case", "subject", "triage", "draft", "findings", "trouble"].map(str::to_owned),
            ];
            rows.extend(affected.iter().map(|row| {
                [
                    row.number.clone(),
                    row.subject.clone().unwrap_or_else(|| "–".to_owned()),
                    row.triage(),
                    row.draft(),
                    row.findings(),
                    row.trouble(),
                ]
            }));
            text.push_str(&grid(&rows));
            text.push('\n');
        }
        if self.originals {
            for row in &affected {
                for (part, before, after) in row.texts() {
                    text.push_str(&format!("{} {part}: - before  + after\n", row.number));
                    text.extend(before.lines().map(|line| format!("  - {line}\n")));
                    text.extend(after.lines().map(|line| format!("  + {line}\n")));
                }
            }
        }
        text.push_str(&format!(
            "decisions  {} flipped, {} in other words\n\
             drafts     {} new, {} gone, {} changed\n\
             findings   {} added, {} removed\n\
             unaffected {} of {} cases\n\n",
            totals.decisions,
            totals.reworded,
            totals.drafts_new,
            totals.drafts_gone,
            totals.drafts_other,
            totals.added,
            totals.removed,
            totals.unaffected,
            self.rows.len()
        ));
        let mut rows = vec![
            [
                "",
                "asked",
                "in trouble",
                "median case",
                "dearest case",
                "memory",
            ]
            .map(str::to_owned),
        ];
        for (name, load) in [("now", self.before()), ("candidate", self.after())] {
            rows.push([
                name.to_owned(),
                load.asked.to_string(),
                load.trouble.to_string(),
                load.median(),
                load.most(),
                load.memory(),
            ]);
        }
        text.push_str(&grid(&rows));
        if self.erased > 0 {
            text.push_str(&format!(
                "\nLeft out: {} cases whose message is no longer there.\n",
                self.erased
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::department::contract::Triage;

    fn report(originals: bool) -> Report {
        let after = Side {
            asked: true,
            triage: Some(Triage::Ask(vec!["<b>李四</b>住哪里？".to_owned()])),
            ..Side::default()
        };
        Report {
            department: "parks".to_owned(),
            at: "2026-09-01T08:00:00+08:00".to_owned(),
            candidate: Party {
                name: "parks".to_owned(),
                version: "1.0.0".to_owned(),
                release: None,
                sha256: "ab".repeat(32),
            },
            current: None,
            erased: 0,
            originals,
            rows: vec![
                Row {
                    number: "YZ1".to_owned(),
                    subject: Some("<i>树</i>".to_owned()),
                    effect: Effect::between(Side::default(), after),
                },
                Row {
                    number: "YZ2".to_owned(),
                    subject: None,
                    effect: Effect::between(Side::default(), Side::default()),
                },
            ],
        }
    }

    #[test]
    fn texts_are_shown_only_where_they_are_wanted() {
        let closed = report(false);
        let open = report(true);
        for (text, shown) in [
            (closed.text(), false),
            (closed.html().expect("a page"), false),
            (closed.json().to_string(), false),
            (open.text(), true),
            (open.html().expect("a page"), true),
            (open.json().to_string(), true),
        ] {
            assert_eq!(text.contains("李四"), shown, "{text}");
            assert!(text.contains("none → ask"), "{text}");
        }
        assert_eq!(closed.totals().decisions, 1);
        assert_eq!(closed.totals().unaffected, 1);
    }

    #[test]
    fn nothing_on_the_page_is_unescaped() {
        let page = report(true).html().expect("a page");
        assert!(!page.contains("<b>") && !page.contains("<i>"), "{page}");
        assert!(!page.contains("<script"));
    }
}
