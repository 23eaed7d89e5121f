//! Whether an actor may take an action on a case.

use crate::actor::{Actor, Role};
use crate::event::Hold;
use crate::fold::Case;
use crate::lifecycle::Action;
use crate::state::State;

/// Why an action is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The table does not give this action to the actor's role.
    #[error("this role may not do that")]
    Role,
    /// The case is with another department.
    #[error("the case is with another department")]
    Department,
    /// The case is not in a state for it.
    #[error("a case that is {} cannot be given the action", .state.name())]
    State {
        /// The state it is in.
        state: State,
    },
    /// The author of an answer may not review it.
    #[error("the author of an answer may not review it")]
    TwoPersons,
    /// A department may return a case once, and none after adjudication.
    #[error("the case may not be returned again")]
    ReturnedBefore,
    /// It is disputed: it must be adjudicated, not just assigned.
    #[error("the case was returned and must be adjudicated")]
    MustBeAdjudicated,
    /// It is not disputed: there is nothing to adjudicate.
    #[error("the case was not returned")]
    NotDisputed,
    /// Nobody asked for more time.
    #[error("no extension was requested")]
    NoExtensionPending,
    /// More time has been asked for already.
    #[error("an extension request is pending")]
    ExtensionPending,
    /// The case is not held for a person.
    #[error("the case is not held")]
    NotHeld,
    /// The case is an emergency already.
    #[error("the case is an emergency already")]
    AlreadyEmergency,
    /// The case is no emergency.
    #[error("the case is no emergency")]
    NotEmergency,
    /// Nothing is left to be done after the answer.
    #[error("no follow-up is planned")]
    NoFollowUp,
    /// No public copy stands on the site.
    #[error("the case is not public")]
    NotPublic,
}

impl Case {
    /// Checks `action` by `actor` against the life-cycle table and the rules
    /// that depend on the case itself. `centre` is the identifier of the
    /// inquiry centre, for which operators answer.
    ///
    /// The order is the order in which a caller should learn it: role,
    /// department, state, and then what is particular to the action.
    pub fn check(&self, action: Action, actor: &Actor, centre: &str) -> Result<(), Refusal> {
        let row = action.transition();
        let party = actor.party();
        if !row.parties.contains(&party) {
            return Err(Refusal::Role);
        }
        if row.own_department {
            self.check_department(action, actor, centre)?;
        }
        if !row.from.contains(&self.state) {
            return Err(Refusal::State { state: self.state });
        }
        match action {
            Action::Approve | Action::SendBack => {
                let author = self.answer.as_ref().map(|answer| answer.author.as_str());
                if author.is_some() && author == actor.account() {
                    return Err(Refusal::TwoPersons);
                }
            }
            Action::Return => {
                let returned = self
                    .department
                    .as_ref()
                    .is_some_and(|department| self.returned_by.contains(department));
                if self.binding || returned {
                    return Err(Refusal::ReturnedBefore);
                }
            }
            Action::Assign if self.disputed => return Err(Refusal::MustBeAdjudicated),
            Action::Adjudicate if !self.disputed => return Err(Refusal::NotDisputed),
            Action::GrantExtension | Action::RefuseExtension
                if self.extension.pending.is_none() =>
            {
                return Err(Refusal::NoExtensionPending);
            }
            Action::RequestExtension if self.extension.pending.is_some() => {
                return Err(Refusal::ExtensionPending);
            }
            Action::Admit if self.held.is_none() => return Err(Refusal::NotHeld),
            Action::DeclareEmergency if self.emergency.is_some() => {
                return Err(Refusal::AlreadyEmergency);
            }
            Action::EndEmergency if self.emergency.is_none() => return Err(Refusal::NotEmergency),
            Action::FollowUp if self.follow_up.is_none() => return Err(Refusal::NoFollowUp),
            Action::Retract if !self.public => return Err(Refusal::NotPublic),
            _ => {}
        }
        Ok(())
    }

    fn check_department(&self, action: Action, actor: &Actor, centre: &str) -> Result<(), Refusal> {
        let own = match actor {
            Actor::Staff {
                role: Role::Officer,
                department,
                ..
            } => department.as_deref(),
            // What the knowledge base answers, the centre may answer, whoever leads the case.
            Actor::Staff {
                role: Role::Operator,
                ..
            } if action == Action::Answer && self.self_answer => {
                return Ok(());
            }
            Actor::Staff {
                role: Role::Operator,
                ..
            } => Some(centre),
            _ => return Ok(()),
        };
        // Without a department the state decides: nobody leads the case yet, or it was returned.
        match (&self.department, own) {
            (Some(department), Some(own)) if department != own => Err(Refusal::Department),
            (_, None) => Err(Refusal::Department),
            _ => Ok(()),
        }
    }

    /// The queue in which the case waits for a person, if it does.
    pub fn queue(&self) -> Option<Queue> {
        match self.state {
            State::Received => match self.held {
                Some(Hold::NoDispatch(_) | Hold::Spam) => Some(Queue::Intake),
                None => Some(Queue::Classification),
            },
            State::Classified => Some(if self.disputed {
                Queue::Adjudication
            } else {
                Queue::Routing
            }),
            State::Assigned | State::Handling => Some(if self.extension.pending.is_some() {
                Queue::Extension
            } else {
                Queue::Answer
            }),
            State::WaitingCitizen => Some(Queue::Citizen),
            State::Answered => Some(Queue::Review),
            State::Rated => Some(Queue::CallBack),
            _ => None,
        }
    }
}

/// Queues in which cases wait for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Held at intake.
    Intake,
    /// The classify handler abstained, or has not come to it.
    Classification,
    /// The route handler left it to a person, or has not come to it.
    Routing,
    /// Returned by a department.
    Adjudication,
    /// With a department.
    Answer,
    /// A supervisor decides on more time.
    Extension,
    /// Waits for the citizen.
    Citizen,
    /// Waits for a reviewer.
    Review,
    /// The citizen is to be called.
    CallBack,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Queue; 9] = [
        Queue::Intake,
        Queue::Classification,
        Queue::Routing,
        Queue::Adjudication,
        Queue::Answer,
        Queue::Extension,
        Queue::Citizen,
        Queue::Review,
        Queue::CallBack,
    ];

    /// Its name as it stands in JSON and SQL.
    pub fn name(self) -> &'static str {
        match self {
            Queue::Intake => "intake",
            Queue::Classification => "classification",
            Queue::Routing => "routing",
            Queue::Adjudication => "adjudication",
            Queue::Answer => "answer",
            Queue::Extension => "extension",
            Queue::Citizen => "citizen",
            Queue::Review => "review",
            Queue::CallBack => "call-back",
        }
    }

    /// The queue of that name.
    pub fn from_name(name: &str) -> Option<Queue> {
        Queue::ALL.into_iter().find(|queue| queue.name() == name)
    }
}
