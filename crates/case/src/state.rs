//! The states of a case, in three families.

use serde::{Deserialize, Serialize};

/// Where a case stands.
///
/// "Closed" is never to be read as "solved": every state belongs to one of
/// three [families](Family).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Taken in; it has a number.
    Received,
    /// It has a category.
    Classified,
    /// A department leads it.
    Assigned,
    /// The department has accepted it.
    Handling,
    /// The department asked the citizen for facts; the clock stands still.
    WaitingCitizen,
    /// The department has answered; a reviewer decides.
    Answered,
    /// A reviewer approved the answer.
    Reviewed,
    /// The answer is out: public with the citizen's consent, else for the citizen alone.
    Published,
    /// The citizen rated, and a call decides what follows.
    Rated,
    /// Closed, and solved.
    ClosedSolved,
    /// Not taken on, with a reason.
    Declined,
    /// Taken back by the citizen.
    Withdrawn,
    /// Goes on in another case.
    Merged,
    /// Closed, and on record as not solved.
    ClosedUnsolved,
    /// One of the six lawful outcomes without dispatch: explained to the citizen.
    Explained,
}

/// The three families of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Somebody still has to do something.
    Open,
    /// The citizen has an answer.
    Solved,
    /// It ended without a solution.
    NotSolved,
}

impl State {
    /// Every state, in the order of the life-cycle.
    pub const ALL: [State; 15] = [
        State::Received,
        State::Classified,
        State::Assigned,
        State::Handling,
        State::WaitingCitizen,
        State::Answered,
        State::Reviewed,
        State::Published,
        State::Rated,
        State::ClosedSolved,
        State::Declined,
        State::Withdrawn,
        State::Merged,
        State::ClosedUnsolved,
        State::Explained,
    ];

    /// The family it belongs to.
    pub fn family(self) -> Family {
        match self {
            State::Received
            | State::Classified
            | State::Assigned
            | State::Handling
            | State::WaitingCitizen
            | State::Answered
            | State::Reviewed => Family::Open,
            State::Published | State::Rated | State::ClosedSolved => Family::Solved,
            State::Declined
            | State::Withdrawn
            | State::Merged
            | State::ClosedUnsolved
            | State::Explained => Family::NotSolved,
        }
    }

    /// Its name as it stands in JSON, SQL and addresses.
    pub fn name(self) -> &'static str {
        match self {
            State::Received => "received",
            State::Classified => "classified",
            State::Assigned => "assigned",
            State::Handling => "handling",
            State::WaitingCitizen => "waiting-citizen",
            State::Answered => "answered",
            State::Reviewed => "reviewed",
            State::Published => "published",
            State::Rated => "rated",
            State::ClosedSolved => "closed-solved",
            State::Declined => "declined",
            State::Withdrawn => "withdrawn",
            State::Merged => "merged",
            State::ClosedUnsolved => "closed-unsolved",
            State::Explained => "explained",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }
}
