//! Whatever is given as `fetch`, and whatever that gives back: the caller hears of it, once.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{
    Outcome, abort, ask, assert_error, assert_none, client, client_with, get, health, invoke, is_page,
    object, open, other_realm, read, request, text, turn,
};
use crate::service::{answer, asked, deaf, last_request, service};

#[wasm_bindgen(module = "/tests/boundary/fetches.js")]
extern "C" {
    #[wasm_bindgen(js_name = fetchThat)]
    fn fetch_that(name: &str) -> JsValue;
}

const NO_NETWORK: &str = "no network today";
const NO_RESPONSE: &str = "that is no Response";

#[wasm_bindgen_test]
async fn every_failure_is_a_connection_error() {
    let table = [
        ("throws an Error", NO_NETWORK),
        ("throws a string", NO_NETWORK),
        ("throws undefined", "No response from"),
        ("rejects with undefined", "No response from"),
        ("rejects with null", "No response from"),
        ("rejects with a string", NO_NETWORK),
        ("rejects with a symbol", "No response from"),
        ("rejects with a bigint", "No response from"),
        ("rejects with an object", NO_NETWORK),
        ("rejects with a function", "No response from"),
        ("rejects with an error whose message throws", "No response from"),
        ("rejects with an error that holds something unreadable", NO_NETWORK),
        ("rejects with a proxy that allows nothing", "No response from"),
        ("rejects with a revoked proxy", "No response from"),
        ("returns a revoked proxy", "No response from"),
        ("returns a thenable whose then throws", NO_NETWORK),
        ("returns an object whose then cannot be read", NO_NETWORK),
        ("returns undefined", "undefined that is no Response"),
        ("returns null", "null that is no Response"),
        ("returns a string", "a string that is no Response"),
        ("returns a number", "a number that is no Response"),
        ("returns an array", "an array that is no Response"),
        ("returns a function", "a function that is no Response"),
        ("returns a symbol", NO_RESPONSE),
        ("resolves with undefined", "undefined that is no Response"),
        ("resolves with a plain object", "an object that is no Response"),
        ("resolves with a proxy that allows nothing but being awaited", NO_RESPONSE),
        ("resolves with a proxy that is revoked when looked at", NO_RESPONSE),
    ];
    let mut failures = Vec::new();
    for (name, words) in table {
        // With a key, what was thrown is also searched for it.
        let key = Function::new_no_args("return 'sk_secret'").into();
        let client =
            client_with(&[("fetch", fetch_that(name)), ("routerKey", key), ("maxRetries", 0.into())]);
        let outcomes = [
            ("invoke", Outcome::of(ask(&client)).await),
            ("health", Outcome::of(health(&client, &JsValue::UNDEFINED)).await),
            ("stream", Outcome::of(read(&client)).await),
        ];
        for (method, outcome) in outcomes {
            let failure = outcome.unless_rejected("APIConnectionError", words);
            failures.extend(failure.map(|failure| format!("{name}, {method}: {failure}")));
        }
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn whatever_can_be_awaited_is_an_answer() {
    for name in ["returns a response, not a promise", "returns a thenable", "settles twice"] {
        let answered = Outcome::of(ask(&client(&fetch_that(name)))).await.value();
        assert_eq!(get(&answered, "choices.0.text"), "Hello", "{name}");
    }
}

#[wasm_bindgen_test]
async fn the_cause_is_what_fetch_gave() {
    let thrown: JsValue = js_sys::Error::new("refused").into();
    let fetch = Function::new_with_args("url", "throw this").bind0(&thrown);
    // `this` is the caller's own in a bound function; the client calls a custom fetch without one.
    let error = Outcome::of(ask(&client(&fetch))).await.error();
    assert_eq!(get(&error, "cause"), thrown);
    assert_eq!(get(&error, "attempts.0.error"), error);
    assert_eq!(get(&error, "attempts.length"), 1);
}

#[wasm_bindgen_test]
async fn a_key_in_the_cause_is_redacted() {
    let fetch =
        Function::new_with_args("url, init", "throw new Error('sent ' + init.headers.get('x-router-key'))");
    let key = Function::new_no_args("return 'sk_secret'").into();
    let client = client_with(&[("fetch", fetch.into()), ("routerKey", key), ("maxRetries", 0.into())]);
    for error in [Outcome::of(ask(&client)).await.error(), Outcome::of(read(&client)).await.error()] {
        assert_error(&error, "APIConnectionError", "sent [redacted]");
        for place in ["stack", "cause.message", "cause.stack"] {
            let text = get(&error, place).as_string().unwrap();
            assert!(!text.contains("sk_secret"), "{place}: {text}");
        }
    }
}

#[wasm_bindgen_test]
async fn the_global_fetch_is_called_on_the_global_object_and_looked_up_each_time() {
    let client = client_with(&[("maxRetries", 0.into()), ("baseUrl", "http://a.test".into())]);
    let global = js_sys::global();
    let original = get(&global, "fetch");
    let ours = Function::new_with_args(
        "url",
        "'use strict'; return this === globalThis ? new Response('{\"choices\":[]}') : Promise.reject(new Error('Illegal invocation'))",
    );
    js_sys::Reflect::set(&global, &"fetch".into(), &ours).unwrap();
    let answered = Outcome::of(ask(&client)).await;
    js_sys::Reflect::set(&global, &"fetch".into(), &JsValue::UNDEFINED).unwrap();
    let without = Outcome::of(ask(&client)).await;
    js_sys::Reflect::set(&global, &"fetch".into(), &original).unwrap();
    answered.value();
    assert_error(&without.error(), "APIConnectionError", "no fetch");
}

#[wasm_bindgen_test]
async fn the_runtimes_own_fetch_takes_what_is_sent() {
    // Port 9 is one that browsers block and nothing listens on: an honest failure of the real thing.
    let client = client_with(&[("maxRetries", 0.into()), ("baseUrl", "http://127.0.0.1:9".into())]);
    let error = Outcome::of(ask(&client)).await.error();
    let hint = if is_page() { "A browser hides the reason" } else { "Check the baseUrl" };
    assert_error(&error, "APIConnectionError", hint);
    assert!(get(&error, "cause").is_instance_of::<js_sys::TypeError>());
}

#[wasm_bindgen_test]
async fn a_function_of_another_realm_is_one() {
    let fetch = other_realm("() => ({ status: 200, headers: { get: () => null }, body: null })").await;
    let error = Outcome::of(ask(&client(&fetch))).await.error();
    assert_error(&error, "ResponseFormatError", "an empty body");
}

#[wasm_bindgen_test]
async fn a_fetch_deaf_to_its_signal_holds_nothing_up() {
    let fetch = service(&[deaf()]);
    let client = client(&fetch);
    let timeout = object(&[("timeout", 30.into())]);
    let error = Outcome::of(invoke(&client, &request(), &timeout)).await.error();
    assert_error(&error, "APITimeoutError", "30 ms");
    assert_eq!(get(&error, "phase"), "total");
    assert_eq!(last_request(&fetch, "signal.aborted"), true);

    let stream = open(&client);
    let reading = text(&stream);
    turn().await;
    abort(&stream, &"enough".into());
    assert_eq!(Outcome::of(reading).await.error(), "enough");
    assert_eq!(last_request(&fetch, "signal.reason"), "enough");
}

#[wasm_bindgen_test]
async fn what_is_sent_is_what_the_wire_needs() {
    let fetch = service(&[answer("Hello")]);
    Outcome::of(ask(&client(&fetch))).await.value();
    assert_eq!(asked(&fetch), 1);
    assert_eq!(last_request(&fetch, "method"), "POST");
    assert_eq!(last_request(&fetch, "redirect"), "manual");
    assert_eq!(last_request(&fetch, "body"), r#"{"prompt":"Hi."}"#);
    assert_eq!(
        last_request(&fetch, "url"),
        "https://api.purerouter-api.com/v1/deployments/a-deployment/invoke"
    );
    let headers = js_sys::Array::from(&last_request(&fetch, "headers")).join(";").as_string();
    assert_eq!(headers.as_deref(), Some("accept,application/json;content-type,application/json"));
}
