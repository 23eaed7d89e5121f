//! The grammar of names: components, variables, dependencies.

use semver::Version;
use std::fmt;

/// Why `name` is not words of one kind of case joined by `delimiter`, each beginning with a letter.
fn words(name: &str, delimiter: char, upper: bool) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    for word in name.split(delimiter) {
        let Some(first) = word.chars().next() else {
            return Err("it has an empty word");
        };
        if !first.is_ascii_alphabetic() {
            return Err("each of its words must begin with a letter a-z");
        }
        if !word.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(if delimiter == '-' {
                "only letters, digits and single `-` between words may stand in it"
            } else {
                "only letters, digits and single `_` between words may stand in it"
            });
        }
        let lower = !word.chars().any(|c| c.is_ascii_uppercase());
        let all_upper = !word.chars().any(|c| c.is_ascii_lowercase());
        if !(lower || upper && all_upper) {
            return Err("it must be in lower case");
        }
    }
    Ok(())
}

/// Checks a component id or a WIT name: `kebab-case`.
pub(crate) fn kebab(name: &str) -> Result<(), &'static str> {
    words(name, '-', true)
}

/// Checks a database label: `kebab-case` or `snake_case`.
pub(crate) fn label(name: &str) -> Result<(), &'static str> {
    words(name, '-', true).or_else(|why| words(name, '_', true).map_err(|_| why))
}

/// Checks a variable's name: `lower_snake_case`.
pub(crate) fn variable(name: &str) -> Result<(), &'static str> {
    words(name, '_', false)
}

/// The name of a dependency, which says the imports it is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyName {
    /// `parks`: the import of just this name.
    Plain(String),
    /// `ns:package`, `ns:package/interface`, each with `@1.2.3` or without: the imports out of this package.
    Package {
        /// `ns:package`.
        package: String,
        /// The interface; without it every interface of the package.
        interface: Option<String>,
        /// The version, exactly; without it any.
        version: Option<Version>,
    },
}

impl DependencyName {
    /// Reads a dependency's name.
    ///
    /// # Errors
    /// A half sentence that says what is wrong with it.
    pub fn parse(name: &str) -> Result<Self, String> {
        if !name.contains([':', '/']) {
            return match kebab(name) {
                Ok(()) => Ok(Self::Plain(name.to_owned())),
                Err(why) => Err(why.to_owned()),
            };
        }
        let (path, version) = match name.split_once('@') {
            Some((path, version)) => {
                let version = Version::parse(version)
                    .map_err(|_| format!("`{version}` is not a version such as 1.0.0"))?;
                (path, Some(version))
            }
            None => (name, None),
        };
        let (package, interface) = match path.split_once('/') {
            Some((package, interface)) => (package, Some(interface)),
            None => (path, None),
        };
        let (namespace, package_name) = package
            .split_once(':')
            .ok_or("a package is written namespace:name")?;
        for word in [namespace, package_name].into_iter().chain(interface) {
            if word.is_empty() {
                return Err("a name is missing beside `:` or `/`".to_owned());
            }
            kebab(word).map_err(|why| format!("`{word}`: {why}"))?;
        }
        Ok(Self::Package {
            package: package.to_owned(),
            interface: interface.map(str::to_owned),
            version,
        })
    }

    /// Whether an import called `import` (as it stands in a component) is one this dependency is for.
    pub fn matches(&self, import: &str) -> bool {
        match (self, Self::parse(import)) {
            (Self::Plain(name), _) => name == import,
            (
                Self::Package {
                    package,
                    interface,
                    version,
                },
                Ok(Self::Package {
                    package: import_package,
                    interface: Some(import_interface),
                    version: import_version,
                }),
            ) => {
                *package == import_package
                    && interface
                        .as_ref()
                        .is_none_or(|own| *own == import_interface)
                    && (version.is_none() || *version == import_version)
            }
            _ => false,
        }
    }

