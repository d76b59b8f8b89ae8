//! How a call fails, in words: what happened, what it means and what to do, without a key in it.

use js_sys::JSON;
use wasm_bindgen::JsValue;

use super::call::Call;
use super::error::{ErrorAnswer, api_error, error, safe_cause, words};
use super::fetch::{Broken, Response};
use super::headers;
use super::runtime::is_page;
use super::value::{decimal, get, parse, start};
use crate::core::redact::redact;

impl Call {
    /// The error that came inside a 2xx answer, as the body or as an event.
    pub(crate) fn error_inside(&self, response: &Response, text: &str) -> JsValue {
        let body = self.safe_body(text);
        let inner = get(&body, "error");
        let status = [(&body, "status"), (&body, "code"), (&inner, "status"), (&inner, "code")]
            .into_iter()
            .find_map(|(place, name)| get(place, name).as_f64().filter(|n| (400.0..600.0).contains(n)));
        let answer = ErrorAnswer {
            status: status.map_or(response.status, |status| status as u16),
            headers: &headers::redacted(&response.headers, &self.frame.keys.borrow()),
            body,
            retry_after_ms: response.retry_after_ms(),
        };
        api_error(&answer, &self.frame.keys.borrow())
    }

    pub(crate) fn not_what_was_promised(&self, response: &Response, promised: &str, text: &str) -> JsValue {
        let came = response.header("content-type").unwrap_or_else(|| "no content type".to_owned());
        // Before it is cut: half a key would not be recognised.
        let text = self.redacted(text);
        let start = start(text.trim_ascii(), 120);
        let start = if start.is_empty() { "an empty body".to_owned() } else { ["\"", start, "\""].concat() };
        let message = [
            "The service answered ",
            &decimal(response.status.into()),
            ", but with ",
            &came,
            " (",
            &start,
            ") where ",
            promised,
            " belongs. Check the baseUrl, and what stands between here and the service.",
        ];
        let fields = [("status", JsValue::from(response.status)), ("body", JsValue::from_str(&text))];
        self.error("ResponseFormatError", &message.concat(), &fields)
    }

    pub(crate) fn timed_out(&self, phase: &str) -> JsValue {
        let options = &self.options;
        let (limit, option, missed) = match phase {
            "headers" => (options.headers_timeout, "headersTimeout", "no response head came"),
            "first-text" => (options.first_text_timeout, "firstTextTimeout", "no text came"),
            "idle" => (options.idle_timeout, "idleTimeout", "nothing more of the answer came"),
            _ => (self.frame.timeout, "timeout", "the call did not end"),
        };
        let ms = decimal(limit);
        let message =
            ["Timed out: ", missed, " within ", &ms, " ms. The option ", option, " sets that time."];
        let fields = [("phase", JsValue::from_str(phase)), ("timeoutMs", JsValue::from_f64(limit))];
        self.error("APITimeoutError", &message.concat(), &fields)
    }

    pub(crate) fn unreachable(&self, cause: &JsValue) -> JsValue {
        let hidden = if is_page() {
            " A browser hides the reason from a page: the host may be unknown or down, its certificate bad, or its CORS headers may not allow this page's origin and the headers sent. The network panel of the developer tools shows which."
        } else {
            " Check the baseUrl, the network and any proxy in between."
        };
        let reason = words(cause);
        let reason = if reason.is_empty() { String::new() } else { [" (", &reason, ")"].concat() };
        let message = ["No response from ", &self.client.options.base_url, &reason, ".", hidden].concat();
        let fields = [("cause", safe_cause(cause, &self.frame.keys.borrow()))];
        self.error("APIConnectionError", &message, &fields)
    }

    pub(crate) fn redirected(&self, response: &Response) -> JsValue {
        let to = response.header("location").map(|to| [" to ", &to].concat()).unwrap_or_default();
        let message = [
            "The service answered with a redirect",
            &to,
            ", which is not followed: the key would travel with it. Set baseUrl to the address itself.",
        ];
        self.error("APIConnectionError", &message.concat(), &[])
    }

    /// The error for a body of a whole answer that broke.
    pub(crate) fn broken(&self, broken: Broken) -> JsValue {
        let error = match broken {
            Broken::Idle => self.timed_out("idle"),
            Broken::Lost(cause) => {
                let message = ["The connection was lost in the middle of the answer (", &words(&cause), ")."];
                let fields = [("cause", safe_cause(&cause, &self.frame.keys.borrow()))];
                self.error("APIConnectionError", &message.concat(), &fields)
            }
        };
        self.cancellation.abort_request(&error);
        error
    }

    pub(crate) fn error(&self, class: &str, message: &str, fields: &[(&'static str, JsValue)]) -> JsValue {
        error(class, message, fields, &self.frame.keys.borrow())
    }

    pub(crate) fn redacted(&self, text: &str) -> String {
        redact(text, &self.frame.keys.borrow()).unwrap_or_else(|| text.to_owned())
    }

    /// The body of an error: its JSON, else its text. Redacted once parsed and written anew, since an escape (`\u002b`)
    /// can hide a key in the text as it came.
    pub(crate) fn safe_body(&self, text: &str) -> JsValue {
        let parsed = parse(text);
        if parsed.is_undefined() {
            return self.redacted(text).into();
        }
        let written = JSON::stringify(&parsed).map(String::from).unwrap_or_default();
        match redact(&written, &self.frame.keys.borrow()) {
            Some(safe) => match parse(&safe) {
                value if value.is_undefined() => safe.into(),
                value => value,
            },
            None => parsed,
        }
    }
}
