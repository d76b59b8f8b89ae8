//! The record of a call's attempts, as `Attempt[]` on results and errors and for `onAttempt`.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::runtime::now;
use super::value::get;

/// The fields of one `Attempt` but its error, which is a live object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt<'a> {
    target: &'a str,
    attempt: u32,
    status: Option<u16>,
    error: Option<()>,
    started_ms: f64,
    duration_ms: f64,
    retry_in_ms: Option<f64>,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(words: &str, error: &JsValue);
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
        let attempt = Attempt {
            target: &self.target,
            attempt: self.count.get(),
            status: self.status.get(),
            error: None,
            started_ms: started - self.log.started,
            duration_ms: now() - started,
            retry_in_ms,
        };
        let Ok(entry) = to_js(&attempt) else { return };
        if !error.is_undefined() {
            let _ = Reflect::set(&entry, &JsValue::from_str("error"), error);
        }
        self.list.push(&entry);
        if self.list != self.log.list {
            self.log.list.push(&entry);
        }
        let Some(observer) = &self.log.observer else { return };
        match observer.call1(&JsValue::UNDEFINED, &entry) {
            Err(thrown) => tell(&thrown),
            // An async observer throws later.
            Ok(returned) if get(&returned, "then").is_function() => spawn_local(async move {
                if let Err(thrown) = JsFuture::from(Promise::resolve(&returned)).await {
                    tell(&thrown);
                }
            }),
            Ok(_) => {}
        }
    }
}

fn tell(thrown: &JsValue) {
    console_error("purerouter: onAttempt threw, which changes nothing for the call:", thrown);
}

/// A plain object of `value`, with `null` for what is unknown.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, serde_wasm_bindgen::Error> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())
}
