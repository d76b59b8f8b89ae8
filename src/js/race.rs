//! One future against another, and against the clock.
//!
//! Two poll functions instead of a futures crate: its `select!` costs more bytes than all the waiting here.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;

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

/// Waits so many milliseconds; dropped, it leaves no timer behind.
pub(crate) fn sleep(ms: f64) -> Pin<Box<TimeoutFuture>> {
    // Rounded up, or a wait would end just before its time; timers count in 31 bits.
    Box::pin(TimeoutFuture::new(ms.ceil().clamp(0.0, f64::from(i32::MAX)) as u32))
}
