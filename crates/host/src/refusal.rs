//! Words for what is refused before it is a request.
//!
//! Where a head cannot be read (no HTTP, too long, too many headers), hyper answers with a bare status and has no hook
//! for a body. Until the first request of a connection is handed on, nobody but hyper writes: what it writes then is
//! such an answer, and a problem goes out in its place. Later on the connection the bare status stays.

use crate::{problem, request_id};
use bytes::{Buf, Bytes};
use http::{HeaderMap, StatusCode};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose first answer may have to be put into words.
pub(crate) struct Refusing<S> {
    stream: S,
    /// Whether a request was handed on.
    begun: Arc<AtomicBool>,
    /// What goes out instead, and the length of what it replaces.
    instead: Option<(Bytes, usize)>,
}

impl<S> Refusing<S> {
    /// Watches `stream` until `begun` is set.
    pub(crate) fn new(stream: S, begun: Arc<AtomicBool>) -> Self {
        Self {
            stream,
            begun,
            instead: None,
        }
    }
}

/// The answer for a bare one, if `bare` is one.
fn worded(bare: &[u8]) -> Option<Bytes> {
    let status = bare.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let status = StatusCode::from_bytes(status).ok()?;
    if !status.is_client_error() {
        return None;
    }
    let id = request_id::of(&HeaderMap::new());
    let body = problem::text(status, &id);
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {}\r\ncache-control: no-store\r\n{}: {}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        problem::MEDIA_TYPE,
        request_id::HEADER,
        id.to_str().unwrap_or_default(),
        body.len()
    );
    Some((head + &body).into())
}

impl<S: AsyncWrite + Unpin> Refusing<S> {
    fn write_instead(&mut self, cx: &mut Context<'_>, bare: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            self.instead = worded(bare).map(|text| (text, bare.len()));
        }
        let Some((text, length)) = &mut self.instead else {
            return Pin::new(&mut self.stream).poll_write(cx, bare);
        };
        while !text.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, text))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            text.advance(written);
        }
        let length = *length;
        self.instead = None;
        Poll::Ready(Ok(length))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Refusing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.begun.load(Ordering::Relaxed) {
            return Pin::new(&mut self.stream).poll_write(cx, buffer);
        }
        self.write_instead(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.begun.load(Ordering::Relaxed) {
            return Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        }
        let first = buffers.iter().find(|buffer| !buffer.is_empty());
        self.write_instead(cx, first.map_or(&[], |first| first))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Refusing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const BARE: &[u8] =
        b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";

    async fn sent(begun: bool, bytes: &[u8]) -> String {
        // Smaller than the answer, so that it goes out in parts.
        let (near, mut far) = tokio::io::duplex(16);
        let mut stream = Refusing::new(near, Arc::new(AtomicBool::new(begun)));
        let writing = async move {
            stream.write_all(bytes).await.expect("it is written");
            drop(stream);
        };
        let mut text = String::new();
        let (_, read) = tokio::join!(writing, far.read_to_string(&mut text));
        read.expect("it is read");
        text
    }

    #[tokio::test]
    async fn a_bare_answer_gets_words() {
        let text = sent(false, BARE).await;
        let (head, body) = text.split_once("\r\n\r\n").expect("a body");
        assert!(head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(json["status"], 431);
        assert!(head.contains(json["request"].as_str().expect("an id")));
    }

    #[tokio::test]
    async fn what_is_no_refusal_passes() {
        let bare = String::from_utf8_lossy(BARE);
        assert_eq!(sent(true, BARE).await, bare);
        let goes_on = "HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(sent(false, goes_on.as_bytes()).await, goes_on);
    }
}
