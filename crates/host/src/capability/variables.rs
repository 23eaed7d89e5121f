//! `spin:variables`: what the manifest gives to the component.

use super::Host;
use super::bindings::spin::variables::variables::{self, Error};
use crate::state::State;
use wasmtime::component::Accessor;

impl<T: Send + 'static> variables::HostWithStore<T> for Host {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(accessor.with(
            |mut access| match access.get().definition.variables.get(&name) {
                Some(value) => Ok(value.as_str().to_owned()),
                None if is_name(&name) => Err(Error::Undefined(name)),
                None => Err(Error::InvalidName(name)),
            },
        ))
    }
}

impl variables::Host for State {}

/// Lower-case letters, digits and single underscores between words.
fn is_name(name: &str) -> bool {
    name.split('_').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    }) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_variables() {
        for good in ["a", "city", "api_2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "a__b", "_a", "a_", "2a", "a-b"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
