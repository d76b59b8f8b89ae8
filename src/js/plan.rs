//! A call of several targets: which of them is asked, and whose answer is given.
//!
//! One recursive future over the tree of targets. What to do is the core's to say (`fallback`, `hedge`, `breaker`); a
//! lane that is not wanted any more is dropped, and its `Lease` aborts its request. Bodies are read in JavaScript
//! (`scout.js` up to the first text, then `lane.js`): here, two Promises of each are awaited.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;

use super::beacon::is_falling;
use super::call::{Call, Client, Frame};
use super::completion::whole;
use super::error::{aborted, error, safe_text, set_all_attempts, set_attempts};
use super::question::{continued, wire};
use super::race::race;
use super::runtime::now;
use super::stream::{Opened, StreamCall};
use super::target::{Fallback, Hedge, Leaf, Node};
use super::value::{get, get_string, is_array, set};
use super::wait::{settled, sleep};
use crate::core::fallback::{Failure, MidStream, worth_another};
use crate::core::hedge::{self, Next};

#[wasm_bindgen(module = "/src/js/session.js")]
extern "C" {
    /// The reading half of a stream.
    pub type Session;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn cancel(this: &Session, reason: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn follow(this: &Session, scout: &Scout) -> Promise;
    #[wasm_bindgen(method)]
    fn restart(this: &Session, target: &str, broken: &JsValue);
    #[wasm_bindgen(method, getter, js_name = canRestart)]
    fn can_restart(this: &Session) -> bool;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Session) -> JsValue;
}

#[wasm_bindgen(module = "/src/js/scout.js")]
extern "C" {
    type Scout;
    #[wasm_bindgen(constructor)]
    fn new(call: StreamCall, body: &JsValue) -> Scout;
    #[wasm_bindgen(method, getter)]
    fn begun(this: &Scout) -> Promise;
    #[wasm_bindgen(method)]
    fn release(this: &Scout, reason: &JsValue);
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>> + 'a>>;

/// What is to be done, before it is begun.
pub(crate) struct Plan {
    pub(crate) client: Rc<Client>,
    pub(crate) node: Rc<Node>,
    pub(crate) options: JsValue,
    pub(crate) request: Object,
    pub(crate) frame: Rc<Frame>,
}

impl Plan {
    /// The `Completion` of an answer that comes whole.
    pub(crate) async fn once(&self) -> Result<JsValue, JsValue> {
        self.perform(None).await
    }

    /// Lets `session` read the answer; resolves at its end.
    pub(crate) async fn stream(&self, opened: &Rc<Opened>, session: Session) -> Result<JsValue, JsValue> {
        self.perform(Some(Reading { opened, session, live: RefCell::new(None) })).await
    }

    pub(crate) fn changes_bodies(&self) -> bool {
        self.node.changes_bodies()
    }

    async fn perform(&self, reading: Option<Reading<'_>>) -> Result<JsValue, JsValue> {
        let run = Run { plan: self, reading };
        let answer = run.answer(&self.node, self.request.clone(), Rc::default());
        let ended = match race(self.frame.cancellation.cancelled(), answer).await {
            Ok(reason) => Err(reason),
            Err(ended) => ended.inspect_err(|error| set_all_attempts(error, &self.frame.log.list)),
        };
        if run.reading.is_none() {
            self.frame.cancellation.let_go();
        }
        ended
    }
}

/// Whose stream it is that the targets answer.
struct Reading<'a> {
    opened: &'a Rc<Opened>,
    session: Session,
    /// What is being read.
    live: RefCell<Option<Rc<Opened>>>,
}

/// Whether a lane has given its first text, told to all that wait for one above it.
#[derive(Default)]
struct Gate {
    open: Cell<bool>,
    outer: Option<Rc<Gate>>,
}

impl Gate {
    fn within(outer: &Rc<Gate>) -> Rc<Self> {
        Rc::new(Self { open: Cell::new(false), outer: Some(Rc::clone(outer)) })
    }

    fn open(&self) {
        self.open.set(true);
        if let Some(outer) = &self.outer {
            outer.open();
        }
    }
}

/// Aborts a call that is dropped before its end.
struct Lease<'a> {
    call: Rc<Call>,
    plan: &'a Plan,
    kept: bool,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if !self.kept && !is_falling() {
            let lost = || aborted("Another target answered first");
            let reason = self.plan.frame.cancellation.reason().unwrap_or_else(lost);
            self.call.cancellation.cancel(&reason);
            self.call.end(&reason);
        }
    }
}

/// A scout that is dropped before its body is read goes with its body.
struct Scouting(Option<Scout>);

