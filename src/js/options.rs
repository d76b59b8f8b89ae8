//! The options of a client and of a call: read, checked, and merged.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::error::{listed, range_error, type_error};
use super::headers::{self, Header};
use super::runtime::{is_page, page_url};
use super::value::{decimal, get, get_string, is_array, keys, kind};
use crate::core::header::is_key;
use crate::core::suggest::nearest;

/// Where the service is, unless told otherwise.
const SERVICE: &str = "https://api.purerouter-api.com";

/// All options: a call's from the first one on, a client's up to the last one.
const NAMES: [&str; 13] = [
    "signal",
    "routerKey",
    "timeout",
    "headersTimeout",
    "firstTextTimeout",
    "idleTimeout",
    "maxRetries",
    "headers",
    "onAttempt",
    "baseUrl",
    "maxEventBytes",
    "fetch",
    "dangerouslyAllowBrowser",
];
const OF_CALL: &[&str] = NAMES.split_at(9).0;
const OF_CLIENT: &[&str] = NAMES.split_at(1).1;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;
    #[wasm_bindgen(constructor, js_class = URL, catch)]
    fn new(url: &str, base: &JsValue) -> Result<Url, JsValue>;
}

/// What a call may replace. Times are milliseconds, infinite where turned off.
#[derive(Clone)]
pub(crate) struct CallOptions {
    /// A string, a function that gives one before every attempt, or `undefined`.
    pub(crate) key: JsValue,
    /// `None` where it was not given: what it is then depends on the call.
    pub(crate) timeout: Option<f64>,
    pub(crate) headers_timeout: f64,
    pub(crate) first_text_timeout: f64,
    pub(crate) idle_timeout: f64,
    pub(crate) max_retries: u32,
    pub(crate) headers: Rc<[Header]>,
    pub(crate) on_attempt: Option<Function>,
    pub(crate) signal: Option<JsValue>,
}

/// What the client alone decides.
pub(crate) struct ClientOptions {
    pub(crate) call: CallOptions,
    pub(crate) base_url: String,
    pub(crate) max_event_bytes: u32,
    pub(crate) fetch: Option<Function>,
    /// Whether a string key may be given in a page.
    pub(crate) allow_browser: bool,
}

impl ClientOptions {
    /// Reads the argument of `new PureRouter()`.
    pub(crate) fn read(options: &JsValue) -> Result<Self, JsValue> {
        check_names(options, "new PureRouter()", OF_CLIENT)?;
        let mut read = Self {
            call: CallOptions {
                key: JsValue::UNDEFINED,
                timeout: None,
                headers_timeout: 60_000.0,
                first_text_timeout: 120_000.0,
                idle_timeout: 60_000.0,
                max_retries: 4,
                headers: Rc::new([]),
                on_attempt: None,
                signal: None,
            },
            base_url: String::new(),
            max_event_bytes: 8_388_608,
            fetch: None,
            allow_browser: false,
        };
        let allow_browser = get(options, "dangerouslyAllowBrowser");
        if !allow_browser.is_undefined() {
            read.allow_browser = allow_browser
                .as_bool()
                .ok_or_else(|| type_error(&["dangerouslyAllowBrowser: true or false belongs here"]))?;
        }
        read.call.replace(options, read.allow_browser)?;
        read.base_url = base_url(&get(options, "baseUrl"))?;
        whole(options, "maxEventBytes", f64::from(u32::MAX >> 1), &mut read.max_event_bytes)?;
        if read.max_event_bytes == 0 {
            return Err(range_error(&["maxEventBytes: a whole number from 1 up belongs here"]));
        }
        read.fetch = function(options, "fetch")?;
        Ok(read)
    }
}

impl CallOptions {
    /// These options with what a call gives in their place.
    pub(crate) fn for_call(&self, options: &JsValue, allow_browser: bool) -> Result<Self, JsValue> {
        let mut merged = self.clone();
        check_names(options, "this call", OF_CALL)?;
        merged.replace(options, allow_browser)?;
        let signal = get(options, "signal");
        if !signal.is_undefined() && !signal.is_null() {
            if !get(&signal, "addEventListener").is_function() {
                return Err(wrong("signal", "an AbortSignal", &signal));
            }
            merged.signal = Some(signal);
        }
        Ok(merged)
    }

    // In place, field by field: a struct half built, that each error on the way has to take apart, was a twentieth of the
    // wasm.
    fn replace(&mut self, options: &JsValue, allow_browser: bool) -> Result<(), JsValue> {
        let key = get(options, "routerKey");
        if !key.is_undefined() {
            check_key(&key, allow_browser)?;
            self.key = key;
        }
        let mut timeout = f64::NAN;
        for (name, place) in [
            ("timeout", &mut timeout),
            ("headersTimeout", &mut self.headers_timeout),
            ("firstTextTimeout", &mut self.first_text_timeout),
            ("idleTimeout", &mut self.idle_timeout),
        ] {
            time(options, name, place)?;
        }
        if !timeout.is_nan() {
            self.timeout = Some(timeout);
        }
        whole(options, "maxRetries", 1000.0, &mut self.max_retries)?;
        headers::merge(&mut self.headers, &get(options, "headers"))?;
        if let Some(observer) = function(options, "onAttempt")? {
            self.on_attempt = Some(observer);
        }
        Ok(())
    }
}

