//! The options of a client and of a call, collected for the one place that checks them (`js::options`).

use std::fmt;
use std::time::Duration;

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::js::value::set;

/// Options by the names that the JavaScript surface gives them. A later one replaces an earlier one of its name.
#[derive(Clone, Default)]
pub(super) struct Options {
    fields: Vec<(&'static str, JsValue)>,
    headers: Vec<(String, JsValue)>,
}

impl Options {
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<JsValue>) {
        self.fields.push((name, value.into()));
    }

    pub(super) fn time(&mut self, name: &'static str, limit: Option<Duration>) {
        self.set(name, limit.map_or(0.0, milliseconds));
    }

    pub(super) fn header(&mut self, name: &str, value: Option<&str>) {
        self.headers.push((name.to_owned(), value.map_or(JsValue::NULL, JsValue::from_str)));
    }

    pub(super) fn to_js(&self) -> Object {
        let options = Object::new();
        for (name, value) in &self.fields {
            put(&options, name, value);
        }
        if !self.headers.is_empty() {
            let headers = Object::new();
            for (name, value) in &self.headers {
                put(&headers, name, value);
            }
            set(&options, "headers", &headers);
        }
        options
    }
}

/// Sets a property that the caller has named: unlike the crate's own names, it is not known to JavaScript yet.
pub(super) fn put(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// The names alone: among the values is the key, and a header can be one too.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, _)| name.as_str());
        f.debug_set().entries(self.fields.iter().map(|(name, _)| *name)).entries(headers).finish()
    }
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The options that a client and a call have in common, as methods of their builders.
macro_rules! common_options {
    () => {
        /// How long the whole call may take: attempts, waits and body. `None` turns it off.
        ///
        /// Five minutes for `invoke` and off for `stream`, where it is not set.
        pub fn timeout(mut self, limit: impl Into<Option<std::time::Duration>>) -> Self {
            self.options.time("timeout", limit.into());
            self
        }

        /// How long the head of a stream's response may take, in each attempt. `None` turns it off.
        ///
        /// One minute, where it is not set.
        pub fn headers_timeout(mut self, limit: impl Into<Option<std::time::Duration>>) -> Self {
            self.options.time("headersTimeout", limit.into());
            self
        }

        /// How long the first text of a stream may take, from sending. `None` turns it off.
        ///
        /// Two minutes, where it is not set.
        pub fn first_text_timeout(mut self, limit: impl Into<Option<std::time::Duration>>) -> Self {
            self.options.time("firstTextTimeout", limit.into());
            self
        }

        /// The longest silence between two chunks of a body. `None` turns it off.
        ///
        /// One minute, where it is not set. It runs only while the network is awaited, not while the reader is.
        pub fn idle_timeout(mut self, limit: impl Into<Option<std::time::Duration>>) -> Self {
            self.options.time("idleTimeout", limit.into());
            self
        }

        /// How often a failed attempt is made again, at most 1000 times: 4, where it is not set.
        pub fn max_retries(mut self, retries: u32) -> Self {
            self.options.set("maxRetries", retries);
            self
        }

        /// A further header. Each one can fail a CORS preflight in a page.
        pub fn header(mut self, name: &str, value: &str) -> Self {
            self.options.header(name, Some(value));
            self
        }

        /// Leaves out a header that would be sent.
        pub fn without_header(mut self, name: &str) -> Self {
            self.options.header(name, None);
            self
        }

        /// The key, sent as `x-router-key`. In a page, every visitor could read it: see
        /// [`ClientBuilder::dangerously_allow_browser`](crate::ClientBuilder::dangerously_allow_browser).
        pub fn router_key(mut self, key: &str) -> Self {
            self.options.set("routerKey", key);
            self
        }

        /// Asks for the key before every attempt: for short-lived ones, which may be in a page.
        ///
        /// What the function fails with is what the call fails with.
        ///
        /// ```no_run
        /// # async fn fetch_token() -> Result<String, std::io::Error> { Ok(String::new()) }
        /// # fn make() -> Result<(), purerouter::Error> {
        /// let client = purerouter::Client::builder()
        ///     .base_url("/")
        ///     .router_key_with(|| async { Ok(fetch_token().await?) })
        ///     .build()?;
        /// # Ok(())
        /// # }
        /// ```
        pub fn router_key_with<F, K>(mut self, key: F) -> Self
        where
            F: Fn() -> K + 'static,
            K: Future<Output = Result<String, Box<dyn std::error::Error>>> + 'static,
        {
            let ask = wasm_bindgen::closure::Closure::<dyn Fn() -> js_sys::Promise>::new(move || {
                let key = key();
                wasm_bindgen_futures::future_to_promise(async move {
                    let key = key.await.map_err(|error| js_sys::Error::new(&error.to_string()))?;
                    Ok(key.into())
                })
            });
            self.options.set("routerKey", ask.into_js_value());
            self
        }

        /// Is told of each attempt as it ends.
        ///
        /// ```no_run
        /// # fn make() -> Result<(), purerouter::Error> {
        /// let client = purerouter::Client::builder()
        ///     .base_url("/")
        ///     .on_attempt(|attempt| println!("{} {:?}", attempt.target, attempt.status))
        ///     .build()?;
        /// # Ok(())
        /// # }
        /// ```
        pub fn on_attempt(mut self, observer: impl Fn(crate::api::Attempt) + 'static) -> Self {
            let tell = wasm_bindgen::closure::Closure::<dyn Fn(wasm_bindgen::JsValue)>::new(
                move |attempt: wasm_bindgen::JsValue| observer(crate::api::Attempt::from_js(&attempt)),
            );
            self.options.set("onAttempt", tell.into_js_value());
            self
        }
    };
}
pub(super) use common_options;
