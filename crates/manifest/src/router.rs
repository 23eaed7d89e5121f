//! Which trigger a request's path belongs to.
//!
//! Paths are compared segment by segment, without percent-decoding. At each segment a literal goes before a
//! parameter, and a parameter before the trailing wildcard, which gives "exact before wildcard, then the longest
//! prefix". Slashes at either end of a path do not matter to the choice; `/a/...` matches `/a` too. This is what
//! Spin 4.1 does for the routes that [`Route`] lets through.

use crate::model::{Trigger, TriggerRoute};
use crate::route::{Route, Segment};

/// The public routes of an application, ready for look-up.
#[derive(Clone, Debug)]
pub struct Router {
    routes: Vec<(usize, Route)>,
    nodes: Vec<Node>,
}

/// A point in the tree of segments; the indices are into [`Router::nodes`] and [`Router::routes`].
#[derive(Clone, Debug, Default)]
struct Node {
    /// Children by literal segment, sorted.
    literals: Vec<(Box<str>, usize)>,
    param: Option<usize>,
    exact: Option<usize>,
    wildcard: Option<usize>,
}

/// What [`Router::lookup`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch<'r, 'p> {
    /// The index of the trigger, as it was given to the router.
    pub trigger: usize,
    /// The route that matched.
    pub route: &'r Route,
    /// For a route with a trailing wildcard, what of the path is left behind its prefix: `""` or begins with `/`.
    pub rest: Option<&'p str>,
    values: Vec<&'p str>,
}

impl<'r, 'p> RouteMatch<'r, 'p> {
    /// The names and values of the route's parameters, in order; values are percent-encoded as they came.
    pub fn params(&self) -> impl Iterator<Item = (&'r str, &'p str)> {
        self.route.params().zip(self.values.iter().copied())
    }
}

impl Router {
    /// The router of a manifest's triggers; the index of a match is that of the trigger in the list.
    pub fn of_triggers(triggers: &[Trigger]) -> Self {
        Self::new(triggers.iter().enumerate().filter_map(|(index, trigger)| {
            match &trigger.route.value {
                TriggerRoute::Public(route) => Some((index, route.clone())),
                TriggerRoute::Private => None,
            }
        }))
    }

    /// A router of `routes`, each with the index of its trigger. Of two routes of the same shape the first stays.
    pub fn new(routes: impl IntoIterator<Item = (usize, Route)>) -> Self {
        let mut router = Self {
            routes: Vec::new(),
            nodes: vec![Node::default()],
        };
        for (trigger, route) in routes {
            router.add(trigger, route);
        }
        router
    }

    fn add(&mut self, trigger: usize, route: Route) {
        let mut at = 0;
        for segment in route.segments() {
            at = self.child(at, segment);
        }
        let node = &mut self.nodes[at];
        let end = if route.is_wildcard() {
            &mut node.wildcard
        } else {
            &mut node.exact
        };
        if end.is_none() {
            *end = Some(self.routes.len());
            self.routes.push((trigger, route));
        }
    }