/// Refuses what is no options object, and names that no option has.
pub(crate) fn check_names(options: &JsValue, of: &str, known: &[&str]) -> Result<(), JsValue> {
    if options.is_undefined() {
        return Ok(());
    }
    if !options.is_object() || is_array(options) {
        return Err(type_error(&["The options of ", of, " are an object, and ", kind(options), " came"]));
    }
    for name in keys(options)?.iter().filter_map(|name| name.as_string()) {
        if known.contains(&name.as_str()) {
            continue;
        }
        let hint = match nearest(&name, known) {
            Some(meant) => [": did you mean ", meant, "?"].concat(),
            None if OF_CLIENT.contains(&name.as_str()) => ": it belongs to new PureRouter()".to_owned(),
            None if OF_CALL.contains(&name.as_str()) => ": it belongs to a call".to_owned(),
            None => [": the options are ", &listed(known, ", ")].concat(),
        };
        return Err(type_error(&["\"", &name, "\" is no option of ", of, &hint]));
    }
    Ok(())
}

/// What to say of a value of the wrong type.
fn wrong(name: &str, right: &str, came: &JsValue) -> JsValue {
    type_error(&[name, ": ", right, " belongs here, and ", kind(came), " came"])
}

fn check_key(key: &JsValue, allow_browser: bool) -> Result<(), JsValue> {
    if key.is_function() {
        return Ok(());
    }
    checked_key(key, "routerKey")?;
    if !allow_browser && is_page() {
        return Err(type_error(&[
            "routerKey: every visitor of this page could read it. Keep it on a server: let a gateway (purerouter/worker) add it and give its address as baseUrl, or give a function that fetches a short-lived key. Where the page is yours alone, dangerouslyAllowBrowser: true allows it.",
        ]));
    }
    Ok(())
}

/// A key that can be sent. The message never shows it.
pub(crate) fn checked_key(value: &JsValue, what: &str) -> Result<String, JsValue> {
    let Some(text) = value.as_string() else {
        return Err(wrong(what, "a string (or a function that gives one)", value));
    };
    if is_key(&text) {
        return Ok(text);
    }
    Err(type_error(&if text.is_empty() {
        [what, ": it is empty. Is the variable it is read from set?"]
    } else {
        [what, ": no header can carry it. A key is visible ASCII, without blanks or line breaks."]
    }))
}

fn base_url(value: &JsValue) -> Result<String, JsValue> {
    if value.is_undefined() {
        return Ok(SERVICE.to_owned());
    }
    let text = value.as_string().or_else(|| get_string(value, "href"));
    let Some(text) = text else { return Err(wrong("baseUrl", "a string or URL", value)) };
    let page = page_url();
    let base = page.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str);
    let url = Url::new(&text, &base).map_err(|_| {
        let relative = text.starts_with('/') && page.is_none();
        type_error(&[
            "baseUrl: \"",
            &text,
            if relative {
                "\" is relative, and there is no page here to resolve it against. Give it whole: https://host/path"
            } else {
                "\" is no URL. Give it whole: https://host/path"
            },
        ])
    })?;
    let part = |name| get_string(&url, name).unwrap_or_default();
    let protocol = part("protocol");
    if !matches!(protocol.as_str(), "https:" | "http:") {
        return Err(type_error(&["baseUrl: only http: and https: can be fetched, and this is ", &protocol]));
    }
    if ["username", "password"].into_iter().any(|name| !part(name).is_empty()) {
        return Err(type_error(&[
            "baseUrl: a user name or password in a URL cannot be fetched. Use routerKey or headers.",
        ]));
    }
    if ["search", "hash"].into_iter().any(|name| !part(name).is_empty()) {
        return Err(type_error(&[
            "baseUrl: it cannot have a query or a fragment, since paths are added to it",
        ]));
    }
    let mut address = [part("origin"), part("pathname")].concat();
    while address.ends_with('/') {
        address.pop();
    }
    Ok(address)
}

/// A number of milliseconds; `0` and `Infinity` turn a timeout off.
fn time(options: &JsValue, name: &'static str, place: &mut f64) -> Result<(), JsValue> {
    let value = get(options, name);
    if value.is_undefined() {
        return Ok(());
    }
    *place = match value.as_f64() {
        Some(0.0) => f64::INFINITY,
        Some(ms) if ms > 0.0 => ms,
        Some(_) => {
            return Err(range_error(&[name, ": milliseconds from 0 up belong here (0 turns it off)"]));
        }
        None => return Err(wrong(name, "a number of milliseconds", &value)),
    };
    Ok(())
}

fn whole(options: &JsValue, name: &'static str, most: f64, place: &mut u32) -> Result<(), JsValue> {
    let value = get(options, name);
    if value.is_undefined() {
        return Ok(());
    }
    *place = match value.as_f64() {
        Some(n) if n.trunc() == n && (0.0..=most).contains(&n) => n as u32,
        Some(_) => {
            return Err(range_error(&[name, ": a whole number from 0 to ", &decimal(most), " belongs here"]));
        }
        None => return Err(wrong(name, "a number", &value)),
    };
    Ok(())
}

/// A function, where there is one.
pub(crate) fn function(options: &JsValue, name: &'static str) -> Result<Option<Function>, JsValue> {
    let value = get(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    value.dyn_into::<Function>().map(Some).map_err(|value| wrong(name, "a function", &value))
}
