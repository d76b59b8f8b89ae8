//! One call of the service: its attempts, until a head with a 2xx status is in or nothing is left to try.
//!
//! Whether to try again is `core::retry`'s to say; here it is performed. The caller's signal and the call's timeout run
//! against all of it, the waits included.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use js_sys::{Function, Math};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AbortController;

use super::attempt::{Attempts, Log};
use super::beacon::Beacon;
use super::cancel::Cancellation;
use super::error::{ErrorAnswer, api_error, set_attempts};
use super::fetch::{self, Request, Response};
use super::headers;
use super::options::{CallOptions, ClientOptions, checked_key};
use super::race::{race, within};
use super::runtime::now;
use super::value::{get, kind, parse};
use super::wait::{Wait, settled, sleep};
use crate::core::breaker::Breakers;
use crate::core::content_type;
use crate::core::decoder::Format;
use crate::core::price::Instance;
use crate::core::retry::{self, Budget, Failure, Hints};

/// The longest error body that is read: beyond it, it is no message.
const ERROR_BODY_BYTES: usize = 1 << 20;

/// What all calls of one client share: data only, since on Workers the calls belong to different requests.
pub(crate) struct Client {
    pub(crate) options: ClientOptions,
    pub(crate) budget: RefCell<Budget>,
    pub(crate) breakers: RefCell<Breakers>,
}

/// A call as its caller made it: what the calls of all its targets share.
pub(crate) struct Frame {
    pub(crate) cancellation: Rc<Cancellation>,
    /// Where requests can be lost.
    pub(crate) beacon: Option<Beacon>,
    pub(crate) started: f64,
    /// For the whole call; infinite where it is off.
    pub(crate) timeout: f64,
    /// On the clock of `now()`; infinite where there is none.
    pub(crate) deadline: f64,
    pub(crate) log: Rc<Log>,
    /// Those that have been sent: none of them is shown, by an error of whichever target.
    pub(crate) keys: RefCell<Vec<String>>,
    /// Tokens of an answer that broke and goes on with another target.
    pub(crate) carried: Cell<f64>,
    /// When the head of the response came that the answer began with; NaN before.
    head_at: Cell<f64>,
}

impl Frame {
    pub(crate) fn new(options: &CallOptions, streaming: bool) -> Rc<Self> {
        let started = now();
        let usual = if streaming { f64::INFINITY } else { 300_000.0 };
        let timeout = options.timeout.unwrap_or(usual);
        let log = Rc::new(Log::new(started, options.on_attempt.clone()));
        let cancellation = Cancellation::following(options.signal.clone());
        Rc::new(Self {
            beacon: Beacon::light(&cancellation),
            cancellation,
            started,
            timeout,
            deadline: started + timeout,
            log,
            keys: RefCell::new(Vec::new()),
            carried: Cell::new(0.0),
            head_at: Cell::new(f64::NAN),
        })
    }

    /// Ends when the request that the call was made in is gone; `None` where that never leaves it waiting.
    pub(crate) fn lost(&self) -> Option<Wait> {
        self.beacon.as_ref().map(Beacon::out)
    }

    /// An answer begins, or goes on, with a response whose head came at `head_at`.
    pub(crate) fn begun(&self, head_at: f64) {
        if self.head_at.get().is_nan() {
            self.head_at.set(head_at);
        }
    }

    /// What has come of the answer so far does not count.
    pub(crate) fn restart(&self) {
        self.head_at.set(f64::NAN);
        self.carried.set(0.0);
    }
}

/// Who is asked: a name for `attempts`, and what it runs on, where that is known.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) label: String,
    pub(crate) instance: Option<&'static Instance>,
}

/// What a call sends, the same at each attempt.
pub(crate) struct Wire {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<JsValue>,
    pub(crate) streaming: bool,
}

/// A call under way.
pub(crate) struct Call {
    pub(crate) client: Rc<Client>,
    pub(crate) options: CallOptions,
    wire: Wire,
    pub(crate) cancellation: Rc<Cancellation>,
    pub(crate) attempts: Attempts,
    pub(crate) frame: Rc<Frame>,
    pub(crate) instance: Option<&'static Instance>,
    /// When this target was first asked.
    pub(crate) started: f64,
    pub(crate) sent_at: Cell<f64>,
    pub(crate) head_at: Cell<f64>,
}

/// Why an attempt failed, and what that means for another one.
struct Failed {
    error: JsValue,
    /// `None` where no other attempt could do better.
    failure: Option<Failure>,
    hints: Hints,
}

impl Failed {
    fn finally(error: JsValue) -> Self {
        Self { error, failure: None, hints: Hints::default() }
    }

