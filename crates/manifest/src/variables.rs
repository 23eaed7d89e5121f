//! Giving variables their values.

use crate::hosts::AllowedHosts;
use crate::model::Manifest;
use crate::names;
use crate::problem::{Located, Problem};
use crate::template::Template;
use crate::validate::parse_host;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// What a variable's name has in front of it in the environment, upper case follows.
const PREFIX: &str = "SPIN_VARIABLE_";

/// Where values come from; the first that has one wins: the command line, the environment
/// (`SPIN_VARIABLE_<NAME>`), the file `.env`, and after all of them the default in the manifest.
#[derive(Clone, Default)]
pub struct Providers {
    arguments: HashMap<String, String>,
    /// By the full name.
    environment: HashMap<String, String>,
    /// By the full name.
    dotenv: HashMap<String, String>,
}

/// Why a provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// An argument is not `name=value` with a proper name. The value is not shown.
    #[error("`--variable {0}…` is not name=value with a name in lower_snake_case")]
    Argument(String),
    /// A value in the environment is not text.
    #[error("the environment variable {0} is not UTF-8")]
    Environment(String),
    /// The file `.env` cannot be read. The text is not shown, since it may hold secrets.
    #[error("{} cannot be read as a list of NAME=value (line {line})", path.display())]
    Dotenv {
        /// The file.
        path: PathBuf,
        /// The line that cannot be read, from 1, among those that hold something; 0 if the file cannot be opened.
        line: usize,
    },
}

impl Providers {
    /// The providers of this process: `arguments` of the form `name=value` from the command line, the environment,
    /// and `.env` in the current folder if there is one.
    ///
    /// # Errors
    /// [`ProviderError`] if one of them cannot be read.
    pub fn of_process<S: AsRef<str>>(arguments: &[S]) -> Result<Self, ProviderError> {
        let mut providers = Self::default();
        for argument in arguments {
            providers.argument(argument.as_ref())?;
        }
        providers.environment(std::env::vars_os())?;
        providers.dotenv(Path::new(".env"))?;
        Ok(providers)
    }

    /// Adds one `name=value` of the command line. Of two values for one name the last counts.
    ///
    /// # Errors
    /// [`ProviderError::Argument`].
    pub fn argument(&mut self, argument: &str) -> Result<(), ProviderError> {
        let name = argument.split('=').next().unwrap_or_default();
        match argument.split_once('=') {
            Some((name, value)) if names::variable(name).is_ok() => {
                self.arguments.insert(name.to_owned(), value.to_owned());
                Ok(())
            }
            _ => Err(ProviderError::Argument(name.to_owned())),
        }
    }

