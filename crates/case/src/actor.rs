//! Who acts on a case.

use serde::{Deserialize, Serialize};

/// What a staff account may do; each account has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Takes calls, classifies and routes at the centre, answers for the centre.
    Operator,
    /// Handles the cases of one department.
    Officer,
    /// Reviews answers before they go out.
    Reviewer,
    /// Watches deadlines, adjudicates disputes, grants extensions.
    Supervisor,
    /// Sees everything, orders supervision.
    Leader,
    /// Sits at the duty desk day and night: an operator who may declare emergencies.
    Duty,
    /// Follows public cases for the press.
    Reporter,
    /// Keeps accounts and settings; has no part in cases.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 8] = [
        Role::Operator,
        Role::Officer,
        Role::Reviewer,
        Role::Supervisor,
        Role::Leader,
        Role::Duty,
        Role::Reporter,
        Role::Admin,
    ];

    /// Its name as it stands in JSON and SQL.
    pub fn name(self) -> &'static str {
        match self {
            Role::Operator => "operator",
            Role::Officer => "officer",
            Role::Reviewer => "reviewer",
            Role::Supervisor => "supervisor",
            Role::Leader => "leader",
            Role::Duty => "duty",
            Role::Reporter => "reporter",
            Role::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Who did something: the actor of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Actor {
    /// The citizen whose case it is, known by the query code (or, when the
    /// case is made, nobody in particular).
    Citizen,
    /// A member of staff.
    Staff {
        /// Identifier of the account.
        account: String,
        /// The role in which they acted.
        role: Role,
        /// The department of the account, if it belongs to one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<String>,
    },
    /// A channel adapter, known by its API key.
    Channel {
        /// Identifier of the channel.
        channel: String,
    },
    /// A stage of the pipeline.
    System {
        /// Name of the stage.
        stage: String,
    },
}

/// The kinds of actor that the life-cycle table speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The citizen whose case it is.
    Citizen,
    /// A channel adapter.
    Channel,
    /// The pipeline.
    System,
    /// Staff of a role.
    #[serde(untagged)]
    Staff(Role),
}

impl Actor {
    /// The kind of actor for the life-cycle table.
    pub fn party(&self) -> Party {
        match self {
            Actor::Citizen => Party::Citizen,
            Actor::Staff { role, .. } => Party::Staff(*role),
            Actor::Channel { .. } => Party::Channel,
            Actor::System { .. } => Party::System,
        }
    }

    /// The account of a member of staff.
    pub fn account(&self) -> Option<&str> {
        match self {
            Actor::Staff { account, .. } => Some(account),
            _ => None,
        }
    }
}
