//! A call's cancellation: the caller's signal, `abort()`, and whoever reads the stream, in one place.
//!
//! Cancelling aborts the request under way and wakes whoever awaits it in Rust; the reading half is told where it was
//! not the one that cancelled. The listener on the caller's signal is taken off as soon as the call ends: a signal may live as long
//! as the program.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::plan::Session;
use super::race::spawn;
use super::value::{call, get, method, word};

#[wasm_bindgen(module = "/src/js/signal.js")]
extern "C" {
    #[wasm_bindgen(js_name = expectListeners)]
    fn expect_listeners(signal: &JsValue);
}

type Listener = Closure<dyn FnMut()>;

/// See the module. Shared by everything that belongs to one call.
#[derive(Default)]
pub(crate) struct Cancellation {
    reason: RefCell<Option<JsValue>>,
    request: RefCell<Option<AbortController>>,
    waiting: RefCell<Option<Waker>>,
    readers: RefCell<Vec<Session>>,
    signal: RefCell<Option<(JsValue, Listener)>>,
}

impl Cancellation {
    /// A cancellation that follows `signal`, where there is one.
    pub(crate) fn following(signal: Option<JsValue>) -> Rc<Self> {
        let this = Rc::new(Self::default());
        let Some(signal) = signal else { return this };
        if get(&signal, "aborted").is_truthy() {
            *this.reason.borrow_mut() = Some(get(&signal, "reason"));
            return this;
        }
        let weak: Weak<Self> = Rc::downgrade(&this);
        let of = signal.clone();
        let listener = Closure::new(move || {
            if let Some(this) = weak.upgrade() {
                this.signalled(&get(&of, "reason"));
            }
        });
        expect_listeners(&signal);
        if let Some(listen) = method(&signal, "addEventListener") {
            let _ = listen.call2(&signal, &word("abort"), listener.as_ref());
        }
        *this.signal.borrow_mut() = Some((signal, listener));
        this
    }

    /// Whether a signal of the caller's is being followed.
    pub(crate) fn is_followed(&self) -> bool {
        self.signal.borrow().is_some()
    }

    pub(crate) fn reason(&self) -> Option<JsValue> {
        self.reason.borrow().clone()
    }

    /// `controller` aborts the request that is now under way.
    pub(crate) fn set_request(&self, controller: AbortController) {
        *self.request.borrow_mut() = Some(controller);
    }

    /// What aborts the request that is now under way.
    pub(crate) fn request(&self) -> Option<AbortController> {
        self.request.borrow().clone()
    }

    /// `reader` is told when the caller's signal aborts, and kept until the call has ended.
    pub(crate) fn tell(&self, reader: Session) {
        self.readers.borrow_mut().push(reader);
    }

    /// Ends the call: aborts its request and wakes whoever awaits it in Rust. The first reason stays.
    pub(crate) fn cancel(&self, reason: &JsValue) {
        if self.reason.borrow().is_some() {
            return;
        }
        *self.reason.borrow_mut() = Some(reason.clone());
        self.abort_request(reason);
        if let Some(waker) = self.waiting.borrow_mut().take() {
            waker.wake();
        }
    }

    fn signalled(&self, reason: &JsValue) {
        self.cancel(reason);
        // Taken out first: a reader that is told ends its call, and comes back here.
        for reader in self.readers.take() {
            let _ = reader.cancel(reason);
        }
        self.let_go();
    }

    /// Lets the request under way go, and its connection with it; the call itself goes on.
    pub(crate) fn abort_request(&self, reason: &JsValue) {
        let controller = self.request.borrow_mut().take();
        if let Some(controller) = controller {
            // Cloudflare's throws where another request than its own aborts it.
            let _ = call(&controller, "abort", reason);
        }
    }

    /// The call has ended: nothing of it is left on the caller's signal.
    pub(crate) fn let_go(&self) {
        let followed = self.signal.borrow_mut().take();
        if let Some((signal, listener)) = followed {
            if let Some(unlisten) = method(&signal, "removeEventListener") {
                let _ = unlisten.call2(&signal, &word("abort"), listener.as_ref());
            }
            // The closure may be what is running; it is dropped in a later turn.
            spawn(async move { drop(listener) });
        }
        self.readers.borrow_mut().clear();
    }

    /// Resolves with the reason once cancelled.
    pub(crate) async fn cancelled(&self) -> JsValue {
        poll_fn(|context| match self.reason() {
            Some(reason) => Poll::Ready(reason),
            None => {
                *self.waiting.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }
}
