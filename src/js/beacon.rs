//! A call's tie to the request that it was made in, on Cloudflare's runtime. Elsewhere there is none.
//!
//! There, a request that ends, or whose visitor leaves, takes with it all that it waits for: none of it ever settles. A
//! future that waits in the wasm is a root for the garbage collector, and so is every JavaScript value that it holds:
//! such a call would stay for as long as its isolate. So each call lights a beacon: a timer that belongs to its request.
//! Once the runtime has collected the timer's function, the request is gone, and what the call holds is let fall. Its
//! futures are dropped, and nothing is settled, aborted, cleared or told: nobody is left to hear it, and none of it may be
//! done outside of that request.
//!
//! For the same reason a finalizer cannot cancel the call of a stream that nobody holds any more. It is left at the
//! beacon, whose timer does so in the request, where that is still there.
//!
//! Not the Promise that is awaited tells but a timer, since a call must end by its timeout or its caller's signal also
//! where the `fetch` it was given has forgotten a Promise.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::cancel::Cancellation;
use super::race::spawn;
use super::wait::Wait;

#[wasm_bindgen(module = "/src/js/beacon.js")]
extern "C" {
    #[wasm_bindgen(js_name = Beacon)]
    type Lamp;
    #[wasm_bindgen(static_method_of = Lamp, js_class = Beacon)]
    fn light() -> Option<Lamp>;
    #[wasm_bindgen(method)]
    fn tell(this: &Lamp, slot: u32, turn: u32);
    #[wasm_bindgen(method)]
    fn quench(this: &Lamp);
}

/// A call's. It goes out with its request, and is quenched at the call's end.
pub(crate) struct Beacon(Lamp);

impl Beacon {
    /// The beacon of the call that `cancellation` ends; `None` where the runtime keeps what waits.
    pub(crate) fn light(cancellation: &Rc<Cancellation>) -> Option<Self> {
        let beacon = Self(Lamp::light()?);
        let (out, cancellation) = (beacon.out(), Rc::downgrade(cancellation));
        spawn(async move {
            let _ = out.await;
            if let Some(cancellation) = cancellation.upgrade() {
                cancellation.let_go();
            }
        });
        Some(beacon)
    }

    /// Resolves when it is out.
    pub(crate) fn out(&self) -> Wait {
        let wait = Wait::new();
        self.0.tell(wait.slot, wait.turn);
        wait
    }

    pub(crate) fn lamp(&self) -> JsValue {
        self.0.clone()
    }
}

impl Drop for Beacon {
    fn drop(&mut self) {
        self.0.quench();
    }
}

thread_local! {
    static FALLING: Cell<bool> = const { Cell::new(false) };
}

/// Whether what is dropped now belongs to a request that is gone, and so nothing may be done but to drop it.
pub(crate) fn is_falling() -> bool {
    FALLING.get()
}

/// Drops what belongs to a request that is gone.
pub(crate) fn let_fall<T>(what: T) {
    FALLING.set(true);
    drop(what);
    FALLING.set(false);
}
