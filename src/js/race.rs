//! Futures: one against another, against the clock, and on their way to JavaScript.
//!
//! Two poll functions instead of a futures crate: its `select!` costs more bytes than all the waiting here.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(ring: &Function, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// A Promise of what `work` gives. Boxed, so that what makes a Promise of a future is compiled once and not for each.
pub(crate) fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    future_to_promise(Box::pin(work) as Pin<Box<dyn Future<Output = _>>>)
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

/// Waits so many milliseconds; dropped, it leaves no timer behind.
pub(crate) fn sleep(ms: f64) -> Pin<Box<Sleep>> {
    let alarm = Rc::new(Alarm::default());
    let rung = Rc::clone(&alarm);
    let ring = Closure::new(move || {
        rung.rang.set(true);
        if let Some(waker) = rung.waiting.take() {
            waker.wake();
        }
    });
    // Rounded up, or a wait would end just before its time; timers count in 31 bits.
    let ms = ms.ceil().clamp(0.0, f64::from(i32::MAX));
    Box::pin(Sleep { timer: set_timeout(ring.as_ref().unchecked_ref(), ms), alarm, _ring: ring })
}

/// See [`sleep`].
pub(crate) struct Sleep {
    // Node's is an object.
    timer: JsValue,
    alarm: Rc<Alarm>,
    _ring: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct Alarm {
    rang: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.alarm.rang.get() {
            return Poll::Ready(());
        }
        self.alarm.waiting.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}
