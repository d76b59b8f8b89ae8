//! Futures: one against another, against the clock, and on their way to JavaScript. Waiting itself is `wait`'s.
//!
//! Two poll functions instead of a futures crate: its `select!` costs more bytes than all the waiting here.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::beacon::let_fall;
use super::wait::{Wait, sleep};

/// A Promise of what `work` gives, which never settles where it is `lost` before. Boxed, so that what makes a Promise
/// of a future is compiled once and not for each.
pub(crate) fn promise(
    lost: Option<Wait>,
    work: impl Future<Output = Result<JsValue, JsValue>> + 'static,
) -> Promise {
    let work: Pin<Box<dyn Future<Output = _>>> = Box::pin(work);
    let mut task = Some((work, lost));
    Promise::new(&mut |resolve, reject| {
        let Some((mut work, mut lost)) = task.take() else { return };
        spawn(async move {
            let ended = poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(ended) => Poll::Ready(Some(ended)),
                Poll::Pending => match &mut lost {
                    Some(lost) => Pin::new(lost).poll(context).map(|_| None),
                    None => Poll::Pending,
                },
            })
            .await;
            let (settle, with) = match ended {
                Some(Ok(value)) => (resolve, value),
                Some(Err(error)) => (reject, error),
                None => return let_fall(work),
            };
            let _ = settle.call1(&JsValue::UNDEFINED, &with);
        });
    })
}

/// Lets `work` run beside the caller; boxed for the same reason.
pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) {
    spawn_local(Box::pin(work) as Pin<Box<dyn Future<Output = _>>>);
}

/// The first of two futures to be ready; `first` where both are.
pub(crate) async fn race<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> Result<A, B> {
    let mut first = pin!(first);
    let mut second = pin!(second);
    poll_fn(|context| {
        if let Poll::Ready(value) = first.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        second.as_mut().poll(context).map(Err)
    })
    .await
}

/// `work`, or `None` once `limit_ms` are over. No timer where the limit is infinite.
pub(crate) async fn within<T>(limit_ms: f64, work: impl Future<Output = T>) -> Option<T> {
    if limit_ms == f64::INFINITY {
        return Some(work.await);
    }
    race(work, sleep(limit_ms)).await.ok()
}