    fn without_response(error: JsValue) -> Self {
        Self { error, failure: Some(Failure::NoResponse), hints: Hints::default() }
    }
}

impl Call {
    /// A call of one target, which is all there is.
    pub(crate) fn alone(client: &Rc<Client>, options: CallOptions, wire: Wire, asked: Asked) -> Rc<Self> {
        let frame = Frame::new(&options, wire.streaming);
        let cancellation = Rc::clone(&frame.cancellation);
        Self::new(client, options, wire, asked, frame, cancellation, true)
    }

    /// A call of one target among several, which goes when its `Lease` does.
    pub(crate) fn within(
        client: &Rc<Client>,
        options: CallOptions,
        wire: Wire,
        asked: Asked,
        frame: &Rc<Frame>,
    ) -> Rc<Self> {
        Self::new(client, options, wire, asked, Rc::clone(frame), Cancellation::following(None), false)
    }

    fn new(
        client: &Rc<Client>,
        options: CallOptions,
        wire: Wire,
        asked: Asked,
        frame: Rc<Frame>,
        cancellation: Rc<Cancellation>,
        alone: bool,
    ) -> Rc<Self> {
        let started = if alone { frame.started } else { now() };
        Rc::new(Self {
            client: Rc::clone(client),
            cancellation,
            attempts: Attempts::new(asked.label, Rc::clone(&frame.log), alone),
            instance: asked.instance,
            started,
            sent_at: Cell::new(started),
            head_at: Cell::new(f64::NAN),
            frame,
            options,
            wire,
        })
    }

    /// The response to the first attempt that succeeds.
    pub(crate) async fn open(&self) -> Result<Response, JsValue> {
        let opened = self.guarded(self.attempt_until_final()).await;
        opened.inspect_err(|error| self.end(error))
    }

    /// A response whose body can be an answer, and what that body consists of.
    pub(crate) async fn streamed(&self, response: Response) -> Result<(Response, Format), JsValue> {
        if let Some(format) = content_type::format(response.header("content-type").as_deref()) {
            return Ok((response, format));
        }
        let text = response.text(4096, 1000.0).await.unwrap_or_default();
        let error = self.not_what_was_promised(&response, "a stream of events", &text);
        self.cancellation.abort_request(&error);
        self.end(&error);
        Err(error)
    }

    /// The JSON of an answer that comes whole. `object` is what all calls but `health` promise.
    pub(crate) async fn answer(&self, object: bool) -> Result<JsValue, JsValue> {
        let answered = self.guarded(async {
            let response = self.attempt_until_final().await?;
            let text = match response.text(usize::MAX, self.options.idle_timeout).await {
                Ok(text) => text,
                Err(broken) => return Err(self.broken(broken)),
            };
            self.parsed(&response, &text, object)
        });
        let answered = answered.await;
        match &answered {
            Ok(_) => self.end(&JsValue::UNDEFINED),
            Err(error) => self.end(error),
        }
        answered
    }

    /// The call is over: nothing of it stays on the caller's signal.
    pub(crate) fn end(&self, error: &JsValue) {
        self.record(error);
        self.cancellation.let_go();
    }

    /// Ends the attempt under way; an error that is one of ours gets them all.
    pub(crate) fn record(&self, error: &JsValue) {
        self.attempts.end(error, None);
        set_attempts(error, &self.attempts.list);
    }

    async fn guarded<T>(&self, work: impl Future<Output = Result<T, JsValue>>) -> Result<T, JsValue> {
        let left = (self.frame.deadline - now()).max(0.0);
        match race(self.cancellation.cancelled(), within(left, work)).await {
            Ok(reason) => Err(reason),
            Err(Some(result)) => result,
            Err(None) => {
                let late = self.timed_out("total");
                self.cancellation.abort_request(&late);
                Err(late)
            }
        }
    }

    async fn attempt_until_final(&self) -> Result<Response, JsValue> {
        let mut retry = 0;
        loop {
            self.attempts.begin();
            let failed = match self.attempt().await {
                Ok(response) => {
                    self.client.budget.borrow_mut().success();
                    return Ok(response);
                }
                Err(failed) => failed,
            };
            let wait = failed.failure.and_then(|failure| {
                let (most, left) = (self.options.max_retries, self.frame.deadline - now());
                let budget = &mut *self.client.budget.borrow_mut();
                retry::wait_before(retry, most, failure, failed.hints, Math::random(), left, budget)
            });
            let Some(wait_ms) = wait else { return Err(failed.error) };
            self.attempts.end(&failed.error, Some(wait_ms));
            let _ = sleep(wait_ms).await;
            retry += 1;
        }
    }

