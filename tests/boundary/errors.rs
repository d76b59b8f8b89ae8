//! Errors as JavaScript knows them: real ones, of the exported classes, with everything on them, and nothing secret.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Error, Function, JSON, Object, RangeError, TypeError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{
    Outcome, ask, assert_error, asynchronous, client, client_with, console_errors, describe, function, get,
    is_of, json, read,
};
use crate::service::{DONE, answer, delta, service, streamed, whole};

/// What every error of ours is.
fn assert_real(error: &JsValue, name: &str) {
    assert_error(error, name, "");
    assert!(is_of(error, "PureRouterError"), "{name}");
    let described = describe(error);
    assert_eq!(get(&described, "isError"), true, "{name}");
    assert_eq!(get(&described, "stack"), true, "{name}");
    let message = get(error, "message").as_string().unwrap();
    assert_eq!(get(&described, "printed"), format!("{name}: {message}").as_str());
    assert!(Array::is_array(&get(error, "attempts")), "{name}");
    let shown = json(&get(&described, "json").as_string().unwrap());
    assert_eq!(get(&shown, "name"), name);
    assert_eq!(get(&shown, "message"), message.as_str());
    assert_eq!(get(&shown, "attempts"), JsValue::UNDEFINED);
}

#[wasm_bindgen_test]
async fn each_status_has_its_class() {
    let table: [(u16, &str); 11] = [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (418, "APIError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (503, "InternalServerError"),
        (599, "InternalServerError"),
    ];
    for (status, name) in table {
        let body = r#"{"error":{"message":"It says why.","code":"a_code"}}"#;
        let client = client(&service(&[whole(status, body, &json(r#"{ "x-request-id": "r-7" }"#))]));
        for error in [Outcome::of(ask(&client)).await.error(), Outcome::of(read(&client)).await.error()] {
            assert_real(&error, name);
            assert!(is_of(&error, name) && is_of(&error, "APIError"), "{name}");
            assert_eq!(get(&error, "status"), f64::from(status));
            assert_eq!(get(&error, "requestId"), "r-7");
            assert_eq!(get(&error, "code"), "a_code");
            assert_eq!(get(&error, "body.error.message"), "It says why.");
            assert!(get(&error, "message").as_string().unwrap().contains("It says why."));
            assert_eq!(get(&error, "attempts.0.status"), f64::from(status));
            assert_eq!(get(&error, "attempts.0.error"), error);
        }
    }
}

#[wasm_bindgen_test]
async fn the_other_classes() {
    let lost = Function::new_no_args("throw new Error('lost')");
    let error = Outcome::of(ask(&client(&lost))).await.error();
    assert_real(&error, "APIConnectionError");
    assert!(is_of(&error, "APIConnectionError") && !is_of(&error, "APITimeoutError"));
    assert_eq!(get(&error, "cause.message"), "lost");

    let never = Function::new_no_args("return new Promise(() => {})");
    let options = [("fetch", never.into()), ("timeout", 20.into())];
    let error = Outcome::of(ask(&client_with(&options))).await.error();
    assert_real(&error, "APITimeoutError");
    assert!(is_of(&error, "APITimeoutError") && is_of(&error, "APIConnectionError"));
    assert_eq!((get(&error, "phase"), get(&error, "timeoutMs")), ("total".into(), 20.into()));

    let error = Outcome::of(read(&client(&service(&[streamed(&[delta("Hel").into()])])))).await.error();
    assert_real(&error, "TruncatedStreamError");
    assert!(is_of(&error, "TruncatedStreamError") && is_of(&error, "StreamError"));
    assert_eq!(get(&error, "partialText"), "Hel");

    let page = whole(200, "<html>", &json(r#"{ "content-type": "text/html" }"#));
    let client = client(&service(&[page]));
    for error in [Outcome::of(ask(&client)).await.error(), Outcome::of(read(&client)).await.error()] {
        assert_real(&error, "ResponseFormatError");
        assert!(is_of(&error, "ResponseFormatError") && !is_of(&error, "APIError"));
        assert_eq!((get(&error, "status"), get(&error, "body")), (200.into(), "<html>".into()));
    }
}

#[wasm_bindgen_test]
async fn wrong_arguments_are_the_languages_own_errors() {
    let client = client(&service(&[answer("Hello")]));
    let error = Outcome::of(crate::caller::invoke(&client, &json("{}"), &JsValue::UNDEFINED)).await.error();
    assert_error(&error, "TypeError", "prompt");
    assert!(error.is_instance_of::<TypeError>() && !is_of(&error, "PureRouterError"));
    assert_eq!(get(&describe(&error), "enumerable"), "");
    let wrong = json(r#"{ "timeout": -1 }"#);
    let error = Outcome::of(crate::caller::invoke(&client, &crate::caller::request(), &wrong)).await.error();
    assert!(error.is_instance_of::<RangeError>());
}

#[wasm_bindgen_test]
async fn a_key_that_the_service_echoes_is_on_no_error() {
    let key = Function::new_no_args("return 'sk_secret'");
    let said = r#"{"error":{"message":"sk_secret is no key","given":["sk_secret"]}}"#;
    let headers = json(r#"{ "x-given": "sk_secret", "x-request-id": "sk_secret" }"#);
    let echoed = [
        whole(401, said, &headers),
        whole(200, "sk_secret", &headers),
        streamed(&[delta("sk_secret").into(), format!("data: {said}\n\n").into()]),
    ];
    for answer in echoed {
        let options =
            [("fetch", service(&[answer])), ("routerKey", key.clone().into()), ("maxRetries", 0.into())];
        let error = Outcome::of(read(&client_with(&options))).await.error();
        let headers = get(&error, "headers");
        let headers = if headers.is_object() { Array::from(&headers) } else { Array::new() };
        let body = JSON::stringify(&get(&error, "body")).ok().and_then(|body| body.as_string());
        let texts = [
            get(&error, "stack").as_string(),
            get(&describe(&error), "json").as_string(),
            headers.join(";").as_string(),
            body,
        ];
        let texts = texts.into_iter().flatten().collect::<Vec<_>>().join("\n");
        assert!(texts.contains("[redacted]") && !texts.contains("sk_secret"), "{texts}");
    }
}

#[wasm_bindgen_test]
async fn an_observer_that_throws_is_heard_by_the_console_alone() {
    for thrown in [JsValue::from(Error::new("observer")), "observer".into(), JsValue::UNDEFINED] {
        let throws = Function::new_with_args("thrown", "return () => { throw thrown }");
        let observer = throws.call1(&JsValue::UNDEFINED, &thrown).unwrap();
        let fetch = service(&[whole(503, "{}", &JsValue::UNDEFINED), answer("Hello")]);
        let streaming = service(&[streamed(&[delta("Hello").into(), DONE.into()])]);
        let seen = Rc::new(RefCell::new(Vec::new()));
        let outcomes = Rc::clone(&seen);
        let during = function_of(move || {
            let fetch = fetch.clone();
            let (observer, streaming, outcomes) = (observer.clone(), streaming.clone(), Rc::clone(&outcomes));
            asynchronous(async move {
                let with = |fetch: JsValue| client_with(&[("fetch", fetch), ("onAttempt", observer.clone())]);
                let answered = Outcome::of(ask(&with(fetch))).await;
                let text = Outcome::of(read(&with(streaming))).await;
                outcomes.borrow_mut().extend([answered, text]);
                Ok(JsValue::UNDEFINED)
            })
        });
        let logged = Array::from(&console_errors(&during).await);
        let [answered, text] = <[Outcome; 2]>::try_from(seen.take()).unwrap();
        assert_eq!(get(&answered.value(), "choices.0.text"), "Hello");
        assert_eq!(text.value(), "Hello");
        assert_eq!(logged.length(), 3, "two attempts, and one");
        for values in logged.iter() {
            assert!(get(&values, "0").as_string().unwrap().contains("onAttempt"));
            assert_eq!(get(&values, "1"), thrown);
        }
    }
}

fn function_of(work: impl Fn() -> js_sys::Promise + 'static) -> JsValue {
    Closure::<dyn Fn() -> js_sys::Promise>::new(work).into_js_value()
}

#[wasm_bindgen_test]
async fn an_observer_sees_each_attempt_as_it_ends() {
    let fetch = service(&[whole(503, "{}", &JsValue::UNDEFINED), answer("Hello")]);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let of = Rc::clone(&seen);
    let observer = function(move |attempt| of.borrow_mut().push(attempt));
    Outcome::of(ask(&client_with(&[("fetch", fetch), ("onAttempt", observer)]))).await.value();
    let seen = seen.take();
    assert_eq!(seen.len(), 2);
    for (n, attempt) in (1..).zip(&seen) {
        let names = Object::keys(attempt.unchecked_ref::<Object>()).sort().join(",").as_string().unwrap();
        assert_eq!(names, "attempt,durationMs,error,retryInMs,startedMs,status,target");
        assert_eq!((get(attempt, "target"), get(attempt, "attempt")), ("a-deployment".into(), n.into()));
    }
    assert!(is_of(&get(&seen[0], "error"), "InternalServerError"));
    assert!(get(&seen[0], "retryInMs").as_f64().is_some());
    assert_eq!((get(&seen[0], "status"), get(&seen[1], "status")), (503.into(), 200.into()));
    assert_eq!((get(&seen[1], "error"), get(&seen[1], "retryInMs")), (JsValue::NULL, JsValue::NULL));
}
