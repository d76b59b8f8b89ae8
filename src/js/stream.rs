//! The wasm half of a CompletionStream: opens the call, names its errors, makes its completion.
//!
//! The reading half (`session.js`, `lane.js`) holds one of these for each body it reads, and frees it at the body's end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::beacon::Beacon;
use super::call::{Call, Frame};
use super::cancel::Cancellation;
use super::completion::{End, Facts, completion, timing_so_far};
use super::decoders;
use super::error::{request_id, safe_cause, safe_text, words};
use super::fetch::Response;
use super::plan::{Plan, Session};
use super::race::promise;
use super::value::{decimal, decode, get, set, word};
use crate::core::decoder::Format;
use crate::core::fallback::spent;

#[wasm_bindgen(module = "/src/js/stream.js")]
extern "C" {
    /// The reading half.
    pub type CompletionStream;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new(call: StreamCall) -> CompletionStream;
}

/// How a body ended, as `lane.js` counts it.
mod ends {
    pub(super) const TRUNCATED: u32 = 0;
    pub(super) const LOST: u32 = 1;
    pub(super) const TOO_LARGE: u32 = 2;
    pub(super) const ERROR_EVENT: u32 = 3;
    pub(super) const NOT_JSON: u32 = 4;
}

/// The times of a body, as `clock.js` counts them.
mod limits {
    /// What is left of the time until the first text.
    pub(super) const FIRST_TEXT: u32 = 0;
    /// The longest silence between two chunks.
    pub(super) const IDLE: u32 = 1;
    // And when the call's timeout is over: 2.
}

/// What the readers of one answer share.
pub(crate) struct Opened {
    /// Why no call was made: a bad request or option, told at the first read.
    refused: Option<JsValue>,
    /// Several targets, one of whose answers this is.
    plan: Option<Plan>,
    /// The call whose body is read: with a plan, none before there is one.
    call: RefCell<Option<Rc<Call>>>,
    response: RefCell<Option<(Response, Format)>>,
    cancellation: Rc<Cancellation>,
    readers: Cell<u32>,
    /// Tokens that had come when it broke.
    pub(crate) spent: Cell<f64>,
    /// It broke off where `max_tokens` would have ended it.
    pub(crate) at_its_limit: Cell<bool>,
}

impl Opened {
    fn new(
        refused: Option<JsValue>,
        plan: Option<Plan>,
        call: Option<Rc<Call>>,
        cancellation: Rc<Cancellation>,
    ) -> Rc<Self> {
        Rc::new(Self {
            refused,
            plan,
            call: RefCell::new(call),
            response: RefCell::new(None),
            cancellation,
            readers: Cell::new(1),
            spent: Cell::new(0.0),
            at_its_limit: Cell::new(false),
        })
    }

    /// Sends the request of `call`; the body of the response once its head is in.
    pub(crate) async fn open(&self, call: &Call) -> Result<JsValue, JsValue> {
        let accepted = match call.open().await {
            Ok(response) => call.streamed(response).await,
            Err(error) => Err(error),
        };
        let (response, format) = accepted.inspect_err(|error| {
            let ours: &JsValue = call.attempts.list.as_ref();
            if get(error, "attempts") == *ours {
                set(error.unchecked_ref(), "partialText", &word(""));
            }
        })?;
        let body = response.body();
        *self.response.borrow_mut() = Some((response, format));
        Ok(body)
    }

    /// From here on, what is read is what `other` has opened.
    pub(crate) fn becomes(&self, other: &Self) {
        self.call.borrow_mut().clone_from(&other.call.borrow());
        self.response.borrow_mut().clone_from(&other.response.borrow());
    }
}

/// See the module.
#[wasm_bindgen]
pub struct StreamCall {
    pub(crate) opened: Rc<Opened>,
    slot: Cell<Option<u32>>,
    /// Whether this reader still counts among the readers.
    reads: Cell<bool>,
}

impl StreamCall {
    fn reading(opened: Rc<Opened>) -> Self {
        Self { opened, slot: Cell::new(None), reads: Cell::new(true) }
    }

    /// A stream of `call`, or of nothing where it was refused before a call was made.
    pub(crate) fn of(call: Result<Rc<Call>, JsValue>) -> Self {
        Self::reading(match call {
            Ok(call) => {
                let cancellation = Rc::clone(&call.cancellation);
                Opened::new(None, None, Some(call), cancellation)
            }
            Err(refused) => Opened::new(Some(refused), None, None, Cancellation::following(None)),
        })
    }

