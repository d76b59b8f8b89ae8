//! The one error: what it is, and what it carries.

use std::cell::RefCell;
use std::error::Error as _;
use std::rc::Rc;
use std::time::Duration;

use purerouter::{Error, ErrorKind};
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
        ("authentication", error.is_authentication()),
        ("rate_limit", error.is_rate_limit()),
        ("server", error.is_server()),
        ("connection", error.is_connection()),
        ("timeout", error.is_timeout()),
        ("stream", error.is_stream()),
        ("truncated", error.is_truncated()),
        ("response_format", error.is_response_format()),
        ("fallback", error.is_fallback()),
        ("aborted", error.is_aborted()),
    ];
    all.iter().filter(|(_, holds)| *holds).map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[wasm_bindgen_test]
async fn each_predicate_holds_for_its_errors_alone() {
    let status = |status| whole(status, r#"{"error":{"message":"no"}}"#, &[]);
    assert_eq!(is(&failed(status(400)).await), "api");
    assert_eq!(is(&failed(status(401)).await), "api authentication");
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
    assert_eq!(is(&slow.stream(request).text().await.unwrap_err()), "connection timeout");
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
    assert_eq!(error.request_id().as_deref(), Some("r-1"));
    assert_eq!(error.code().as_deref(), Some("slow_down"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.partial_text(), None);
    assert_eq!(error.body_as::<serde_json::Value>().unwrap()["error"]["code"], "slow_down");
    assert!(error.to_string().contains("Too fast."), "{error}");
    let shown = format!("{error:?}");
    assert!(shown.contains("429") && shown.contains("r-1"), "{shown}");
    let attempts = error.attempts();
    assert_eq!((attempts.len(), attempts[0].status), (1, Some(429)));
    assert_eq!(attempts[0].error.as_ref().unwrap().status(), Some(429));
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
async fn it_is_given_to_javascript_as_it_was() {
    let error = failed(whole(404, "{}", &[])).await;
    assert_eq!(crate::answers::get(error.as_js(), "name"), "NotFoundError");
    let given: JsValue = error.clone().into();
    assert_eq!(&given, error.as_js());
    let boxed: Box<dyn std::error::Error> = Box::new(error);
    assert!(boxed.to_string().starts_with("404"), "{boxed}");
}
