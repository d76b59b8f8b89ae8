//! The options of a client and of a call: read, checked, and merged.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};

use super::error::{range_error, type_error};
use super::headers::{self, Header};
use super::runtime::{is_page, page_url};
use super::value::{decimal, get, get_string, is_array, keys, kind};
use crate::core::header::is_key;
use crate::core::suggest::nearest;

/// Where the service is, unless told otherwise.
const SERVICE: &str = "https://api.purerouter-api.com";

/// The options that a call may replace.
const PER_CALL: [&str; 8] = [
    "routerKey",
    "timeout",
    "headersTimeout",
    "firstTextTimeout",
    "idleTimeout",
    "maxRetries",
    "headers",
    "onAttempt",
];
const CLIENT_ONLY: [&str; 4] = ["baseUrl", "maxEventBytes", "fetch", "dangerouslyAllowBrowser"];
const CALL_ONLY: [&str; 1] = ["signal"];

/// A router key, or what makes one before every attempt.
#[derive(Clone)]
pub(crate) enum Key {
    Text(Rc<str>),
    Function(Function),
}

/// What a call may replace. Times are milliseconds, infinite where turned off.
#[derive(Clone)]
pub(crate) struct CallOptions {
    pub(crate) key: Option<Key>,
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
        let known: Vec<&str> = PER_CALL.into_iter().chain(CLIENT_ONLY).collect();
        check_names(options, "new PureRouter()", &known)?;
        let allow_browser = match get(options, "dangerouslyAllowBrowser") {
            value if value.is_undefined() => false,
            value => value
                .as_bool()
                .ok_or_else(|| type_error(&["dangerouslyAllowBrowser: true or false belongs here"]))?,
        };
        let defaults = CallOptions {
            key: None,
            timeout: None,
            headers_timeout: 60_000.0,
            first_text_timeout: 120_000.0,
            idle_timeout: 60_000.0,
            max_retries: 4,
            headers: Rc::new([]),
            on_attempt: None,
            signal: None,
        };
        Ok(Self {
            call: defaults.with(options, allow_browser)?,
            base_url: base_url(&get(options, "baseUrl"))?,
            max_event_bytes: match whole(options, "maxEventBytes", f64::from(u32::MAX >> 1))? {
                None => 8_388_608,
                Some(0) => {
                    return Err(range_error(&["maxEventBytes: a whole number from 1 up belongs here"]));
                }
                Some(bytes) => bytes,
            },
            fetch: function(options, "fetch")?,
            allow_browser,
        })
    }
}

impl CallOptions {
    /// These options with what a call gives in their place.
    pub(crate) fn for_call(&self, options: &JsValue, allow_browser: bool) -> Result<Self, JsValue> {
        if options.is_undefined() {
            return Ok(self.clone());
        }
        let known: Vec<&str> = PER_CALL.into_iter().chain(CALL_ONLY).collect();
        check_names(options, "this call", &known)?;
        let mut merged = self.with(options, allow_browser)?;
        let signal = get(options, "signal");
        if !signal.is_undefined() && !signal.is_null() {
            if !get(&signal, "addEventListener").is_function() {
                return Err(type_error(&[
                    "signal: an AbortSignal belongs here, and ",
                    kind(&signal),
                    " came",
                ]));
            }
            merged.signal = Some(signal);
        }
        Ok(merged)
    }

    fn with(&self, options: &JsValue, allow_browser: bool) -> Result<Self, JsValue> {
        if options.is_undefined() {
            return Ok(self.clone());
        }
        let given = get(options, "headers");
        Ok(Self {
            key: key(&get(options, "routerKey"), allow_browser)?.or_else(|| self.key.clone()),
            timeout: time(options, "timeout")?.or(self.timeout),
            headers_timeout: time(options, "headersTimeout")?.unwrap_or(self.headers_timeout),
            first_text_timeout: time(options, "firstTextTimeout")?.unwrap_or(self.first_text_timeout),
            idle_timeout: time(options, "idleTimeout")?.unwrap_or(self.idle_timeout),
            max_retries: whole(options, "maxRetries", 1000.0)?.unwrap_or(self.max_retries),
            headers: headers::merged(&self.headers, &given)?,
            on_attempt: function(options, "onAttempt")?.or_else(|| self.on_attempt.clone()),
            signal: None,
        })
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
            None if CLIENT_ONLY.contains(&name.as_str()) => ": it belongs to new PureRouter()".to_owned(),
            None if CALL_ONLY.contains(&name.as_str()) => ": it belongs to a call".to_owned(),
            None => [": the options are ", &known.join(", ")].concat(),
        };
        return Err(type_error(&["\"", &name, "\" is no option of ", of, &hint]));
    }
    Ok(())
}

