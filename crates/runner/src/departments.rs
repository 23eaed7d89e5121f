//! Published handlers at work: what `http://handlers.spin.internal/<department>/<stage>` answers on the runner.
//!
//! The table of what decides is looked at twenty times a second. A new release is loaded, and compiled where it has to
//! be, beside the old one and takes its place in one step, so that no request is dropped and no step of a case sees two
//! releases. A release that
//! breaks down again and again is left out for a while; the stage then goes on with the platform's default.

mod breaker;
mod judge;
mod load;
mod prune;
#[cfg(test)]
mod swap;

use crate::prepare::now;
use breaker::{Breaker, Turn};
use bytes::Bytes;
use case::district::lies_in;
use host::department::contract::{
    AnswerText, Article, Draft, Error, Finding, FollowUp, Inquiry, Triage,
};
use host::department::{CallError, DepartmentHandler};
use host::{Answering, Service};
use http::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use store::handlers::{Notice, Release};
use tokio::sync::Semaphore;

pub(crate) use judge::judge;
pub(crate) use load::watch;
pub(crate) use prune::Kept;

/// The name in the host name.
pub(crate) const NAME: &str = "handlers";
/// The address that the functions know.
pub(crate) const ADDRESS: &str = "http://handlers.spin.internal";
/// The variable of the manifest that says where departments' handlers are.
pub(crate) const HOSTS: &str = "department_hosts";
/// How long a call waits for its turn.
const TURN: Duration = Duration::from_millis(500);

/// Calls of one release at the same time: half of the processors, so that one with loops leaves the others to everybody
/// else until it rests.
fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, |all| (all.get() / 2).max(1))
}

/// All departments' handlers, as far as they could be loaded.
#[derive(Debug, Default)]
pub(crate) struct Departments {
    serving: RwLock<HashMap<String, Arc<Serving>>>,
    /// What departments are to be told, until it is written down.
    notices: Notices,
}

/// Notices that wait to be written down: a call waits for no database.
#[derive(Clone, Debug, Default)]
struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    fn add(&self, notice: Notice) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(notice);
    }

    fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What decides for one department.
#[derive(Debug)]
struct Serving {
    revision: i64,
    current: Option<Arc<Seat>>,
    candidate: Option<Arc<Seat>>,
    /// Of the candidate, in hundredths.
    share: i64,
}

/// One release, ready to be called.
#[derive(Debug)]
struct Seat {
    release: Release,
    handler: DepartmentHandler,
    breaker: Breaker,
    turns: Semaphore,
    notices: Notices,
}

/// What the stage answer wants to know.
#[derive(Deserialize)]
struct AnswerAsked {
    inquiry: Inquiry,
    articles: Vec<Article>,
}

/// What the stage review wants to know.
#[derive(Deserialize)]
struct ReviewAsked {
    inquiry: Inquiry,
    answer: AnswerText,
}

/// Which release said it.
#[derive(Serialize)]
struct Who<'a> {
    name: &'a str,
    version: &'a str,
    sha256: String,
    release: i64,
}

#[derive(Serialize)]
struct AnswerSaid<'a> {
    handler: Who<'a>,
    triage: Result<Option<Triage>, Error>,
    draft: Result<Option<Draft>, Error>,
}

#[derive(Serialize)]
struct ReviewSaid<'a> {
    handler: Who<'a>,
    findings: Result<Vec<Finding>, Error>,
    follow_up: Result<Option<FollowUp>, Error>,
}

#[derive(Serialize)]
struct Failed<'a> {
    handler: Who<'a>,
    failed: &'a str,
}

impl Serving {
    /// The release that decides the case `number`: always the same one while nothing is published.
    fn seat(&self, number: &str) -> Option<&Arc<Seat>> {
        let on_trial = i64::from(crc32fast::hash(number.as_bytes()) % 100) < self.share;
        match (&self.candidate, on_trial) {
            (Some(candidate), true) => Some(candidate),
            _ => self.current.as_ref(),
        }
    }
}

