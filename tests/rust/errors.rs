//! The one error: what it is, and what it carries.

use std::cell::RefCell;
use std::error::Error as _;
use std::rc::Rc;
use std::time::Duration;

use purerouter::{Attempt, Completion, Error, ErrorKind, Head, Instance, Message, TimeoutPhase};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{answer, client, service, streamed, unfinished, whole};

#[wasm_bindgen(inline_js = r#"
    export const unreachable = () => Promise.reject(new TypeError("no network", { cause: new Error("no route") }));
    export const html = () => new Response("<p>Sign in", { headers: { "content-type": "text/html" } });
"#)]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = unreachable)]
    static UNREACHABLE: JsValue;
    #[wasm_bindgen(thread_local_v2, js_name = html)]
    static HTML: JsValue;
}

async fn failed(answer: JsValue) -> Error {
    client(&[answer]).deployment("a").invoke("Hi.").await.unwrap_err()
}

async fn broken(answer: JsValue) -> Error {
    client(&[answer]).deployment("a").stream("Hi.").text().await.unwrap_err()
}

/// The names of all predicates that hold.
fn is(error: &Error) -> String {
    let all = [
        ("invalid", error.is_invalid()),
        ("api", error.is_api()),
        ("bad_request", error.is_bad_request()),
        ("authentication", error.is_authentication()),
        ("permission_denied", error.is_permission_denied()),
        ("not_found", error.is_not_found()),
        ("conflict", error.is_conflict()),
        ("unprocessable_entity", error.is_unprocessable_entity()),
        ("rate_limit", error.is_rate_limit()),
        ("server", error.is_server()),
        ("connection", error.is_connection()),
        ("timeout", error.is_timeout()),
        ("stream", error.is_stream()),
        ("truncated", error.is_truncated()),
        ("response_format", error.is_response_format()),
        ("decode", error.is_decode()),
        ("fallback", error.is_fallback()),
        ("aborted", error.is_aborted()),
    ];
    all.iter().filter(|(_, holds)| *holds).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[wasm_bindgen_test]
async fn each_predicate_holds_for_its_errors_alone() {
    let status = |status| whole(status, r#"{"error":{"message":"no"}}"#, &[]);
    assert_eq!(is(&failed(status(400)).await), "api bad_request");
    assert_eq!(is(&failed(status(401)).await), "api authentication");
    assert_eq!(is(&failed(status(403)).await), "api permission_denied");
    assert_eq!(is(&failed(status(404)).await), "api not_found");
    assert_eq!(is(&failed(status(409)).await), "api conflict");
    assert_eq!(is(&failed(status(418)).await), "api");
    assert_eq!(is(&failed(status(422)).await), "api unprocessable_entity");
    assert_eq!(is(&failed(status(429)).await), "api rate_limit");
    assert_eq!(is(&failed(status(500)).await), "api server");
    assert_eq!(is(&failed(UNREACHABLE.with(JsValue::clone)).await), "connection");
    assert_eq!(is(&failed(HTML.with(JsValue::clone)).await), "response_format");
    assert_eq!(is(&broken(HTML.with(JsValue::clone)).await), "response_format");
    assert_eq!(is(&broken(streamed(&["data: {}\n\n"])).await), "stream truncated");
    assert_eq!(
        is(&broken(streamed(&["data: {\"error\":{\"message\":\"no\",\"code\":429}}\n\n"])).await),
        "api rate_limit"
    );
    assert_eq!(is(&failed(JsValue::UNDEFINED).await), "connection");

    let slow = client(&[unfinished(&[])]).deployment("a");
    let request = purerouter::Request::prompt("Hi.").timeout(Duration::from_millis(10));
    let late = slow.stream(request).text().await.unwrap_err();
    assert_eq!(is(&late), "connection timeout");
    assert_eq!(late.timeout_phase(), Some(TimeoutPhase::Total));
    assert_eq!(late.timeout_limit(), Some(Duration::from_millis(10)));
    assert_eq!(
        is(&slow.invoke(purerouter::Request::prompt("Hi.").max_tokens(0)).await.unwrap_err()),
        "invalid"
    );
    let none = client(&[status(500)]);
    let all = none.fallback([none.deployment("a").into(), none.deployment("b").into()]);
    assert_eq!(is(&all.invoke("Hi.").await.unwrap_err()), "fallback");

    let own = crate::answers::builder(&service(&[answer("Hello")]))
        .router_key_with(|| async { Err("nothing".into()) })
        .build()
        .unwrap();
    assert_eq!(own.deployment("a").invoke("Hi.").await.unwrap_err().kind(), ErrorKind::Other);
}

#[wasm_bindgen_test]
async fn who_observes_sees_that_a_call_was_dropped() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let into = Rc::clone(&seen);
    let client = crate::answers::builder(&service(&[unfinished(&[&crate::answers::delta("Hello")])]))
        .on_attempt(move |attempt| into.borrow_mut().extend(attempt.error))
        .build()
        .unwrap();
    let mut stream = client.deployment("a").stream("Hi.");
    let _ = stream.next().await.unwrap().unwrap();
    drop(stream);
    let told = Rc::clone(&seen);
    crate::answers::until(move || !told.borrow().is_empty()).await;
    assert_eq!(is(&seen.borrow()[0]), "aborted");
}

#[wasm_bindgen_test]
async fn an_error_carries_what_the_service_said() {
    let body = r#"{"error":{"message":"Too fast.","code":"slow_down"}}"#;
    let error = failed(whole(429, body, &[("retry-after", "7"), ("x-request-id", "r-1")])).await;
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status(), Some(429));
    assert_eq!(error.request_id(), Some("r-1"));
    assert_eq!((error.header("X-Request-Id"), error.header("x-none")), (Some("r-1"), None));
    assert_eq!(error.timeout_phase(), None);
    assert_eq!(error.code(), Some("slow_down"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.partial_text(), None);
    assert_eq!(error.body_as::<serde_json::Value>().unwrap()["error"]["code"], "slow_down");
    assert_eq!(is(&error.body_as::<u8>().unwrap_err()), "decode");
    assert_eq!(failed(whole(500, "Down.", &[])).await.body_as::<String>().unwrap(), "Down.");
    assert!(error.to_string().contains("Too fast."), "{error}");
    let shown = format!("{error:?}");
    assert!(shown.contains("429") && shown.contains("r-1"), "{shown}");
    let attempts = error.attempts();
    assert_eq!((attempts.len(), attempts[0].status), (1, Some(429)));
    let own = attempts[0].error.as_ref().unwrap();
    assert_eq!((own.status(), own.attempts().len()), (Some(429), 0));
}

#[wasm_bindgen_test]
async fn what_lies_under_an_error_is_its_source() {
    let error = failed(UNREACHABLE.with(JsValue::clone)).await;
    let source = error.source().unwrap();
    assert_eq!(source.to_string(), "no network");
    assert_eq!(source.source().unwrap().to_string(), "no route");
    assert!(source.source().unwrap().source().is_none());
}

#[wasm_bindgen_test]
async fn it_is_given_to_javascript_with_what_it_says() {
    let body = r#"{"error":{"message":"Too fast.","code":7}}"#;
    let error = failed(whole(429, body, &[("retry-after", "7"), ("x-request-id", "r-1")])).await;
    let words = error.to_string();
    let given: JsValue = error.into();
    assert!(given.is_instance_of::<js_sys::Error>());
    let get = |name| crate::answers::get(&given, name);
    assert_eq!((get("name"), get("message")), ("RateLimitError".into(), words.into()));
    assert_eq!((get("status"), get("requestId"), get("code")), (429.into(), "r-1".into(), "7".into()));
    assert_eq!((get("retryAfterMs"), get("partialText")), (7000.into(), JsValue::UNDEFINED));
    let given: JsValue = broken(streamed(&[&crate::answers::delta("Hel")])).await.into();
    assert_eq!(crate::answers::get(&given, "partialText"), "Hel");
    assert_eq!(crate::answers::get(&given, "status"), JsValue::UNDEFINED);
}

/// What a framework's signals and error types ask for; that it compiles is the test.
#[wasm_bindgen_test]
async fn answers_and_errors_are_plain_data() {
    fn plain<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    plain::<Error>();
    plain::<ErrorKind>();
    plain::<Completion>();
    plain::<Attempt>();
    plain::<Head>();
    plain::<Message>();
    plain::<Instance>();

    async fn ask() -> Result<Completion, Box<dyn std::error::Error + Send + Sync>> {
        Ok(client(&[whole(404, "{}", &[])]).deployment("a").invoke("Hi.").await?)
    }
    let error = ask().await.unwrap_err();
    assert!(error.downcast_ref::<Error>().unwrap().is_not_found());
    assert!(error.to_string().starts_with("404"), "{error}");
}