fn key(value: &JsValue, allow_browser: bool) -> Result<Option<Key>, JsValue> {
    if value.is_undefined() {
        return Ok(None);
    }
    if let Some(function) = value.dyn_ref::<Function>() {
        return Ok(Some(Key::Function(function.clone())));
    }
    let text = checked_key(value, "routerKey")?;
    if !allow_browser && is_page() {
        return Err(type_error(&[
            "routerKey: every visitor of this page could read it. Keep it on a server: let a gateway (purerouter/worker) add it and give its address as baseUrl, or give a function that fetches a short-lived key. Where the page is yours alone, dangerouslyAllowBrowser: true allows it.",
        ]));
    }
    Ok(Some(Key::Text(text.into())))
}

/// A key that can be sent. The message never shows it.
pub(crate) fn checked_key(value: &JsValue, what: &str) -> Result<String, JsValue> {
    let Some(text) = value.as_string() else {
        return Err(type_error(&[
            what,
            ": a string (or a function that gives one) belongs here, and ",
            kind(value),
            " came",
        ]));
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
    let Some(text) = text else {
        return Err(type_error(&["baseUrl: a string or URL belongs here, and ", kind(value), " came"]));
    };
    let page = page_url();
    let url = match &page {
        Some(page) => web_sys::Url::new_with_base(&text, page),
        None => web_sys::Url::new(&text),
    };
    let url = url.map_err(|_| {
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
    if !matches!(url.protocol().as_str(), "https:" | "http:") {
        return Err(type_error(&[
            "baseUrl: only http: and https: can be fetched, and this is ",
            &url.protocol(),
        ]));
    }
    if !url.username().is_empty() || !url.password().is_empty() {
        return Err(type_error(&[
            "baseUrl: a user name or password in a URL cannot be fetched. Use routerKey or headers.",
        ]));
    }
    if !url.search().is_empty() || !url.hash().is_empty() {
        return Err(type_error(&[
            "baseUrl: it cannot have a query or a fragment, since paths are added to it",
        ]));
    }
    Ok([url.origin().as_str(), url.pathname().trim_end_matches('/')].concat())
}

/// A number of milliseconds; `0` and `Infinity` turn a timeout off.
fn time(options: &JsValue, name: &str) -> Result<Option<f64>, JsValue> {
    let value = get(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_f64() {
        Some(0.0) => Ok(Some(f64::INFINITY)),
        Some(ms) if ms > 0.0 => Ok(Some(ms)),
        Some(_) => Err(range_error(&[name, ": milliseconds from 0 up belong here (0 turns it off)"])),
        None => {
            Err(type_error(&[name, ": a number of milliseconds belongs here, and ", kind(&value), " came"]))
        }
    }
}

fn whole(options: &JsValue, name: &str, most: f64) -> Result<Option<u32>, JsValue> {
    let value = get(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_f64() {
        Some(n) if n.trunc() == n && (0.0..=most).contains(&n) => Ok(Some(n as u32)),
        Some(_) => Err(range_error(&[name, ": a whole number from 0 to ", &decimal(most), " belongs here"])),
        None => Err(type_error(&[name, ": a number belongs here, and ", kind(&value), " came"])),
    }
}

pub(crate) fn function(options: &JsValue, name: &str) -> Result<Option<Function>, JsValue> {
    let value = get(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    match value.dyn_into::<Function>() {
        Ok(function) => Ok(Some(function)),
        Err(value) => Err(type_error(&[name, ": a function belongs here, and ", kind(&value), " came"])),
    }
}
