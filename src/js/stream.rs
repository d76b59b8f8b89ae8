//! The wasm half of a CompletionStream: opens the call, names its errors, makes its completion.
//!
//! The reading half (`session.js`) holds one of these for each body it reads, and frees it at the body's end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortController;

use super::call::Call;
use super::completion::{Course, Facts, completion};
use super::decoders;
use super::error::{request_id, safe_cause, words};
use super::fetch::Response;
use super::runtime::now;
use super::value::{decimal, get, set};
use crate::core::decoder::Format;
use crate::core::redact::redact;

#[wasm_bindgen(module = "/src/js/stream.js")]
extern "C" {
    /// The reading half.
    pub type CompletionStream;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new(call: StreamCall) -> CompletionStream;
}

/// How a body ended, as `session.js` counts it.
mod ends {
    pub(super) const TRUNCATED: u32 = 0;
    pub(super) const LOST: u32 = 1;
    pub(super) const TOO_LARGE: u32 = 2;
    pub(super) const ERROR_EVENT: u32 = 3;
    pub(super) const NOT_JSON: u32 = 4;
}

/// What the readers of one body share.
struct Opened {
    /// Why no call was made: a bad request or option, told at the first read.
    refused: Option<JsValue>,
    call: Option<Rc<Call>>,
    response: RefCell<Option<(Response, Format)>>,
    readers: Cell<u32>,
}

/// See the module.
#[wasm_bindgen]
pub struct StreamCall {
    opened: Rc<Opened>,
    slot: Cell<Option<u32>>,
    /// Whether this reader still counts among the readers.
    reads: Cell<bool>,
}

impl StreamCall {
    /// A stream of `call`, or of nothing where it was refused before a call was made.
    pub(crate) fn of(call: Result<Rc<Call>, JsValue>) -> Self {
        let (refused, call) = match call {
            Ok(call) => (None, Some(call)),
            Err(refused) => (Some(refused), None),
        };
        let opened = Opened { refused, call, response: RefCell::new(None), readers: Cell::new(1) };
        Self { opened: Rc::new(opened), slot: Cell::new(None), reads: Cell::new(true) }
    }

    fn format(&self) -> Format {
        self.opened.response.borrow().as_ref().map_or(Format::Sse, |(_, format)| *format)
    }

    fn call(&self) -> Option<&Call> {
        self.opened.call.as_deref()
    }
}

#[wasm_bindgen]
impl StreamCall {
    /// Sends the request; resolves with the body of the response (`null` where it has none) once its head is in.
    pub fn open(&self) -> Promise {
        let opened = Rc::clone(&self.opened);
        future_to_promise(async move {
            let Some(call) = &opened.call else { return Err(opened.refused.clone().unwrap_or_default()) };
            let accepted = match call.open().await {
                Ok(response) => call.streamed(response).await,
                Err(error) => Err(error),
            };
            let (response, format) = accepted.inspect_err(|error| {
                let ours: &JsValue = call.attempts.list.as_ref();
                if get(error, "attempts") == *ours {
                    set(error.unchecked_ref(), "partialText", &JsValue::from_str(""));
                }
            })?;
            let body = response.body();
            *opened.response.borrow_mut() = Some((response, format));
            Ok(body)
        })
    }

    /// `reader` is called with the reason when the caller's signal aborts.
    #[wasm_bindgen(js_name = onCancel)]
    pub fn on_cancel(&self, reader: Function) {
        if let Some(call) = self.call() {
            call.cancellation.tell(reader);
        }
    }

    /// `{ status, headers, requestId }` of the response.
    pub fn head(&self) -> JsValue {
        let head = Object::new();
        if let Some((response, _)) = &*self.opened.response.borrow() {
            set(&head, "status", &response.status.into());
            set(&head, "headers", &response.headers);
            set(&head, "requestId", &request_id(&response.headers));
        }
        head.into()
    }

    /// The response as `fetch` gave it.
    #[wasm_bindgen(getter)]
    pub fn response(&self) -> JsValue {
        self.opened
            .response
            .borrow()
            .as_ref()
            .map_or(JsValue::UNDEFINED, |(response, _)| response.raw.clone())
    }

    /// What aborts the request under way.
    #[wasm_bindgen(getter)]
    pub fn request(&self) -> Option<AbortController> {
        self.call().and_then(|call| call.cancellation.request())
    }

    /// The number of this body's decoder.
    pub fn decoder(&self) -> u32 {
        let most = self.call().map_or(0, Call::max_event_bytes);
        let slot = self.slot.get().unwrap_or_else(|| decoders::open(self.format(), most));
        self.slot.set(Some(slot));
        slot
    }

    /// What is left, once the head is in, of the time until the first text.
    #[wasm_bindgen(getter, js_name = firstTextMs)]
    pub fn first_text_ms(&self) -> f64 {
        self.call().map_or(f64::INFINITY, |call| {
            (call.options.first_text_timeout - (call.head_at.get() - call.sent_at.get())).max(0.0)
        })
    }

