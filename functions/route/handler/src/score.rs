//! What speaks for a department.

use model::Grams;
use text::View;

use crate::{Candidate, Inquiry, Responsibility};

/// Points for leading in the very category, and in one above or below it.
const EXACT: u32 = 600;
const NEAR: u32 = 250;
/// Taking part counts a third of leading.
const PART: u32 = 3;
/// Points for a duty in the citizen's words, by its length in characters, in
/// the body; in the subject they count twice.
const DUTY: u32 = 30;
const DUTIES: u32 = 360;
/// Points for being named, for names of some length only.
const NAMED: u32 = 120;
/// Points of a town's office for the citizen's own choice of it, and for its
/// name in the text.
const CHOSEN: u32 = 120;
const MENTIONED: u32 = 80;

/// The words of an inquiry.
pub(crate) struct Words {
    subject: Text,
    body: Text,
    place: Text,
}

/// A text with its pairs of characters, which tell at once of most phrases
/// that they do not occur.
struct Text {
    view: View,
    pairs: Vec<(char, char)>,
}

impl Text {
    fn new(text: &str) -> Self {
        let view = View::new(text);
        let mut pairs: Vec<(char, char)> = view
            .chars()
            .windows(2)
            .map(|pair| (pair[0], pair[1]))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self { view, pairs }
    }

    /// Whether `phrase` of two characters or more occurs. Phrases are short,
    /// so that looking at each place is linear enough.
    fn holds(&self, phrase: &str) -> bool {
        let mut first = phrase.chars().filter_map(text::fold);
        let (Some(a), Some(b)) = (first.next(), first.next()) else {
            return false;
        };
        if self.pairs.binary_search(&(a, b)).is_err() {
            return false;
        }
        let phrase = View::new(phrase);
        self.view
            .chars()
            .windows(phrase.chars().len())
            .any(|part| part == phrase.chars())
    }
}

impl Words {
    /// The words of `inquiry`, with the supplements in the body.
    pub fn of(inquiry: &Inquiry) -> Self {
        let body = std::iter::once(inquiry.body.as_str())
            .chain(inquiry.supplements.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("\n");
        Self {
            subject: Text::new(&inquiry.subject),
            body: Text::new(&body),
            place: Text::new(inquiry.address.as_deref().unwrap_or_default()),
        }
    }
}

impl Words {
    /// What the model sees: of the subject, and of the rest.
    pub fn grams(&self) -> (Grams, Grams) {
        (Grams::of(&self.subject.view), Grams::of(&self.body.view))
    }
}

/// What speaks for a candidate.
pub(crate) struct Score<'c> {
    pub candidate: &'c Candidate,
    pub points: u32,
    /// The part of the points that concerns the matter, not place or name.
    pub matter: u32,
    pub responsibility: Option<&'c Responsibility>,
    /// It should take part beside the first.
    pub takes_part: bool,
    pub reasons: Vec<String>,
}

impl<'c> Score<'c> {
    /// The score of `candidate`; `None` if it is the office of another town
    /// than the citizen's.
    pub fn of(candidate: &'c Candidate, inquiry: &Inquiry, words: &Words) -> Option<Self> {
        let elsewhere = matches!(
            (&candidate.division, &inquiry.division),
            (Some(own), Some(chosen)) if own != chosen
        );
        if elsewhere {
            return None;
        }
        let mut score = Self {
            candidate,
            points: 0,
            matter: 0,
            responsibility: None,
            takes_part: false,
            reasons: Vec::new(),
        };
        if let Some(category) = &inquiry.category {
            score.category(category);
        }
        score.duties(words);
        score.points = score.matter;
        score.names(words);
        score.place(inquiry, words);
        Some(score)
    }

    /// The best entry of the responsibility list for `category`.
    fn category(&mut self, category: &str) {
        let worth = |entry: &Responsibility| {
            let fits = entry.categories.iter().map(|own| match () {
                _ if own == category => EXACT,
                _ if below(own, category) || below(category, own) => NEAR,
                _ => 0,
            });
            let points = fits.max().unwrap_or(0);
            if entry.lead { points } else { points / PART }
        };
        // Of equals the first entry stands.
        let best = self
            .candidate
            .responsibilities
            .iter()
            .rev()
            .max_by_key(|entry| worth(entry));
        let Some(entry) = best.filter(|entry| worth(entry) > 0) else {
            return;
        };
        self.matter += worth(entry);
        self.responsibility = Some(entry);
        self.reasons.push(format!("category:{category}"));
        self.takes_part = self
            .candidate
            .responsibilities
            .iter()
            .any(|entry| !entry.lead && entry.categories.iter().any(|own| own == category));
    }

    fn duties(&mut self, words: &Words) {
        let mut points = 0;
        for duty in &self.candidate.duties {
            let factor = match () {
                _ if words.subject.holds(duty) => 2,
                _ if words.body.holds(duty) => 1,
                _ => continue,
            };
            points += DUTY * factor * duty.chars().count().min(6) as u32;
            self.reasons.push(format!("duty:{duty}"));
        }
        self.matter += points.min(DUTIES);
    }

    fn names(&mut self, words: &Words) {
        let named = self.candidate.names.iter().find(|name| {
            name.chars().count() >= 3 && (words.subject.holds(name) || words.body.holds(name))
        });
        if let Some(name) = named {
            self.points += NAMED;
            self.reasons.push(format!("name:{name}"));
        }
    }

    /// A town's office is nearer to what is in its town; but only the matter
    /// makes the case its own.
    fn place(&mut self, inquiry: &Inquiry, words: &Words) {
        let Some(own) = &self.candidate.division else {
            return;
        };
        let mentioned = || {
            self.candidate.names.iter().any(|name| {
                words.place.holds(name) || words.subject.holds(name) || words.body.holds(name)
            })
        };
        let points = match () {
            _ if inquiry.division.as_ref() == Some(own) => CHOSEN,
            _ if mentioned() => MENTIONED,
            _ => return,
        };
        self.points += points;
        self.reasons.push(format!("place:{own}"));
    }
}

/// Whether the category `child` is below `parent`.
fn below(child: &str, parent: &str) -> bool {
    child
        .strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with('.'))
}