impl Drop for Scouting {
    fn drop(&mut self) {
        if let Some(scout) = self.0.as_ref().filter(|_| !is_falling()) {
            scout.release(&JsValue::UNDEFINED);
        }
    }
}

struct Run<'a> {
    plan: &'a Plan,
    reading: Option<Reading<'a>>,
}

impl Run<'_> {
    fn answer<'a>(&'a self, node: &'a Node, request: Object, gate: Rc<Gate>) -> Answer<'a> {
        match node {
            Node::Leaf(leaf) => Box::pin(self.leaf(leaf, request, gate)),
            Node::Fallback(fallback) => Box::pin(self.fallback(fallback, request, gate)),
            Node::Hedge(hedge) => Box::pin(self.hedge(hedge, request, gate)),
        }
    }

    async fn leaf(&self, leaf: &Leaf, request: Object, gate: Rc<Gate>) -> Result<JsValue, JsValue> {
        let options = &leaf.client.options;
        let options = options.call.for_call(&self.plan.options, options.allow_browser)?;
        let wire = wire(leaf, &request, self.reading.is_some())?;
        let call = Call::within(&leaf.client, options, wire, leaf.asked.clone(), &self.plan.frame);
        let mut lease = Lease { call: Rc::clone(&call), plan: self.plan, kept: false };
        let answer = match &self.reading {
            None => call.answer(true).await.map(|answer| whole(answer, &call)),
            Some(reading) => reading.read(&call, &gate).await.inspect_err(|error| call.end(error)),
        };
        lease.kept = true;
        answer
    }

    async fn fallback(
        &self,
        fallback: &Fallback,
        mut request: Object,
        gate: Rc<Gate>,
    ) -> Result<JsValue, JsValue> {
        let breakers = &self.plan.client.breakers;
        let admitted: Vec<&Rc<Node>> =
            fallback.targets.iter().filter(|node| breakers.borrow().admits(&node.circuit(), now())).collect();
        let targets = if admitted.is_empty() { fallback.targets.iter().collect() } else { admitted };
        let (errors, mut words) = (Array::new(), String::new());
        for (index, node) in targets.iter().enumerate() {
            let probe = Probe::begin(&self.plan.client, node.circuit());
            let given = Gate::within(&gate);
            let answer = self.answer(node, request.clone(), Rc::clone(&given)).await;
            let broken = match answer {
                Ok(answer) => {
                    probe.end(true);
                    return Ok(answer);
                }
                Err(broken) => broken,
            };
            if !fallback.worth_another(&broken)? {
                return Err(broken);
            }
            probe.end(false);
            errors.push(&broken);
            words.push_str(&[" ", &node.label(), ": ", &message(&broken)].concat());
            let reading = self.reading.as_ref().filter(|_| given.open.get());
            let Some(reading) = reading else { continue };
            match (fallback.mid_stream, targets.get(index + 1)) {
                (MidStream::Continue, _) => match reading.continued(self.plan, &broken)? {
                    Some(rest) => request = rest,
                    None => return Ok(JsValue::UNDEFINED),
                },
                (MidStream::Restart, None) => {}
                (MidStream::Restart, Some(next)) if reading.session.can_restart() => {
                    self.plan.frame.restart();
                    reading.session.restart(&next.label(), &broken);
                }
                _ => return Err(broken),
            }
        }
        Err(self.all_failed(&errors, &words))
    }

    async fn hedge(&self, hedge: &Hedge, request: Object, gate: Rc<Gate>) -> Result<JsValue, JsValue> {
        let (errors, mut words) = (Array::new(), String::new());
        let mut lanes: Vec<(Answer<'_>, Rc<Gate>, usize)> = Vec::new();
        let (mut started, mut failed) = (0, 0);
        let (mut last, mut timer) = (f64::NEG_INFINITY, None);
        poll_fn(|context| {
            loop {
                match hedge::next(hedge.targets.len(), started, failed, now() - last, hedge.delay) {
                    Next::Now => {
                        let Some(node) = hedge.targets.get(started) else { return Poll::Pending };
                        let given = Gate::within(&gate);
                        lanes.push((self.answer(node, request.clone(), Rc::clone(&given)), given, started));
                        (started, last, timer) = (started + 1, now(), None);
                        continue;
                    }
                    Next::In(ms) if timer.is_none() => timer = Some(sleep(ms)),
                    _ => {}
                }
                let mut at = 0;
                while let Some((answer, given, index)) = lanes.get_mut(at) {
                    match answer.as_mut().poll(context) {
                        // What is not the first to answer is dropped, and its request with it.
                        Poll::Ready(Ok(answer)) => return Poll::Ready(Ok(answer)),
                        Poll::Ready(Err(broken)) => {
                            if given.open.get() || is_out_of_time(&broken) {
                                return Poll::Ready(Err(broken));
                            }
                            let label =
                                hedge.targets.get(*index).map(|node| node.label()).unwrap_or_default();
                            words.push_str(&[" ", &label, ": ", &message(&broken)].concat());
                            errors.set(*index as u32, broken);
                            failed += 1;
                            drop(lanes.remove(at));
                        }
                        Poll::Pending if given.open.get() => {
                            lanes = lanes.drain(at..=at).collect();
                            (started, timer) = (hedge.targets.len(), None);
                            return Poll::Pending;
                        }
                        Poll::Pending => at += 1,
                    }
                }
                if failed == hedge.targets.len() {
                    return Poll::Ready(Err(self.all_failed(&errors, &words)));
                }
                // A lane that failed may have left none under way; a timer that is over starts the next one.
                let is_due = timer.as_mut().is_some_and(|timer| Pin::new(timer).poll(context).is_ready());
                if is_due {
                    timer = None;
                } else if !lanes.is_empty() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    fn all_failed(&self, errors: &Array, words: &str) -> JsValue {
        let message = ["Every target failed.", words].concat();
        let keys = self.plan.frame.keys.borrow();
        let failed = error("FallbackError", &message, &[("errors", errors.into())], &keys);
        let lists = errors.iter().map(|error| get(&error, "attempts")).filter(is_array);
        set_attempts(&failed, &lists.collect::<Array>().flat(1));
        if let Some(reading) = &self.reading {
            set(failed.unchecked_ref(), "partialText", &safe_text(&reading.session.text(), &keys));
        }
        failed
    }
}

impl Reading<'_> {
    async fn read(&self, call: &Rc<Call>, gate: &Gate) -> Result<JsValue, JsValue> {
        let stream = StreamCall::of(Ok(Rc::clone(call)));
        let opened = Rc::clone(&stream.opened);
        let body = opened.open(call).await?;
        let mut scouting = Scouting(Some(Scout::new(stream, &body)));
        if let Some(scout) = &scouting.0 {
            settled(&scout.begun()).await?;
        }
        gate.open();
        call.frame.begun(call.head_at.get());
        self.opened.becomes(&opened);
        *self.live.borrow_mut() = Some(opened);
        let Some(scout) = scouting.0.take() else { return Ok(JsValue::UNDEFINED) };
        settled(&self.session.follow(&scout)).await
    }

    /// What the next target is asked for, so that it goes on from the text so far; `None` where that was all there
    /// could be, and `broken` where the request has no form for it.
    fn continued(&self, plan: &Plan, broken: &JsValue) -> Result<Option<Object>, JsValue> {
        let live = self.live.borrow();
        let Some(live) = live.as_ref() else { return Err(broken.clone()) };
        let carried = plan.frame.carried.get() + live.spent.get();
        let rest = continued(&plan.request, &self.session.text(), carried).ok_or_else(|| broken.clone())?;
        match rest {
            // Counted once, also where the next target fails before it has said anything.
            Some(_) => {
                plan.frame.carried.set(carried);
                live.spent.set(0.0);
            }
            None => live.at_its_limit.set(true),
        }
        Ok(rest)
    }
}

/// A try of a target, as its circuit breaker sees it.
struct Probe<'a> {
    client: &'a Client,
    circuit: String,
    ended: Cell<bool>,
}

impl<'a> Probe<'a> {
    fn begin(client: &'a Client, circuit: String) -> Self {
        client.breakers.borrow_mut().begin(&circuit, now());
        Self { client, circuit, ended: Cell::new(false) }
    }

    fn end(&self, well: bool) {
        self.ended.set(true);
        let mut breakers = self.client.breakers.borrow_mut();
        if well { breakers.succeeded(&self.circuit) } else { breakers.failed(&self.circuit, now()) }
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.client.breakers.borrow_mut().released(&self.circuit);
        }
    }
}

impl Fallback {
    fn worth_another(&self, broken: &JsValue) -> Result<bool, JsValue> {
        let out_of_time = is_out_of_time(broken);
        if let Some(asked) = self.should_fall_back.as_ref().filter(|_| !out_of_time) {
            return Ok(asked.call1(&JsValue::UNDEFINED, broken)?.is_truthy());
        }
        let name = get_string(broken, "name").unwrap_or_default();
        let status = get(broken, "status").as_f64().map(|status| status as u16);
        Ok(worth_another(Failure { name: &name, status, out_of_time }))
    }
}

fn message(error: &JsValue) -> String {
    get_string(error, "message").or_else(|| error.as_string()).unwrap_or_default()
}

/// Whether it is the timeout of the whole call that ended it.
fn is_out_of_time(error: &JsValue) -> bool {
    get_string(error, "phase").as_deref() == Some("total")
}