impl Seat {
    fn who(&self) -> Who<'_> {
        Who {
            name: &self.release.name,
            version: &self.release.version,
            sha256: seal::hex(&self.release.sha256),
            release: self.release.release,
        }
    }

    /// Whether the handler wants to see cases of `category`.
    fn wants(&self, category: Option<&str>) -> bool {
        let categories = &self.release.categories;
        categories.is_empty()
            || category
                .is_some_and(|category| categories.iter().any(|wanted| lies_in(category, wanted)))
    }

    /// Calls the handler on a thread that gives way where it takes long, unless it was broken too often of late.
    async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&DepartmentHandler) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, &'static str> {
        if !self.breaker.allows(Instant::now()) {
            return Err("resting");
        }
        let Ok(Ok(_turn)) = tokio::time::timeout(TURN, self.turns.acquire()).await else {
            return Err("busy");
        };
        let seat = self.clone();
        let called = host::apart(move || call(&seat.handler)).await;
        let release = &self.release;
        match called {
            Ok(Ok(said)) => {
                self.tell(self.breaker.succeeded(), None);
                Ok(said)
            }
            Ok(Err(error)) => {
                tracing::warn!(department = release.department, release = release.release, %error, "a department's handler failed");
                self.tell(self.breaker.failed(Instant::now()), Some(error.name()));
                Err(error.name())
            }
            Err(error) => {
                tracing::error!(department = release.department, %error, "the call of a department's handler broke down");
                Err("host")
            }
        }
    }
}

impl Seat {
    /// Tells the department what became of its release, if anything did.
    fn tell(&self, turn: Turn, cause: Option<&str>) {
        let what = match turn {
            Turn::None => return,
            Turn::Rests => "rests",
            Turn::Recovered => "recovered",
        };
        let release = &self.release;
        tracing::warn!(
            department = release.department,
            release = release.release,
            cause,
            "a department's handler {what}"
        );
        self.notices.add(Notice {
            department: release.department.clone(),
            at: now(),
            release: release.release,
            what: what.to_owned(),
            cause: cause.map(str::to_owned),
        });
    }
}

impl Departments {
    fn serving(&self, department: &str) -> Option<Arc<Serving>> {
        self.serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(department)
            .cloned()
    }

    /// Puts `serving` in force, unless something newer is.
    fn replace(&self, department: &str, serving: Serving) -> bool {
        let mut all = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        if all
            .get(department)
            .is_some_and(|before| before.revision >= serving.revision)
        {
            return false;
        }
        all.insert(department.to_owned(), Arc::new(serving));
        true
    }

    async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().trim_matches('/').to_owned();
        let Some((department, stage)) = path.split_once('/') else {
            return status(StatusCode::NOT_FOUND);
        };
        let Some(serving) = self.serving(department) else {
            return status(StatusCode::NOT_FOUND);
        };
        match stage {
            "answer" => {
                let Ok(asked) = serde_json::from_slice::<AnswerAsked>(request.body()) else {
                    return status(StatusCode::BAD_REQUEST);
                };
                let Some(seat) = chosen(&serving, &asked.inquiry) else {
                    return status(StatusCode::NOT_FOUND);
                };
                let said = seat
                    .call(move |handler| {
                        let triage = handler.triage(&asked.inquiry).0?;
                        let draft = handler.draft(&asked.inquiry, &asked.articles).0?;
                        Ok((triage, draft))
                    })
                    .await;
                answer(seat, said, |handler, (triage, draft)| AnswerSaid {
                    handler,
                    triage,
                    draft,
                })
            }
            "review" => {
                let Ok(asked) = serde_json::from_slice::<ReviewAsked>(request.body()) else {
                    return status(StatusCode::BAD_REQUEST);
                };
                let Some(seat) = chosen(&serving, &asked.inquiry) else {
                    return status(StatusCode::NOT_FOUND);
                };
                let said = seat
                    .call(move |handler| {
                        let findings = handler.check(&asked.inquiry, &asked.answer).0?;
                        let follow_up = handler.follow_up(&asked.inquiry, &asked.answer).0?;
                        Ok((findings, follow_up))
                    })
                    .await;
                answer(seat, said, |handler, (findings, follow_up)| ReviewSaid {
                    handler,
                    findings,
                    follow_up,
                })
            }
            _ => status(StatusCode::NOT_FOUND),
        }
    }
}

/// The release that decides this inquiry, if it wants to see it.
fn chosen<'a>(serving: &'a Serving, inquiry: &Inquiry) -> Option<&'a Arc<Seat>> {
    serving
        .seat(&inquiry.number)
        .filter(|seat| seat.wants(inquiry.category.as_deref()))
}

fn answer<'a, T, S: Serialize>(
    seat: &'a Seat,
    said: Result<T, &str>,
    put: impl FnOnce(Who<'a>, T) -> S,
) -> Response<Bytes> {
    match said {
        Ok(said) => json(StatusCode::OK, &put(seat.who(), said)),
        Err(failed) => json(
            StatusCode::SERVICE_UNAVAILABLE,
            &Failed {
                handler: seat.who(),
                failed,
            },
        ),
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    // Texts and numbers always have a form in JSON.
    let mut response = Response::new(serde_json::to_vec(body).unwrap_or_default().into());
    *response.status_mut() = status;
    response
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

impl Service for Departments {
    fn answer(&self, request: Request<Bytes>) -> Answering<'_> {
        Box::pin(self.serve(request))
    }
}
