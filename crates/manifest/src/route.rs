//! The grammar of routes: `/`, `/exact/path`, `/:name/in/path`, `/path/...` and `/...`.

use std::fmt;

/// A public route of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    text: String,
    segments: Vec<Segment>,
    wildcard: bool,
}

/// One part of a route between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Matches itself.
    Literal(String),
    /// `:name` matches any one segment.
    Param(String),
}

/// Why a text is not a route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// It has no slash in front.
    #[error("a route begins with `/`")]
    NoSlash,
    /// It ends with a slash, or two stand side by side.
    #[error("a route has no empty segment: write neither `//` nor a `/` at the end")]
    EmptySegment,
    /// A wildcard somewhere else than at the end, or as `*`.
    #[error("a wildcard is written `/...` and stands at the end of a route")]
    Wildcard,
    /// A parameter without a proper name.
    #[error(
        "`{0}` is not a parameter: write `:name` of letters, digits, `-` and `_` as a whole segment"
    )]
    Param(String),
    /// Two parameters of the same name.
    #[error("the parameter `:{0}` stands in the route twice")]
    Twice(String),
    /// A segment that no request path has.
    #[error("the segment `{0}` cannot stand in a request's path; percent-encode it")]
    Segment(String),
}

impl Route {
    /// Reads a route.
    ///
    /// # Errors
    /// [`RouteError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, RouteError> {
        let (path, wildcard) = match text.strip_suffix("/...") {
            Some(path) => (path, true),
            None => (text, false),
        };
        let mut segments = Vec::new();
        // What is left of `/...` and `/` has no segment at all.
        if !(path.is_empty() && wildcard || path == "/" && !wildcard) {
            let inner = path.strip_prefix('/').ok_or(RouteError::NoSlash)?;
            for segment in inner.split('/') {
                segments.push(parse_segment(segment)?);
            }
        }
        let mut names: Vec<_> = segments.iter().filter_map(Segment::param).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(RouteError::Twice(pair[0].to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
            wildcard,
        })
    }

    /// The route as the manifest has it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The route without its trailing `/...`; empty for `/...` itself.
    pub fn prefix(&self) -> &str {
        self.text.strip_suffix("/...").unwrap_or(&self.text)
    }

    /// Whether it ends with `/...`.
    pub fn is_wildcard(&self) -> bool {
        self.wildcard
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The names of its parameters, in order.
    pub fn params(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(Segment::param)
    }

    /// The route with its parameters' names left out: two routes of the same shape match the same paths.
    pub(crate) fn shape(&self) -> String {
        let mut shape = String::new();
        for segment in &self.segments {
            shape.push('/');
            shape.push_str(match segment {
                Segment::Literal(text) => text,
                Segment::Param(_) => ":",
            });
        }
        if self.wildcard {
            shape.push_str("/...");
        }
        shape
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Segment {
    fn param(&self) -> Option<&str> {
        match self {
            Self::Param(name) => Some(name),
            Self::Literal(_) => None,
        }
    }
}

fn parse_segment(segment: &str) -> Result<Segment, RouteError> {
    if segment.is_empty() {
        return Err(RouteError::EmptySegment);
    }
    if segment == "..." || segment.contains('*') {
        return Err(RouteError::Wildcard);
    }
    if let Some(name) = segment.strip_prefix(':') {
        let mut bytes = name.bytes();
        let good = bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        return if good {
            Ok(Segment::Param(name.to_owned()))
        } else {
            Err(RouteError::Param(segment.to_owned()))
        };
    }
    // RFC 3986 3.3: unreserved, percent-encoded, sub-delimiters, `:` and `@`; dot segments never arrive.
    let good = segment
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~%!$&'()+,;=:@".contains(&b));
    if !good || segment == "." || segment == ".." {
        return Err(RouteError::Segment(segment.to_owned()));
    }
    Ok(Segment::Literal(segment.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_grammar() {
        for good in [
            "/",
            "/...",
            "/a",
            "/a/b.json",
            "/a/:id/b",
            "/:a/:b/...",
            "/.well-known/x",
            "/a%20b",
        ] {
            let route = Route::parse(good).expect(good);
            assert_eq!(route.as_str(), good);
        }
        for (bad, error) in [
            ("", RouteError::NoSlash),
            ("a", RouteError::NoSlash),
            ("...", RouteError::NoSlash),
            ("/a/", RouteError::EmptySegment),
            ("//a", RouteError::EmptySegment),
            ("//...", RouteError::EmptySegment),
            ("/.../a", RouteError::Wildcard),
            ("/a/*", RouteError::Wildcard),
            ("/a/:", RouteError::Param(":".into())),
            ("/a/:id.json", RouteError::Param(":id.json".into())),
            ("/:a/x/:a", RouteError::Twice("a".into())),
            ("/a/../b", RouteError::Segment("..".into())),
            ("/a b", RouteError::Segment("a b".into())),
            ("/a?b", RouteError::Segment("a?b".into())),
        ] {
            assert_eq!(Route::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn prefix_and_shape() {
        let route = Route::parse("/a/:id/...").expect("a route");
        assert_eq!(route.prefix(), "/a/:id");
        assert_eq!(route.shape(), "/a/:/...");
        assert_eq!(route.params().collect::<Vec<_>>(), ["id"]);
        assert_eq!(Route::parse("/...").expect("a route").prefix(), "");
    }
}
