//! Answers of every make: what is enough of a Response is one, and what is not says so.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{Outcome, ask, assert_none, client, get, health, infer, other_realm, read, request};

#[wasm_bindgen(module = "/tests/boundary/responses.js")]
extern "C" {
    #[wasm_bindgen(js_name = serviceWith)]
    fn service_with(name: &str) -> JsValue;
    fn foreign(makers: &JsValue) -> JsValue;
}

const CONNECTION: &str = "APIConnectionError";
const STREAM: &str = "StreamError";

/// An error's name, and words of its message.
type Expected = (&'static str, &'static str);

/// What makes it no answer; how a call that answers once rejects, and how a stream does.
const NO_ANSWERS: [(&str, Expected, Expected); 22] = [
    ("a status that cannot be read", (CONNECTION, "no Response"), (CONNECTION, "no Response")),
    ("a status that is a string", (CONNECTION, "no Response"), (CONNECTION, "no Response")),
    ("no headers", (CONNECTION, "no Response"), (CONNECTION, "no Response")),
    ("headers without get", (CONNECTION, "no Response"), (CONNECTION, "no Response")),
    ("an error response", (CONNECTION, "No response"), (CONNECTION, "No response")),
    ("a body that is null", ("ResponseFormatError", "an empty body"), ("ResponseFormatError", "")),
    ("a body that cannot be read", ("ResponseFormatError", "an empty body"), ("TruncatedStreamError", "")),
    ("a body that is a string", ("ResponseFormatError", "an empty body"), ("TruncatedStreamError", "")),
    ("a body that is an array", (CONNECTION, "no ReadableStream"), (STREAM, "lost")),
    ("a body whose getReader throws", (CONNECTION, "a getter that throws"), (STREAM, "a getter that throws")),
    ("a body whose reader is undefined", (CONNECTION, "no reader"), (STREAM, "lost")),
    ("a body that another reads", (CONNECTION, "lock"), (STREAM, "lock")),
    ("a reader without read", (CONNECTION, "no reader"), (STREAM, "lost")),
    ("a read that throws", (CONNECTION, "a getter that throws"), (STREAM, "a getter that throws")),
    ("a read that rejects with undefined", (CONNECTION, "lost"), (STREAM, "lost")),
    ("a read that gives undefined", (CONNECTION, "bytes (Uint8Array)"), (STREAM, "lost")),
    ("a read that resolves with undefined", (CONNECTION, "bytes (Uint8Array)"), (STREAM, "lost")),
    ("a read whose done cannot be read", (CONNECTION, "bytes (Uint8Array)"), (STREAM, "lost")),
    ("chunks that are strings", (CONNECTION, "bytes (Uint8Array)"), (STREAM, "bytes (Uint8Array)")),
    ("chunks that are undefined", (CONNECTION, "bytes (Uint8Array)"), (STREAM, "bytes (Uint8Array)")),
    ("chunks that are numbers", (CONNECTION, "bytes (Uint8Array)"), (STREAM, "bytes (Uint8Array)")),
    ("a body that errors", (CONNECTION, "cable cut"), (STREAM, "cable cut")),
];

#[wasm_bindgen_test]
async fn what_is_no_answer_says_so() {
    let mut failures = Vec::new();
    for (name, (class, words), (stream_class, stream_words)) in NO_ANSWERS {
        let client = client(&service_with(name));
        let invoked = Outcome::of(ask(&client)).await.unless_rejected(class, words);
        failures.extend(invoked.map(|failure| format!("{name}, invoke: {failure}")));
        let streamed = Outcome::of(read(&client)).await.unless_rejected(stream_class, stream_words);
        failures.extend(streamed.map(|failure| format!("{name}, stream: {failure}")));
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn what_is_enough_of_an_answer_is_one() {
    let table = [
        "headers whose get throws",
        "headers that give numbers",
        "a read that gives no promise",
        "a read that gives a thenable",
        "a reader without cancel",
        "a cancel that throws",
        "a cancel that gives no promise",
        "a cancel that rejects",
        "chunks of a larger buffer",
        "chunks that are DataViews",
        "a class of its own",
        "a proxy of a response",
    ];
    let mut failures = Vec::new();
    for name in table {
        failures.extend(failures_with(name, &service_with(name)).await);
    }
    assert_none(&failures);
}

#[wasm_bindgen_test]
async fn bytes_and_promises_of_another_realm_are_as_good() {
    let makers = "{ array: (n) => new Uint8Array(n), promise: async (value) => value }";
    let fetch = foreign(&other_realm(makers).await);
    assert_none(&failures_with("another realm", &fetch).await);
}

/// How `fetch`, which answers "Hello" to both kinds of call, was misread.
async fn failures_with(name: &str, fetch: &JsValue) -> Vec<String> {
    let client = client(fetch);
    let mut failures = Vec::new();
    match Outcome::of(ask(&client)).await {
        Outcome::Fulfilled(answer) if get(&answer, "choices.0.text") == "Hello" => {}
        other => failures.push(format!("{name}, invoke: {other:?}")),
    }
    match Outcome::of(read(&client)).await {
        Outcome::Fulfilled(text) if text == "Hello" => {}
        other => failures.push(format!("{name}, stream: {other:?}")),
    }
    failures
}

#[wasm_bindgen_test]
async fn every_call_goes_this_way() {
    let client = client(&service_with("a class of its own"));
    Outcome::of(health(&client, &JsValue::UNDEFINED)).await.value();
    let inferred = Outcome::of(infer(&client, &request(), &JsValue::UNDEFINED)).await.value();
    assert_eq!(get(&inferred, "choices.0.text"), "Hello");
}
