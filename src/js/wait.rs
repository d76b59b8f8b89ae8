//! Waiting for JavaScript: until a Promise settles, or a time has passed.
//!
//! Each wait is a number, and what it is told comes through one export. A wait that is dropped is forgotten, and its
//! number may become another's; so it has a turn besides, and whatever is told of an earlier turn reaches nobody.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

use super::beacon::is_falling;
use super::decoders::ready;

#[wasm_bindgen(module = "/src/js/wait.js")]
extern "C" {
    fn settle(promise: &JsValue, slot: u32, turn: u32);
    fn alarm(ms: f64, slot: u32, turn: u32) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

type Outcome = Result<JsValue, JsValue>;

#[derive(Default)]
struct Waits {
    all: Vec<Entry>,
    free: Vec<u32>,
}

#[derive(Default)]
struct Entry {
    turn: u32,
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

thread_local! {
    static WAITS: RefCell<Waits> = const { RefCell::new(Waits { all: Vec::new(), free: Vec::new() }) };
}

fn with<T>(slot: u32, turn: u32, act: impl FnOnce(&mut Entry) -> Option<T>) -> Option<T> {
    WAITS.with_borrow_mut(|waits| {
        waits.all.get_mut(slot as usize).filter(|entry| entry.turn == turn).and_then(act)
    })
}

/// What is awaited has come, or failed, or the time has passed.
#[wasm_bindgen]
pub fn wait_settled(slot: u32, turn: u32, well: bool, value: JsValue) {
    let waker = with(slot, turn, |entry| {
        entry.outcome = Some(if well { Ok(value) } else { Err(value) });
        entry.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A wait, which has begun. Dropped, it leaves no timer behind; a rejection that nobody waits for any more counts as seen.
pub(crate) struct Wait {
    pub(crate) slot: u32,
    pub(crate) turn: u32,
    // Node's is an object.
    timer: Option<JsValue>,
}

impl Wait {
    /// One that whoever knows its numbers ends.
    pub(crate) fn new() -> Self {
        ready();
        WAITS.with_borrow_mut(|waits| {
            let slot = waits.free.pop().unwrap_or_else(|| {
                waits.all.push(Entry::default());
                (waits.all.len() - 1) as u32
            });
            let turn = waits.all.get(slot as usize).map_or(0, |entry| entry.turn);
            Self { slot, turn, timer: None }
        })
    }
}

/// How `promise` settles; what is no Promise has settled.
pub(crate) fn settled(promise: &JsValue) -> Wait {
    let wait = Wait::new();
    settle(promise, wait.slot, wait.turn);
    wait
}

/// Waits so many milliseconds.
pub(crate) fn sleep(ms: f64) -> Wait {
    let mut wait = Wait::new();
    // Rounded up, or a wait would end just before its time; timers count in 31 bits.
    let ms = ms.ceil().clamp(0.0, f64::from(i32::MAX));
    wait.timer = Some(alarm(ms, wait.slot, wait.turn));
    wait
}

impl Future for Wait {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = with(self.slot, self.turn, |entry| {
            let outcome = entry.outcome.take();
            if outcome.is_none() {
                entry.waker = Some(context.waker().clone());
            }
            outcome
        });
        outcome.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.as_ref().filter(|_| !is_falling()) {
            clear_timeout(timer);
        }
        // Dropped outside of the borrow: a waker may be the last to hold what waits itself.
        let forgotten = with(self.slot, self.turn, |entry| {
            let turn = entry.turn.wrapping_add(1);
            Some(std::mem::replace(entry, Entry { turn, ..Entry::default() }))
        });
        if forgotten.is_some() {
            WAITS.with_borrow_mut(|waits| waits.free.push(self.slot));
        }
    }
}