    fn child(&mut self, at: usize, segment: &Segment) -> usize {
        let new = self.nodes.len();
        let node = &mut self.nodes[at];
        let child = match segment {
            Segment::Param(_) => *node.param.get_or_insert(new),
            Segment::Literal(text) => {
                match node.literals.binary_search_by(|(key, _)| (**key).cmp(text)) {
                    Ok(found) => node.literals[found].1,
                    Err(place) => {
                        node.literals.insert(place, (text.as_str().into(), new));
                        new
                    }
                }
            }
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Finds the trigger for `path`, the path of a request without its query. A path that does not begin with `/`
    /// belongs to nobody.
    pub fn lookup<'r, 'p>(&'r self, path: &'p str) -> Option<RouteMatch<'r, 'p>> {
        let inner = path.trim_start_matches('/');
        let lead = path.len() - inner.len();
        if lead == 0 {
            return None;
        }
        let inner = inner.trim_end_matches('/');
        let mut values = Vec::new();
        let (found, start) = self.search(0, (!inner.is_empty()).then_some(inner), &mut values)?;
        let (trigger, route) = &self.routes[found];
        let rest = route.is_wildcard().then(|| {
            // One slash at the end is kept, as far as the path has one.
            let end = (lead + inner.len() + 1).min(path.len());
            let begin = match start {
                Some(left) => lead + inner.len() - left.len() - 1,
                None if inner.is_empty() => lead - 1,
                None => lead + inner.len(),
            };
            &path[begin..end]
        });
        Some(RouteMatch {
            trigger: *trigger,
            route,
            rest,
            values,
        })
    }

    /// Looks for `left`, the segments that are still to match (`None`: there are no more), under the node `at`.
    /// Gives the index of the route and what was left when its end was reached. Every node is visited at most once,
    /// so the worst path costs no more than the number of segments in all routes.
    fn search<'p>(
        &self,
        at: usize,
        left: Option<&'p str>,
        values: &mut Vec<&'p str>,
    ) -> Option<(usize, Option<&'p str>)> {
        let node = &self.nodes[at];
        let Some(left) = left else {
            return node.exact.or(node.wildcard).map(|found| (found, None));
        };
        let (segment, next) = match left.split_once('/') {
            Some((segment, next)) => (segment, Some(next)),
            None => (left, None),
        };
        if let Ok(found) = node
            .literals
            .binary_search_by(|(key, _)| (**key).cmp(segment))
            && let Some(found) = self.search(node.literals[found].1, next, values)
        {
            return Some(found);
        }
        if let Some(param) = node.param {
            values.push(segment);
            if let Some(found) = self.search(param, next, values) {
                return Some(found);
            }
            values.pop();
        }
        node.wildcard.map(|found| (found, Some(left)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn router(routes: &[&str]) -> Router {
        Router::new(
            routes
                .iter()
                .map(|text| Route::parse(text).expect(text))
                .enumerate(),
        )
    }

    /// The route, its parameters, and the rest behind a wildcard.
    type Found<'p> = (String, Vec<(String, String)>, Option<&'p str>);

    fn found<'p>(router: &Router, path: &'p str) -> Option<Found<'p>> {
        let found = router.lookup(path)?;
        let params = found
            .params()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Some((found.route.to_string(), params, found.rest))
    }

    #[test]
    fn exact_goes_before_parameter_before_wildcard() {
        let router = router(&[
            "/...",
            "/",
            "/api/...",
            "/api/cases",
            "/api/cases/:number",
            "/api/cases/:number/answer",
            "/api/cases/search",
            "/api/:kind/answer/...",
        ]);
        for (path, route, params, rest) in [
            ("/", "/", vec![], None),
            ("/x", "/...", vec![], Some("/x")),
            ("/api", "/api/...", vec![], Some("")),
            ("/api/", "/api/...", vec![], Some("/")),
            ("/api/x/y/", "/api/...", vec![], Some("/x/y/")),
            ("/api/cases", "/api/cases", vec![], None),
            ("/api/cases/", "/api/cases", vec![], None),
            ("/api/cases/search", "/api/cases/search", vec![], None),
            (
                "/api/cases/7",
                "/api/cases/:number",
                vec![("number", "7")],
                None,
            ),
            (
                "/api/cases/search/answer",
                "/api/cases/:number/answer",
                vec![("number", "search")],
                None,
            ),
            (
                "/api/cases/7/answer",
                "/api/cases/:number/answer",
                vec![("number", "7")],
                None,
            ),
            (
                "/api/forum/answer/7",
                "/api/:kind/answer/...",
                vec![("kind", "forum")],
                Some("/7"),
            ),
            (
                "/api/cases/7/other",
                "/api/...",
                vec![],
                Some("/cases/7/other"),
            ),
            ("/api//cases", "/api/...", vec![], Some("//cases")),
            ("/apix", "/...", vec![], Some("/apix")),
        ] {
            let params = params
                .into_iter()
                .map(|(name, value): (&str, &str)| (name.to_owned(), value.to_owned()))
                .collect::<Vec<_>>();
            assert_eq!(
                found(&router, path),
                Some((route.to_owned(), params, rest)),
                "{path}"
            );
        }
        assert_eq!(found(&router, "*"), None);
        assert_eq!(found(&router, ""), None);
    }

    #[test]
    fn root_wildcard_keeps_the_slash() {
        let router = router(&["/..."]);
        for (path, rest) in [
            ("/", "/"),
            ("//", "/"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("//a//", "/a/"),
        ] {
            assert_eq!(
                router.lookup(path).and_then(|found| found.rest),
                Some(rest),
                "{path}"
            );
        }
        assert!(super::Router::new([]).lookup("/").is_none());
    }

    /// The rules read one by one: every route is tried, and the best of those that match is taken.
    fn slow<'p>(routes: &[Route], path: &'p str) -> Option<(usize, Vec<&'p str>, Option<String>)> {
        let trimmed = path.trim_matches('/');
        let segments: Vec<&str> = match trimmed {
            "" => vec![],
            _ => trimmed.split('/').collect(),
        };
        let mut best: Option<(Vec<u8>, usize)> = None;
        for (index, route) in routes.iter().enumerate() {
            let own = route.segments();
            let length_fits =
                own.len() == segments.len() || route.is_wildcard() && own.len() < segments.len();
            let fits = length_fits
                && own.iter().zip(&segments).all(|(own, segment)| match own {
                    Segment::Literal(text) => text == segment,
                    Segment::Param(_) => true,
                });
            if !fits {
                continue;
            }
            // One letter for each segment in the order of preference; a route that ends here goes before a wildcard.
            let mut rank: Vec<u8> = own
                .iter()
                .map(|own| {
                    if matches!(own, Segment::Literal(_)) {
                        b'a'
                    } else {
                        b'b'
                    }
                })
                .collect();
            if route.is_wildcard() {
                rank.push(b'c');
            }
            if best.as_ref().is_none_or(|(best, _)| rank < *best) {
                best = Some((rank, index));
            }
        }
        let (_, index) = best?;
        let route = &routes[index];
        let values = route
            .segments()
            .iter()
            .zip(&segments)
            .filter(|(own, _)| matches!(own, Segment::Param(_)))
            .map(|(_, segment)| *segment)
            .collect();
        let rest = route.is_wildcard().then(|| {
            let mut rest: String = segments[route.segments().len()..]
                .iter()
                .map(|segment| format!("/{segment}"))
                .collect();
            if path.ends_with('/') {
                rest.push('/');
            }
            rest
        });
        Some((index, values, rest))
    }

    fn routes() -> impl Strategy<Value = Vec<Route>> {
        let segment = prop_oneof![
            3 => "[ab]{1,2}".prop_map(Some),
            1 => Just(None),
        ];
        let route = (prop::collection::vec(segment, 0..5), any::<bool>()).prop_map(
            |(segments, wildcard)| {
                let mut text = String::new();
                for (index, segment) in segments.iter().enumerate() {
                    match segment {
                        Some(literal) => text.push_str(&format!("/{literal}")),
                        None => text.push_str(&format!("/:p{index}")),
                    }
                }
                if wildcard {
                    text.push_str("/...");
                } else if text.is_empty() {
                    text.push('/');
                }
                Route::parse(&text).expect("a route")
            },
        );
        prop::collection::vec(route, 0..40).prop_map(|mut routes: Vec<Route>| {
            let mut shapes = std::collections::BTreeSet::new();
            routes.retain(|route| shapes.insert(route.shape()));
            routes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn agrees_with_the_rules(routes in routes(), path in "/{1,2}([ab]{0,2}/){0,5}[ab]{0,2}/{0,2}") {
            let router = Router::new(routes.iter().cloned().enumerate());
            let fast = router.lookup(&path).map(|found| {
                let values: Vec<_> = found.params().map(|(_, value)| value).collect();
                (found.trigger, values, found.rest.map(str::to_owned))
            });
            prop_assert_eq!(fast, slow(&routes, &path));
        }
    }
}
