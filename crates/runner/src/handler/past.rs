//! What handlers saw at a past event of a case: made again out of the events and documents up to it.

use crate::database::Connection;
use anyhow::{Context, Result};
use case::event::{CaseKind, Urgency};
use case::time::Offset;
use case::{Case, Event, EventData};
use host::department::contract::{self, AnswerText, Article, Inquiry};
use serde_json::Value as Json;
use store::{articles, cases};

/// All that is kept of a case.
pub(super) struct Past {
    pub(super) number: String,
    pub(super) events: Vec<Event>,
    documents: Vec<(u32, Json)>,
}

impl Past {
    /// Reads the case `number`; none where there is no such case.
    pub(super) async fn read(connection: &mut Connection, number: &str) -> Result<Option<Past>> {
        let Some(case) = cases::load(connection, number).await? else {
            return Ok(None);
        };
        Ok(Some(Past {
            number: number.to_owned(),
            events: cases::history_of(connection, &case).await?,
            documents: cases::documents_of(connection, &case).await?,
        }))
    }

    /// The case as it was before event `sequence`.
    pub(super) fn before(&self, sequence: u32) -> Result<Case> {
        let earlier = self.events.iter().filter(|event| event.sequence < sequence);
        Case::fold(&self.number, earlier)
            .with_context(|| format!("the events of {} do not add up", self.number))
    }

    /// What was written at event `sequence`; none where nothing was, or where it was erased.
    pub(super) fn document(&self, sequence: u32) -> Option<&Json> {
        self.documents
            .iter()
            .find(|(other, _)| *other == sequence)
            .map(|(_, document)| document)
    }

    /// The inquiry as handlers saw it at `case`; none where the message is no longer there.
    pub(super) fn inquiry(&self, case: &Case, supplements: Vec<String>) -> Option<Inquiry> {
        let original = self.document(1)?;
        let text = |name: &str| original[name].as_str().map(str::to_owned);
        Some(Inquiry {
            number: case.number.clone(),
            language: case.language.clone(),
            kind: kind(case.kind),
            urgency: urgency(case.urgency),
            subject: text("subject").unwrap_or_default(),
            body: text("body").unwrap_or_default(),
            division: case.division.clone(),
            address: text("address"),
            category: case.category.clone(),
            supplements,
        })
    }

    /// What the citizen had added by then, oldest first.
    pub(super) fn supplements(&self, case: &Case) -> Vec<String> {
        self.events
            .iter()
            .filter(|event| event.sequence <= case.sequence)
            .filter(|event| matches!(event.data, EventData::Supplemented | EventData::Replied))
            .filter_map(|event| {
                let text = self.document(event.sequence)?["text"].as_str()?;
                Some(text.to_owned())
            })
            .collect()
    }

    /// The answer that stood at `case`.
    pub(super) fn answer(&self, case: &Case) -> Option<AnswerText> {
        let answered = case.answer.as_ref()?;
        let document = self.document(answered.sequence)?;
        Some(AnswerText {
            department: answered.department.clone(),
            body: document["text"].as_str().unwrap_or_default().to_owned(),
            basis: serde_json::from_value(document["basis"].clone()).unwrap_or_default(),
            contact: document["contact"].as_str().map(str::to_owned),
        })
    }
}

/// The articles that the knowledge base offers for `inquiry` now, stale as they were on `date`.
pub(super) async fn offered(
    connection: &mut Connection,
    inquiry: &Inquiry,
    most: u32,
    date: &str,
) -> Result<Vec<Article>> {
    let found = articles::candidates(
        connection,
        &inquiry.subject,
        &inquiry.body,
        &inquiry.supplements,
        most,
    )
    .await?;
    Ok(found
        .into_iter()
        .map(|article| Article {
            stale: article.review_by.as_str() < date,
            id: article.id,
            title: article.title,
            title_en: article.title_en,
            questions: article.questions,
            keywords: article.keywords,
            body: article.body,
            body_en: article.body_en,
            basis: article.basis,
            department: article.department,
            category: article.category,
            updated: article.updated,
        })
        .collect())
}

/// The date of an event in the district.
pub(super) fn date(event: &Event, offset: Offset) -> String {
    event.at.date(offset).to_string()
}

fn kind(kind: CaseKind) -> contract::CaseKind {
    match kind {
        CaseKind::Complaint => contract::CaseKind::Complaint,
        CaseKind::Consultation => contract::CaseKind::Consultation,
        CaseKind::Help => contract::CaseKind::Help,
        CaseKind::Report => contract::CaseKind::Report,
        CaseKind::Suggestion => contract::CaseKind::Suggestion,
    }
}

fn urgency(urgency: Urgency) -> contract::Urgency {
    match urgency {
        Urgency::Normal => contract::Urgency::Normal,
        Urgency::Urgent => contract::Urgency::Urgent,
        Urgency::Emergency => contract::Urgency::Emergency,
    }
}
