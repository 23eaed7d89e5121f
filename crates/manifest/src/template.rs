//! Strings with `{{ variable }}` in them.

use crate::names;

/// Text with references to application variables, as in `https://{{ api_host }}/users`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{{` has no `}}` after it.
    #[error("`{{{{` is not closed by `}}}}`")]
    Unclosed,
    /// What stands between the braces cannot be a variable's name.
    #[error("`{0}` between braces is not a variable name: {1}")]
    Name(String, &'static str),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`] if braces are not closed or do not hold a variable name.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, after) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
            let name = name.trim();
            names::variable(name).map_err(|why| TemplateError::Name(name.to_owned(), why))?;
            parts.push(Part::Variable(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The variables it refers to, in order, with repetitions.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Whether it refers to no variable.
    pub fn is_literal(&self) -> bool {
        self.variables().next().is_none()
    }

    /// The text with every variable replaced by what `value` gives for it, or the name of the first that it has
    /// nothing for. Values are taken as they are: braces in them are not read again.
    ///
    /// # Errors
    /// The name of a variable that `value` does not know.
    pub fn render<'v>(
        &self,
        mut value: impl FnMut(&str) -> Option<&'v str>,
    ) -> Result<String, &str> {
        let mut text = String::new();
        for part in &self.parts {
            text.push_str(match part {
                Part::Text(literal) => literal,
                Part::Variable(name) => value(name).ok_or(name.as_str())?,
            });
        }
        Ok(text)
    }
}

impl std::fmt::Display for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Variable(name) => write!(f, "{{{{ {name} }}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn renders_what_it_names() {
        let template = Template::parse("https://{{ host }}:{{port}}/}}").expect("a template");
        assert_eq!(template.variables().collect::<Vec<_>>(), ["host", "port"]);
        let text = template.render(|name| Some(if name == "host" { "{{ port }}" } else { "1" }));
        assert_eq!(text.as_deref(), Ok("https://{{ port }}:1/}}"));
        assert_eq!(
            template.render(|name| (name == "host").then_some("x")),
            Err("port")
        );
    }

    #[test]
    fn refuses_bad_braces() {
        assert_eq!(Template::parse("a {{ b"), Err(TemplateError::Unclosed));
        assert!(matches!(
            Template::parse("{{}}"),
            Err(TemplateError::Name(..))
        ));
        assert!(matches!(
            Template::parse("{{ {{ a }}"),
            Err(TemplateError::Name(..))
        ));
        assert!(matches!(
            Template::parse("{{ A }}"),
            Err(TemplateError::Name(..))
        ));
    }

    proptest! {
        #[test]
        fn what_it_shows_reads_back_alike(pieces in prop::collection::vec("[a-z]{1,4}|\\{\\{ [a-z]{1,3} \\}\\}", 0..6)) {
            let text = pieces.concat();
            let template = Template::parse(&text).expect("a template");
            prop_assert_eq!(template.to_string(), text);
        }

        #[test]
        fn never_panics(text in "[{}a ]{0,12}") {
            let _ = Template::parse(&text);
        }
    }
}