    /// `ns:package`, if it is not a plain name.
    pub(crate) fn package(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::Package { package, .. } => Some(package),
        }
    }

    /// Whether one import could be matched by both as Spin sees it, which refuses two such dependencies in one
    /// component.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (
            Self::Package {
                package: a,
                interface: a_interface,
                version: a_version,
            },
            Self::Package {
                package: b,
                interface: b_interface,
                version: b_version,
            },
        ) = (self, other)
        else {
            return self == other;
        };
        let interfaces_differ = matches!((a_interface, b_interface), (Some(a), Some(b)) if a != b);
        let versions_differ = matches!((a_version, b_version),
            (Some(a), Some(b)) if compatibility(a) != compatibility(b));
        a == b && !interfaces_differ && !versions_differ
    }
}

/// The part of a version that semantic versioning lets no compatible release change.
fn compatibility(version: &Version) -> (u64, u64, u64, &str) {
    match version {
        v if !v.pre.is_empty() => (v.major, v.minor, v.patch, v.pre.as_str()),
        v if v.major > 0 => (v.major, 0, 0, ""),
        v if v.minor > 0 => (0, v.minor, 0, ""),
        v => (0, 0, v.patch, ""),
    }
}

impl fmt::Display for DependencyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(name),
            Self::Package {
                package,
                interface,
                version,
            } => {
                f.write_str(package)?;
                if let Some(interface) = interface {
                    write!(f, "/{interface}")?;
                }
                if let Some(version) = version {
                    write!(f, "@{version}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DependencyName {
        DependencyName::parse(text).expect("a dependency name")
    }

    #[test]
    fn dependency_names_match_the_imports_they_are_for() {
        for (dependency, import, wanted) in [
            ("a:b/c@1.0.0", "a:b/c@1.0.0", true),
            ("a:b/c@1.0.0", "a:b/c@1.0.1", false),
            ("a:b/c@1.0.0", "a:b/c", false),
            ("a:b/c", "a:b/c@1.0.1", true),
            ("a:b/c", "a:b/cc@1.0.1", false),
            ("a:b@1.0.0", "a:b/c@1.0.0", true),
            ("a:b@1.0.0", "a:b/c", false),
            ("a:b", "a:b/c", true),
            ("a:b", "a:bb/c", false),
            ("a:b/c", "c", false),
            ("parks", "parks", true),
            ("parks", "a:parks/parks", false),
        ] {
            assert_eq!(
                name(dependency).matches(import),
                wanted,
                "{dependency} {import}"
            );
        }
    }

    #[test]
    fn dependency_names_overlap_as_in_spin() {
        for (a, b, wanted) in [
            ("a:b/c@1.0.0", "a:b/c@1.1.0", true),
            ("a:b/c@1.0.0", "a:b/c@2.0.0", false),
            ("a:b/c@0.1.0", "a:b/c@0.2.0", false),
            ("a:b/c", "a:b/d", false),
            ("a:b", "a:b/d", true),
            ("a:b", "a:c", false),
            ("x", "x", true),
            ("x", "y", false),
        ] {
            assert_eq!(name(a).overlaps(&name(b)), wanted, "{a} {b}");
            assert_eq!(name(b).overlaps(&name(a)), wanted, "{b} {a}");
        }
    }

    #[test]
    fn bad_names_are_refused() {
        for bad in [
            "", "a_b", "a:b/c@1", "a:", "a/b", ":a", "a:b/", "Ab", "a--b", "1a",
        ] {
            assert!(DependencyName::parse(bad).is_err(), "{bad}");
        }
        for (label_name, good) in [
            ("default", true),
            ("a_b", true),
            ("a-b", true),
            ("a-b_c", false),
        ] {
            assert_eq!(label(label_name).is_ok(), good, "{label_name}");
        }
        for (variable_name, good) in [
            ("a_b2", true),
            ("A", false),
            ("a__b", false),
            ("_a", false),
            ("a-b", false),
        ] {
            assert_eq!(variable(variable_name).is_ok(), good, "{variable_name}");
        }
    }
}
