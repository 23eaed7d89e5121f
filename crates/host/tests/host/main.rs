//! The host with real components on a real socket.

mod capabilities;
mod failures;
mod life;
mod requests;
mod support;