    /// A stream over several targets.
    pub(crate) fn over(plan: Plan) -> Self {
        let cancellation = Rc::clone(&plan.frame.cancellation);
        Self::reading(Opened::new(None, Some(plan), None, cancellation))
    }

    fn format(&self) -> Format {
        if self.encodes() {
            return Format::Sse;
        }
        self.opened.response.borrow().as_ref().map_or(Format::Sse, |(_, format)| *format)
    }

    fn call(&self) -> Option<Rc<Call>> {
        self.opened.call.borrow().clone()
    }

    fn frame(&self) -> Option<Rc<Frame>> {
        match &self.opened.plan {
            Some(plan) => Some(Rc::clone(&plan.frame)),
            None => self.call().map(|call| Rc::clone(&call.frame)),
        }
    }

    /// The call whose times hold for this body. A body that is made of several targets' is timed where theirs are read.
    fn timed(&self) -> Option<Rc<Call>> {
        if self.combines() { None } else { self.call() }
    }
}

#[wasm_bindgen]
impl StreamCall {
    /// Sends the request; resolves with the body of the response (`null` where it has none) once its head is in.
    pub fn open(&self) -> Promise {
        let opened = Rc::clone(&self.opened);
        promise(self.frame().and_then(|frame| frame.lost()), async move {
            let call = opened.call.borrow().clone();
            match call {
                Some(call) => opened.open(&call).await,
                None => Err(opened.refused.clone().unwrap_or_default()),
            }
        })
    }

    /// Whether several targets answer: then `run` is called, and `open` is not.
    #[wasm_bindgen(getter)]
    pub fn combines(&self) -> bool {
        self.opened.plan.is_some()
    }

    /// Whether the answer may consist of several bodies, whose bytes are no stream of their own.
    #[wasm_bindgen(getter)]
    pub fn encodes(&self) -> bool {
        self.opened.plan.as_ref().is_some_and(Plan::changes_bodies)
    }

