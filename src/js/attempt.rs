//! The record of a call's attempts, as `Attempt[]` on results and errors and for `onAttempt`.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::runtime::now;
use super::value::{object, or_null};

#[wasm_bindgen(module = "/src/js/observer.js")]
extern "C" {
    fn tell(observer: &Function, attempt: &JsValue);
}

/// The attempts of a call as its caller made it, with all of its targets.
pub(crate) struct Log {
    started: f64,
    observer: Option<Function>,
    /// `Attempt[]`, shared with the result or the error of the call.
    pub(crate) list: Array,
}

impl Log {
    pub(crate) fn new(started: f64, observer: Option<Function>) -> Self {
        Self { started, observer, list: Array::new() }
    }
}

/// One target's attempts: the list so far, and the one under way.
pub(crate) struct Attempts {
    target: String,
    log: Rc<Log>,
    /// `Attempt[]`: those of this target alone, which its errors get; the log's own where there is no other.
    pub(crate) list: Array,
    count: Cell<u32>,
    started: Cell<Option<f64>>,
    status: Cell<Option<u16>>,
}

impl Attempts {
    /// `alone`: whether the call has no other target.
    pub(crate) fn new(target: String, log: Rc<Log>, alone: bool) -> Self {
        Self {
            target,
            list: if alone { log.list.clone() } else { Array::new() },
            log,
            count: Cell::new(0),
            started: Cell::new(None),
            status: Cell::new(None),
        }
    }

    /// `Attempt[]` of all targets of the call.
    pub(crate) fn whole(&self) -> &Array {
        &self.log.list
    }

    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn begin(&self) {
        self.count.set(self.count.get().saturating_add(1));
        self.started.set(Some(now()));
        self.status.set(None);
    }

    pub(crate) fn set_status(&self, status: u16) {
        self.status.set(Some(status));
    }

    /// Ends the attempt under way, where there is one: an attempt ends once, by whatever ends it first.
    pub(crate) fn end(&self, error: &JsValue, retry_in_ms: Option<f64>) {
        let Some(started) = self.started.take() else { return };
        let entry = object(&[
            ("target", JsValue::from_str(&self.target)),
            ("attempt", JsValue::from(self.count.get())),
            ("status", or_null(self.status.get().map(f64::from))),
            ("error", if error.is_undefined() { JsValue::NULL } else { error.clone() }),
            ("startedMs", JsValue::from_f64(started - self.log.started)),
            ("durationMs", JsValue::from_f64(now() - started)),
            ("retryInMs", or_null(retry_in_ms)),
        ]);
        self.list.push(&entry);
        if self.list != self.log.list {
            self.log.list.push(&entry);
        }
        if let Some(observer) = &self.log.observer {
            tell(observer, &entry);
        }
    }
}
