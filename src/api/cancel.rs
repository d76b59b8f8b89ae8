//! Dropping is cancelling: what a future of ours leaves behind when nobody awaits it any more.

use js_sys::{Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::error::Error;
use crate::js::error::aborted;
use crate::js::value::set;

/// Aborts a call when it is dropped; once the call has ended, that does nothing.
pub(super) struct CancelOnDrop(AbortController);

impl CancelOnDrop {
    /// Puts the signal that `self` aborts among the options of a call.
    pub(super) fn into_options(options: &Object) -> Result<Self, Error> {
        let controller = AbortController::new().map_err(Error::from_js)?;
        set(options, "signal", &controller.signal());
        Ok(Self(controller))
    }

    /// What `promise` gives. Dropped before, the future aborts the call behind it.
    pub(super) async fn result_of(self, promise: Promise) -> Result<JsValue, Error> {
        JsFuture::from(promise).await.map_err(Error::from_js)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.abort_with_reason(&aborted("The call was dropped before its end"));
    }
}
