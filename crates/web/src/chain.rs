//! Waking the next stage after the answer is out.

use std::cell::RefCell;
use std::collections::BTreeMap;

use spin_sdk::http::{FullBody, send};

use bytes::Bytes;

thread_local! {
    /// Stages that this instance is waking, and whether to wake them once more.
    static WAKING: RefCell<BTreeMap<&'static str, bool>> = const { RefCell::new(BTreeMap::new()) };
}

/// Lets `stage` look at its jobs. Returns at once: the call goes on after the
/// answer of this request. While a call is under way, further ones are
/// gathered into a single one after it, so that a stage under load works in
/// batches. What this does not reach, the sweep of the relay does.
pub fn wake(stage: &'static str, request: &str) {
    let first = WAKING.with_borrow_mut(|waking| match waking.get_mut(stage) {
        Some(again) => {
            *again = true;
            false
        }
        None => {
            waking.insert(stage, false);
            true
        }
    });
    if !first {
        return;
    }
    let request = request.to_owned();
    spin_sdk::wasip3::spawn(async move {
        loop {
            let woken = call(stage, &request).await;
            let again = WAKING.with_borrow_mut(|waking| match waking.get_mut(stage) {
                // A stage that is down is left to the sweep.
                Some(again) if *again && woken => {
                    *again = false;
                    true
                }
                _ => {
                    waking.remove(stage);
                    false
                }
            });
            if !again {
                break;
            }
        }
    });
}

/// Calls the private address at which `stage` works through its jobs; true
/// when it answered that it did.
pub async fn call(stage: &str, request: &str) -> bool {
    let built = http::Request::post(format!("http://{stage}.spin.internal/jobs"))
        .header("x-request-id", request)
        .body(FullBody::new(Bytes::new()));
    match built {
        Ok(built) => send(built)
            .await
            .is_ok_and(|response| response.status().is_success()),
        Err(_) => false,
    }
}
