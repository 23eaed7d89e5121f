//! What a member of staff sees of a case.

use case::{Case, Role, State};
use store::accounts::Account;

/// How much of the citizen's contact is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactSight {
    /// All of it: who has to call back.
    Full,
    /// Masked.
    Masked,
    /// Nothing.
    Nothing,
}

/// Roles that have a part in cases at all. Reporters see what is public, at
/// its public address; administrators keep accounts.
pub const ROLES: [Role; 6] = [
    Role::Operator,
    Role::Officer,
    Role::Reviewer,
    Role::Supervisor,
    Role::Leader,
    Role::Duty,
];

/// What `account` sees of `case`; none when the case is none of its business,
/// and for such an account the case does not exist.
pub fn of(account: &Account, case: &Case) -> Option<ContactSight> {
    match account.role {
        Role::Operator | Role::Duty => Some(ContactSight::Full),
        Role::Supervisor | Role::Leader => Some(ContactSight::Masked),
        Role::Officer => {
            let own = account.department.as_deref()?;
            if case.department.as_deref() == Some(own) {
                Some(ContactSight::Full)
            } else {
                let takes_part = case.co_handling.iter().any(|department| department == own);
                takes_part.then_some(ContactSight::Masked)
            }
        }
        // Whoever reviews an answer needs the question, not the person.
        Role::Reviewer => case
            .answer
            .is_some()
            .then_some(case.state)
            .filter(|state| {
                !matches!(
                    state,
                    State::Handling | State::WaitingCitizen | State::Assigned
                )
            })
            .map(|_| ContactSight::Nothing),
        Role::Reporter | Role::Admin => None,
    }
}
