//! A department as the handler of `route` is offered it.

use case::district::{Department, Role};
use host::route::{Candidate, Responsibility};

/// What the function `route` makes of a department, in the host's types.
pub(crate) fn of(department: &Department) -> Candidate {
    Candidate {
        department: department.id.clone(),
        names: department.names().map(str::to_owned).collect(),
        division: department.division.clone(),
        duties: department.duties.clone(),
        responsibilities: department
            .responsibilities
            .iter()
            .map(|entry| Responsibility {
                id: entry.id.clone(),
                title: entry.title.clone(),
                basis: entry.basis.clone(),
                categories: entry.categories.clone(),
                lead: entry.role == Role::Lead,
            })
            .collect(),
    }
}