    /// Asks the targets, and lets `session` read the body of the one that answers. Resolves at the answer's end.
    pub fn run(&self, session: Session) -> Promise {
        let opened = Rc::clone(&self.opened);
        promise(self.frame().and_then(|frame| frame.lost()), async move {
            match &opened.plan {
                Some(plan) => plan.stream(&opened, session).await,
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }

    /// `reader` is told when the caller's signal aborts, and kept until the call has ended.
    #[wasm_bindgen(js_name = readBy)]
    pub fn read_by(&self, reader: Session) {
        self.opened.cancellation.tell(reader);
    }

    /// The tie to its request; `undefined` where there is none.
    #[wasm_bindgen(getter)]
    pub fn beacon(&self) -> JsValue {
        let frame = self.frame();
        let beacon = frame.as_ref().and_then(|frame| frame.beacon.as_ref());
        beacon.map_or(JsValue::UNDEFINED, Beacon::lamp)
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
        let response = self.opened.response.borrow();
        response.as_ref().map_or(JsValue::UNDEFINED, |(response, _)| response.raw.clone())
    }

    /// What aborts the request under way.
    #[wasm_bindgen(getter)]
    pub fn request(&self) -> Option<AbortController> {
        self.call().and_then(|call| call.cancellation.request())
    }

    /// The number of a new decoder for this body, which has one at a time.
    pub fn decoder(&self) -> u32 {
        let most = self.call().map_or(0, |call| call.max_event_bytes());
        let slot = decoders::open(self.format(), most);
        self.slot.set(Some(slot));
        slot
    }

    /// That decoder is needed no more.
    pub fn close(&self) {
        if let Some(slot) = self.slot.take() {
            decoders::close(slot);
        }
    }

    /// One of the [`limits`] that hold from the head on: milliseconds, or a time on the clock of `performance.now()`.
    pub fn limit(&self, which: u32) -> f64 {
        let Some(call) = self.timed() else { return f64::INFINITY };
        match which {
            limits::FIRST_TEXT => {
                (call.options.first_text_timeout - (call.head_at.get() - call.sent_at.get())).max(0.0)
            }
            limits::IDLE => call.options.idle_timeout,
            _ => call.frame.deadline,
        }
    }

    /// Whether only `[DONE]` or a finish reason completes this body; another is complete at its end.
    #[wasm_bindgen(getter, js_name = needsEnd)]
    pub fn needs_end(&self) -> bool {
        self.format() == Format::Sse
    }

    /// Whether somebody has to see the body pass: a signal to be let go at its end, or a timeout that covers it.
    #[wasm_bindgen(getter)]
    pub fn watched(&self) -> bool {
        let timed = self.call().is_some_and(|call| call.frame.deadline < f64::INFINITY);
        timed || self.opened.cancellation.is_followed()
    }

    /// Another reader of the same call.
    pub fn fork(&self) -> StreamCall {
        self.opened.readers.set(self.opened.readers.get() + 1);
        Self::reading(Rc::clone(&self.opened))
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
        if self.opened.readers.get() == 0 {
            self.opened.cancellation.let_go();
        }
    }

    /// This reader wants no more. With the last one, the request is aborted and its connection let go.
    pub fn cancel(&self, reason: &JsValue) {
        self.leave();
        if self.opened.readers.get() == 0 {
            self.opened.cancellation.cancel(reason);
        }
    }

    /// The error for a body that ended in the way `end`, after `text`.
    pub fn failed(&self, end: u32, detail: &JsValue, text: &JsValue) -> JsValue {
        let Some(call) = self.call() else { return JsValue::UNDEFINED };
        self.note_spent();
        let opened = self.opened.response.borrow();
        let Some((response, format)) = &*opened else { return JsValue::UNDEFINED };
        let error = match end {
            ends::ERROR_EVENT => call.error_inside(response, &detail.as_string().unwrap_or_default()),
            ends::LOST => {
                let message = ["The connection was lost in the middle of the stream (", &words(detail), "). What had arrived is in partialText."];
                let cause = ("cause", safe_cause(detail, &call.frame.keys.borrow()));
                call.error("StreamError", &message.concat(), &[cause])
            }
            ends::TOO_LARGE => {
                let most = decimal(call.max_event_bytes().into());
                let message = ["An event of the stream is larger than ", &most, " bytes. Where that is meant, raise the option maxEventBytes."];
                call.error("StreamError", &message.concat(), &[])
            }
            ends::NOT_JSON if *format == Format::Json => {
                let slot = self.slot.get().unwrap_or(u32::MAX);
                let came = decoders::with(slot, |decoder| decode(decoder.aux()));
                call.not_what_was_promised(response, "a whole JSON answer", &came.unwrap_or_default())
            }
            ends::NOT_JSON | ends::TRUNCATED => call.error(
                "TruncatedStreamError",
                "The stream ended before the answer did: neither a finish reason nor [DONE] had come. What had arrived is in partialText.",
                &[],
            ),
            _ => call.timed_out(&detail.as_string().unwrap_or_default()),
        };
        set(error.unchecked_ref(), "partialText", &safe_text(text, &call.frame.keys.borrow()));
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
        completion(
            text,
            &facts,
            &End { first_text_at, deltas, at_its_limit: self.opened.at_its_limit.get() },
            &call,
        )
    }

    /// When things happened in an answer that has failed just now; `null` where nothing was asked.
    pub fn timing(&self, first_text_at: f64) -> JsValue {
        match (self.call(), &self.opened.plan) {
            (Some(call), _) => timing_so_far(call.frame.started, call.headers_ms(), first_text_at),
            (None, Some(plan)) => timing_so_far(plan.frame.started, None, first_text_at),
            (None, None) => JsValue::NULL,
        }
    }

    /// The end of a call without a completion: it failed with `error`, or nobody looked (`undefined`).
    pub fn ended(&self, error: &JsValue) {
        if let Some(call) = self.call() {
            call.record(error);
        }
    }
}

/// A reading half that is collected in the middle of a body has closed nothing.
impl Drop for StreamCall {
    fn drop(&mut self) {
        self.close();
    }
}

impl StreamCall {
    fn note_spent(&self) {
        let slot = self.slot.get().unwrap_or(u32::MAX);
        let looked = decoders::with(slot, |decoder| {
            let usage = Facts::new(&[], decoder.notes().usage, &[]);
            spent(usage.completion_tokens(), decoder.deltas())
        });
        self.opened.spent.set(looked.unwrap_or(0.0));
    }
}