    /// The longest silence between two chunks.
    #[wasm_bindgen(getter, js_name = idleMs)]
    pub fn idle_ms(&self) -> f64 {
        self.call().map_or(f64::INFINITY, |call| call.options.idle_timeout)
    }

    /// When the call's timeout is over, on the clock of `performance.now()`.
    #[wasm_bindgen(getter)]
    pub fn deadline(&self) -> f64 {
        self.call().map_or(f64::INFINITY, |call| call.deadline)
    }

    /// Whether only `[DONE]` or a finish reason completes this body; another is complete at its end.
    #[wasm_bindgen(getter, js_name = needsEnd)]
    pub fn needs_end(&self) -> bool {
        self.format() == Format::Sse
    }

    /// Whether somebody has to see the body pass: a signal to be let go at its end, or a timeout that covers it.
    #[wasm_bindgen(getter)]
    pub fn watched(&self) -> bool {
        self.call().is_some_and(|call| call.cancellation.is_followed() || call.deadline < f64::INFINITY)
    }

    /// Another reader of the same call.
    pub fn fork(&self) -> StreamCall {
        self.opened.readers.set(self.opened.readers.get() + 1);
        StreamCall { opened: Rc::clone(&self.opened), slot: Cell::new(None), reads: Cell::new(true) }
    }

    /// This reader reads no more; the call goes on for the others.
    pub fn leave(&self) {
        if self.reads.replace(false) {
            self.opened.readers.set(self.opened.readers.get().saturating_sub(1));
        }
    }

    /// This reader has come to its end; with the last one, the caller's signal is let go.
    #[wasm_bindgen(js_name = letGo)]
    pub fn let_go(&self) {
        self.leave();
        if let (0, Some(call)) = (self.opened.readers.get(), self.call()) {
            call.cancellation.let_go();
        }
    }

    /// This reader wants no more. With the last one, the request is aborted and its connection let go.
    pub fn cancel(&self, reason: &JsValue) {
        self.leave();
        if let (0, Some(call)) = (self.opened.readers.get(), self.call()) {
            call.cancellation.cancel(reason);
        }
    }

    /// The error for a body that ended in the way `end`, after `text`.
    pub fn failed(&self, end: u32, detail: &JsValue, text: &JsValue) -> JsValue {
        let Some(call) = self.call() else { return JsValue::UNDEFINED };
        let opened = self.opened.response.borrow();
        let Some((response, format)) = &*opened else { return JsValue::UNDEFINED };
        let error = match end {
            ends::ERROR_EVENT => call.error_inside(response, &detail.as_string().unwrap_or_default()),
            ends::LOST => {
                let message = ["The connection was lost in the middle of the stream (", &words(detail), "). What had arrived is in partialText."];
                let cause = ("cause", safe_cause(detail, &call.keys.borrow()));
                call.error("StreamError", &message.concat(), &[cause])
            }
            ends::TOO_LARGE => {
                let most = decimal(call.max_event_bytes().into());
                let message = ["An event of the stream is larger than ", &most, " bytes. Where that is meant, raise the option maxEventBytes."];
                call.error("StreamError", &message.concat(), &[])
            }
            ends::NOT_JSON if *format == Format::Json => {
                let slot = self.slot.get().unwrap_or(u32::MAX);
                let came = decoders::with(slot, |decoder| String::from_utf8_lossy(decoder.aux()).into_owned());
                call.not_what_was_promised(response, "a whole JSON answer", &came.unwrap_or_default())
            }
            ends::NOT_JSON | ends::TRUNCATED => call.error(
                "TruncatedStreamError",
                "The stream ended before the answer did: neither a finish reason nor [DONE] had come. What had arrived is in partialText.",
                &[],
            ),
            _ => call.timed_out(&detail.as_string().unwrap_or_default()),
        };
        // As it is, where no key has to be taken out: in Rust, lone surrogates would be lost.
        let found = redact(&text.as_string().unwrap_or_default(), &call.keys.borrow());
        set(error.unchecked_ref(), "partialText", &found.map_or_else(|| text.clone(), JsValue::from));
        error
    }

    /// The completion of a body that ended well, and the end of its call.
    pub fn completed(&self, text: &JsValue, first_text_at: f64) -> JsValue {
        let Some(call) = self.call() else { return JsValue::UNDEFINED };
        call.record(&JsValue::UNDEFINED);
        let slot = self.slot.get().unwrap_or(u32::MAX);
        let looked = decoders::with(slot, |decoder| {
            let notes = decoder.notes();
            (Facts::new(notes.first, notes.usage, notes.finish), decoder.deltas())
        });
        let (facts, deltas) = looked.unwrap_or_else(|| (Facts::new(&[], &[], &[]), 0));
        let course = Course {
            started: call.started,
            head_at: call.head_at.get(),
            first_text_at,
            ended: now(),
            deltas,
        };
        completion(text, &facts, &course, &call.attempts)
    }

    /// The end of a call without a completion: it failed with `error`, or nobody looked (`undefined`).
    pub fn ended(&self, error: &JsValue) {
        if let Some(call) = self.call() {
            call.record(error);
        }
    }
}