    /// Adds what an environment holds under `SPIN_VARIABLE_`.
    ///
    /// # Errors
    /// [`ProviderError::Environment`].
    pub fn environment(
        &mut self,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(), ProviderError> {
        for (name, value) in environment {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if name.starts_with(PREFIX) {
                let value = value
                    .into_string()
                    .map_err(|_| ProviderError::Environment(name.clone()))?;
                self.environment.insert(name, value);
            }
        }
        Ok(())
    }

    /// Adds what the file at `path` holds under `SPIN_VARIABLE_`; nothing if there is no such file.
    ///
    /// # Errors
    /// [`ProviderError::Dotenv`].
    pub fn dotenv(&mut self, path: &Path) -> Result<(), ProviderError> {
        if !path.exists() {
            return Ok(());
        }
        let error = |line| ProviderError::Dotenv {
            path: path.to_owned(),
            line,
        };
        let lines = dotenvy::from_path_iter(path).map_err(|_| error(0))?;
        for (index, line) in lines.enumerate() {
            let (name, value) = line.map_err(|_| error(index + 1))?;
            if name.starts_with(PREFIX) {
                // As with dotenv everywhere, the first value counts.
                self.dotenv.entry(name).or_insert(value);
            }
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Option<&str> {
        if let Some(value) = self.arguments.get(name) {
            return Some(value);
        }
        let name = format!("{PREFIX}{}", name.to_ascii_uppercase());
        let value = self
            .environment
            .get(&name)
            .or_else(|| self.dotenv.get(&name));
        value.map(String::as_str)
    }

    /// Gives every variable of the manifest its value, and every component its own.
    ///
    /// # Errors
    /// Each required variable that no provider has a value for, with the line that requires it.
    pub fn resolve(&self, manifest: &Manifest) -> Result<Variables, Vec<Problem>> {
        let mut application = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, variable) in &manifest.variables {
            let Some(text) = self.value(name).or(variable.default.as_deref()) else {
                problems.push(manifest.error(
                    variable.position,
                    format!(
                        "variable `{name}` is required and has no value; give --variable {name}=… or set {PREFIX}{}",
                        name.to_ascii_uppercase()
                    ),
                ));
                continue;
            };
            let value = Value {
                text: text.to_owned(),
                secret: variable.secret,
            };
            application.insert(name.clone(), value);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut variables = Variables {
            application,
            components: BTreeMap::new(),
        };
        for (id, component) in &manifest.components {
            let mut values = BTreeMap::new();
            for (name, template) in &component.variables {
                match variables.render(template) {
                    Ok(value) => {
                        values.insert(name.clone(), value);
                    }
                    Err(message) => problems.push(manifest.error(template.position, message)),
                }
            }
            variables.components.insert(id.clone(), values);
        }
        if problems.is_empty() {
            Ok(variables)
        } else {
            Err(problems)
        }
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers").finish_non_exhaustive()
    }
}

/// A variable's value. Its [`fmt::Debug`] shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    text: String,
    secret: bool,
}

impl Value {
    /// The value itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is, or was made of, the value of a secret variable.
    pub fn is_secret(&self) -> bool {
        self.secret
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value")
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

/// The values of all variables of an application.
#[derive(Clone, Debug)]
pub struct Variables {
    application: BTreeMap<String, Value>,
    components: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Variables {
    /// The values that the component `id` can read, by its own names for them.
    pub fn of_component(&self, id: &str) -> Option<&BTreeMap<String, Value>> {
        self.components.get(id)
    }

    /// The value of a variable of the application.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.application.get(name)
    }

    /// The addresses that the component `id` may call.
    ///
    /// # Errors
    /// Each entry that is not an allowed host once its variables have their values. The message does not show the
    /// value of a secret variable.
    pub fn allowed_hosts(
        &self,
        manifest: &Manifest,
        id: &str,
    ) -> Result<AllowedHosts, Vec<Problem>> {
        let mut hosts = AllowedHosts::default();
        let mut problems = Vec::new();
        let list = manifest
            .components
            .get(id)
            .map_or(&[][..], |component| &component.allowed_outbound_hosts);
        for template in list {
            match self.host(template) {
                Ok(Some(host)) => hosts.push(host),
                Ok(None) => {}
                Err(message) => problems.push(manifest.error(template.position, message)),
            }
        }
        if problems.is_empty() {
            Ok(hosts)
        } else {
            Err(problems)
        }
    }

    fn host(&self, template: &Located<Template>) -> Result<Option<crate::AllowedHost>, String> {
        let value = self.render(template)?;
        parse_host(template, &value.text).map_err(|why| {
            if value.secret {
                format!(
                    "`{}` is not an allowed host with the value that its variable has",
                    template.value
                )
            } else {
                why
            }
        })
    }

    fn render(&self, template: &Template) -> Result<Value, String> {
        let text = template
            .render(|name| Some(self.application.get(name)?.as_str()))
            .map_err(|name| {
                format!("`{template}` refers to the variable `{name}`, which is not in [variables]")
            })?;
        let secret = template
            .variables()
            .any(|name| self.application.get(name).is_some_and(Value::is_secret));
        Ok(Value { text, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "x"
[variables]
city = { default = "Ningbo" }
key = { required = true, secret = true }
api = { default = "" }
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "a.wasm"
variables = { place = "{{ city }}!", sealed = "k={{ key }}", fixed = "1" }
allowed_outbound_hosts = ["https://{{ city }}.example.com", "{{ api }}", "https://{{ key }}"]
"#;

    fn manifest() -> Manifest {
        Manifest::parse(Path::new("spin.toml"), MANIFEST).expect("a manifest")
    }

    fn environment(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn the_first_provider_wins() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        writeln!(
            file,
            "SPIN_VARIABLE_CITY=from-file\nOTHER=1\nSPIN_VARIABLE_KEY=\"from file\""
        )
        .expect("written");
        let mut providers = Providers::default();
        let city = |providers: &Providers| providers.value("city").map(str::to_owned);
        assert_eq!(city(&providers), None);
        providers.dotenv(file.path()).expect("a list");
        assert_eq!(city(&providers).as_deref(), Some("from-file"));
        providers
            .environment(environment(&[
                ("SPIN_VARIABLE_CITY", "from-env"),
                ("CITY", "no"),
            ]))
            .expect("text");
        assert_eq!(city(&providers).as_deref(), Some("from-env"));
        providers.argument("city=from=cli").expect("an argument");
        assert_eq!(city(&providers).as_deref(), Some("from=cli"));
        assert_eq!(providers.value("key"), Some("from file"));
        assert_eq!(providers.value("other"), None);
    }

    #[test]
    fn bad_providers_say_so_without_the_value() {
        let mut providers = Providers::default();
        for bad in ["City=secret", "=secret", "city"] {
            let error = providers.argument(bad).expect_err(bad).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        writeln!(file, "A=1\nSPIN_VARIABLE_KEY='hidden").expect("written");
        let error = providers
            .dotenv(file.path())
            .expect_err("an open quote")
            .to_string();
        assert!(
            !error.contains("hidden") && error.contains("(line 2)"),
            "{error}"
        );
        providers
            .dotenv(Path::new("no/such/.env"))
            .expect("a missing file is none");
    }

    #[test]
    fn a_required_variable_without_a_value_is_named_with_its_line() {
        let problems = Providers::default()
            .resolve(&manifest())
            .expect_err("a problem");
        assert_eq!(
            problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "spin.toml:7: variable `key` is required and has no value; give --variable key=… or set SPIN_VARIABLE_KEY"
            ]
        );
    }

    #[test]
    fn components_get_their_own_values() {
        let manifest = manifest();
        let mut providers = Providers::default();
        providers.argument("key=hush.example").expect("an argument");
        let variables = providers.resolve(&manifest).expect("values");
        let own = variables.of_component("a").expect("component a");
        let values: Vec<_> = own
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str(), value.is_secret()))
            .collect();
        assert_eq!(
            values,
            [
                ("fixed", "1", false),
                ("place", "Ningbo!", false),
                ("sealed", "k=hush.example", true)
            ]
        );
        assert!(!format!("{variables:?} {providers:?}").contains("hush"));
        assert!(!format!("{variables:?}").contains("Ningbo"));
        assert!(variables.of_component("b").is_none());
        let hosts = variables.allowed_hosts(&manifest, "a").expect("hosts");
        assert!(hosts.allows("https", "ningbo.example.com", 443));
        assert!(hosts.allows("https", "hush.example", 443));
        assert!(!hosts.allows("https", "example.com", 443));
    }

    #[test]
    fn a_host_made_of_a_secret_is_not_shown() {
        let manifest = manifest();
        let mut providers = Providers::default();
        providers.argument("key=hush hush").expect("an argument");
        let variables = providers.resolve(&manifest).expect("values");
        let problems = variables
            .allowed_hosts(&manifest, "a")
            .expect_err("a problem");
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].to_string().starts_with("spin.toml:15: "),
            "{}",
            problems[0]
        );
        assert!(!problems[0].to_string().contains("hush"), "{}", problems[0]);
    }
}
