//! Bodies of requests and responses.

use bytes::Bytes;
use http::{Response, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// A body on its way through the host: bytes in frames, perhaps without an end yet.
pub type Body = UnsyncBoxBody<Bytes, Error>;

/// A body of nothing.
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that is all there.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// How long a response may keep its head back to leave together with its body.
const GATHER_TIME: Duration = Duration::from_millis(2);

/// How much of a body is kept back for that, in bytes.
const GATHER_SIZE: usize = 64 << 10;

/// Waits a moment for the body of a response, so that a short one leaves in one packet and with its length.
///
/// Returns the response and the size of its body where it is whole.
pub(crate) async fn gather(response: Response<Body>) -> (Response<Body>, Option<u64>) {
    let stream = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if stream {
        return (response, None);
    }
    let (head, mut rest) = response.into_parts();
    let mut frames = VecDeque::new();
    let mut size = 0;
    let whole = async {
        loop {
            match poll_fn(|cx| Pin::new(&mut rest).poll_frame(cx)).await {
                None => return true,
                Some(Ok(frame)) => {
                    let length = frame.data_ref().map(Bytes::len);
                    size += length.unwrap_or(0);
                    frames.push_back(Ok(frame));
                    if length.is_none() || size > GATHER_SIZE {
                        return false;
                    }
                }
                Some(Err(error)) => {
                    frames.push_back(Err(error));
                    return false;
                }
            }
        }
    };
    let whole = tokio::time::timeout(GATHER_TIME, whole)
        .await
        .unwrap_or(false);
    if !whole {
        return (
            Response::from_parts(head, Gathered { frames, rest }.boxed_unsync()),
            None,
        );
    }
    let mut data = frames
        .into_iter()
        .flatten()
        .filter_map(|frame| frame.into_data().ok());
    let bytes = match (data.next(), data.next()) {
        (None, _) => Bytes::new(),
        (Some(only), None) => only,
        (Some(first), Some(second)) => {
            let mut all = Vec::with_capacity(size);
            for part in [first, second].into_iter().chain(data) {
                all.extend_from_slice(&part);
            }
            all.into()
        }
    };
    (Response::from_parts(head, full(bytes)), Some(size as u64))
}

/// The frames that were kept back, then the rest.
struct Gathered {
    frames: VecDeque<Result<Frame<Bytes>, Error>>,
    rest: Body,
}

impl http_body::Body for Gathered {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.is_end_stream()
    }
}

/// Calls `done` with the number of bytes once the body has ended or was given up.
pub(crate) fn count<F: FnOnce(u64) + Send + Unpin + 'static>(body: Body, done: F) -> Body {
    Counted {
        body,
        size: 0,
        done: Some(done),
    }
    .boxed_unsync()
}

struct Counted<F: FnOnce(u64)> {
    body: Body,
    size: u64,
    done: Option<F>,
}

impl<F: FnOnce(u64) + Unpin> http_body::Body for Counted<F> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            self.size += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<F: FnOnce(u64)> Drop for Counted<F> {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            done(self.size);
        }
    }
}

/// How long the rest of a body is read that nobody wants.
const LINGER: Duration = Duration::from_secs(5);

/// Whether the body of a request has arrived whole: an extension of the request, so that who waited in vain can tell
/// whose fault it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrival(Arc<AtomicBool>);

impl Arrival {
    /// Whether all of it is there.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn complete(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Ends with an error when more than `most` bytes come, or none for as long as `pause`; notes in `arrival` when all of
/// it has come.
pub(crate) fn guard<B>(body: B, most: u64, pause: Duration, arrival: Arrival) -> Body
where
    B: http_body::Body<Data = Bytes, Error = hyper::Error> + Send + Unpin + 'static,
{
    if body.is_end_stream() {
        arrival.complete();
        return empty();
    }
    Guarded {
        body: Some(body),
        left: most,
        most,
        pause,
        timer: None,
        arrival,
    }
    .boxed_unsync()
}

struct Guarded<B>
where
    B: http_body::Body<Data = Bytes, Error = hyper::Error> + Send + Unpin + 'static,
{
    /// Absent once it is dropped.
    body: Option<B>,
    left: u64,
    most: u64,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    arrival: Arrival,
}

impl<B> http_body::Body for Guarded<B>
where
    B: http_body::Body<Data = Bytes, Error = hyper::Error> + Send + Unpin + 'static,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(&mut *body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || body.is_end_stream() {
            this.arrival.complete();
        }
        match polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.timer = None;
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                match this.left.checked_sub(length) {
                    Some(left) => this.left = left,
                    None => {
                        this.left = 0;
                        return Poll::Ready(Some(Err(Error::HttpRequestBodySize(Some(this.most)))));
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(other) => Poll::Ready(other.map(|frame| frame.map_err(Error::Hyper))),
            Poll::Pending => {
                let until = Instant::now() + this.pause;
                let timer = this
                    .timer
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
                ready!(timer.as_mut().poll(cx));
                // Who has been waited for once is not read from any more: the connection ends with the answer.
                this.body = None;
                Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body
            .as_ref()
            .is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map(http_body::Body::size_hint)
            .unwrap_or_default()
    }
}

impl<B> Drop for Guarded<B>
where
    B: http_body::Body<Data = Bytes, Error = hyper::Error> + Send + Unpin + 'static,
{
    /// Reads on for a while what nobody wants. A connection that is closed with something unread is reset, and the
    /// client may lose the answer that says why its body was refused.
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let mut left = self.left;
        runtime.spawn(tokio::time::timeout(LINGER, async move {
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(rest) = left.checked_sub(length) else {
                    return;
                };
                left = rest;
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http_body_util::StreamBody;

    fn frames(parts: Vec<&'static str>) -> Body {
        let parts = parts
            .into_iter()
            .map(|part| Ok(Frame::data(Bytes::from(part))));
        StreamBody::new(stream::iter(parts)).boxed_unsync()
    }

    #[tokio::test]
    async fn a_short_body_is_made_whole() {
        let (response, size) = gather(Response::new(frames(vec!["ab", "", "cde"]))).await;
        assert_eq!(size, Some(5));
        assert_eq!(response.body().size_hint().exact(), Some(5));
        assert_eq!(
            response
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes(),
            "abcde"
        );
    }

    #[tokio::test]
    async fn a_slow_body_streams_on_without_loss() {
        let slow = stream::unfold(0, |number| async move {
            if number > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            (number < 3).then(|| (Ok(Frame::data(Bytes::from(number.to_string()))), number + 1))
        });
        let (response, size) = gather(Response::new(StreamBody::new(slow).boxed_unsync())).await;
        assert_eq!(size, None);
        assert_eq!(
            response
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes(),
            "012"
        );
    }

    #[tokio::test]
    async fn a_body_is_counted_when_it_ends_or_is_dropped() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let counted = count(frames(vec!["ab", "c"]), move |size| {
            sender.send(size).expect("a receiver")
        });
        counted.collect().await.expect("a body");
        assert_eq!(receiver.recv(), Ok(3));
    }
}