    async fn attempt(&self) -> Result<Response, Failed> {
        let key = self.key().await.map_err(Failed::finally)?;
        let controller = AbortController::new().map_err(Failed::finally)?;
        self.cancellation.set_request(controller.clone());
        let Wire { method, path, body, streaming } = &self.wire;
        let accept = if *streaming { "text/event-stream" } else { "application/json" };
        let headers = headers::build(accept, body.is_some(), key.as_deref(), &self.options.headers);
        let headers = headers.map_err(Failed::finally)?;
        let url = [self.client.options.base_url.as_str(), path].concat();
        let request = Request { url: &url, method, headers, body: body.as_ref() };
        self.sent_at.set(now());

        let (limit, phase) = match (*streaming, self.options.headers_timeout, self.options.first_text_timeout)
        {
            (false, ..) => (f64::INFINITY, ""),
            (true, headers, first_text) if headers <= first_text => (headers, "headers"),
            (true, _, first_text) => (first_text, "first-text"),
        };
        let sending = fetch::send(self.client.options.fetch.as_ref(), request, &controller);
        let raw = match within(limit, sending).await {
            None => {
                let late = self.timed_out(phase);
                self.cancellation.abort_request(&late);
                let again = phase == "headers";
                return Err(if again { Failed::without_response(late) } else { Failed::finally(late) });
            }
            Some(Err(cause)) => return Err(Failed::without_response(self.unreachable(&cause))),
            Some(Ok(raw)) => raw,
        };
        self.head_at.set(now());
        let Some(response) = Response::head(raw.clone()) else {
            let what = ["The fetch function gave ", kind(&raw), " that is no Response."].concat();
            return Err(Failed::finally(self.error("APIConnectionError", &what, &[])));
        };
        if response.is_redirect() {
            self.cancellation.abort_request(&JsValue::UNDEFINED);
            return Err(Failed::finally(self.redirected(&response)));
        }
        if response.status == 0 {
            return Err(Failed::without_response(self.unreachable(&JsValue::UNDEFINED)));
        }
        self.attempts.set_status(response.status);
        if response.is_success() { Ok(response) } else { Err(self.refused(&response).await) }
    }

    async fn key(&self) -> Result<Option<String>, JsValue> {
        let key = match self.options.key.dyn_ref::<Function>() {
            None => match self.options.key.as_string() {
                None => return Ok(None),
                Some(key) => key,
            },
            Some(function) => {
                let given = function.call0(&JsValue::UNDEFINED)?;
                let given = settled(&given).await?;
                checked_key(&given, "What the routerKey function gave")?
            }
        };
        let mut keys = self.frame.keys.borrow_mut();
        if !keys.contains(&key) {
            keys.push(key.clone());
        }
        Ok(Some(key))
    }

    /// An answer that is no success, read as far as its message.
    async fn refused(&self, response: &Response) -> Failed {
        let idle = self.options.idle_timeout.min(10_000.0);
        let text = match response.text(ERROR_BODY_BYTES, idle).await {
            Ok(text) => text,
            Err(_) => {
                // The status says enough; what should have explained it never came.
                self.cancellation.abort_request(&JsValue::UNDEFINED);
                String::new()
            }
        };
        let hints = Hints {
            should_retry: match response.header("x-should-retry").as_deref() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            },
            retry_after_ms: response.retry_after_ms(),
        };
        let answer = ErrorAnswer {
            status: response.status,
            headers: &headers::redacted(&response.headers, &self.frame.keys.borrow()),
            body: self.safe_body(&text),
            retry_after_ms: hints.retry_after_ms,
        };
        let error = api_error(&answer, &self.frame.keys.borrow());
        Failed { error, failure: Some(Failure::Status(response.status)), hints }
    }

    fn parsed(&self, response: &Response, text: &str, object: bool) -> Result<JsValue, JsValue> {
        let value = parse(text);
        if value.is_undefined() || (object && (!value.is_object() || js_sys::Array::is_array(&value))) {
            return Err(self.not_what_was_promised(response, "a JSON object", text));
        }
        let failed = get(&value, "error").is_truthy()
            && get(&value, "choices").is_undefined()
            && get(&value, "output_text").is_undefined();
        if failed { Err(self.error_inside(response, text)) } else { Ok(value) }
    }

    /// Milliseconds from the start of the whole call to the head that its answer began with.
    pub(crate) fn headers_ms(&self) -> Option<f64> {
        let first = self.frame.head_at.get();
        let at = if first.is_nan() { self.head_at.get() } else { first };
        Some(at - self.frame.started).filter(|ms| !ms.is_nan())
    }

    pub(crate) fn max_event_bytes(&self) -> u32 {
        self.client.options.max_event_bytes
    }
}
