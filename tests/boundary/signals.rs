//! A caller's signal, at each point of a call, with every kind of reason.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Error};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{
    Outcome, abort, ask, client, client_with, function, get, invoke, json, next, object, open, other_realm,
    request, stream, text, turn,
};
use crate::service::{
    DONE, answer, asked, delta, last_request, service, silent, streamed, unfinished, whole,
};

#[wasm_bindgen(module = "/tests/boundary/signals.js")]
extern "C" {
    fn controller() -> JsValue;
    #[wasm_bindgen(js_name = signalOf)]
    fn signal_of(controller: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = abortWith)]
    fn abort_with(controller: &JsValue, reason: &Array);
    #[wasm_bindgen(js_name = signalLike)]
    fn signal_like(name: &str) -> JsValue;

    #[wasm_bindgen(extends = js_sys::Object)]
    type CountingSignal;
    #[wasm_bindgen(constructor)]
    fn new() -> CountingSignal;
    #[wasm_bindgen(method, getter)]
    fn listeners(this: &CountingSignal) -> u32;
    #[wasm_bindgen(method)]
    fn abort(this: &CountingSignal, reason: &JsValue);
}

fn with_signal(signal: &JsValue) -> JsValue {
    object(&[("signal", signal.clone())])
}

/// Every kind of reason, each by a list: an empty one gives none.
fn reasons() -> [Array; 7] {
    let of = |value: JsValue| Array::of1(&value);
    [
        Array::new(),
        of("not any more".into()),
        of(JsValue::NULL),
        of(0.into()),
        of(object(&[("why", "no reason".into())])),
        of(Error::new("stop").into()),
        of(js_sys::Symbol::iterator().into()),
    ]
}

fn assert_reason(error: &JsValue, controller: &JsValue, given: &Array) {
    assert_eq!(error, &get(&signal_of(controller), "reason"));
    if given.length() == 0 {
        assert_eq!(get(error, "name"), "AbortError");
    }
}

#[wasm_bindgen_test]
async fn aborted_before_the_call_nothing_is_sent() {
    for reason in reasons() {
        let fetch = service(&[answer("Hello")]);
        let controller = controller();
        abort_with(&controller, &reason);
        let options = with_signal(&signal_of(&controller));
        let error = Outcome::of(invoke(&client(&fetch), &request(), &options)).await.error();
        assert_reason(&error, &controller, &reason);
        let stream = stream(&client(&fetch), &request(), &options).unwrap();
        assert_reason(&Outcome::of(text(&stream)).await.error(), &controller, &reason);
        assert_eq!(asked(&fetch), 0);
    }
}

#[wasm_bindgen_test]
async fn aborted_during_fetch() {
    for reason in reasons() {
        let fetch = service(&[silent()]);
        let controller = controller();
        let options = with_signal(&signal_of(&controller));
        let invoked = invoke(&client(&fetch), &request(), &options);
        let stream = stream(&client(&fetch), &request(), &options).unwrap();
        let read = next(&stream);
        turn().await;
        assert_eq!(asked(&fetch), 2);
        abort_with(&controller, &reason);
        assert_reason(&Outcome::of(invoked).await.error(), &controller, &reason);
        assert_reason(&Outcome::of(read).await.error(), &controller, &reason);
        for request in Array::from(&get(&fetch, "requests")).iter() {
            assert_eq!(get(&request, "signal.aborted"), true);
        }
    }
}

#[wasm_bindgen_test]
async fn aborted_between_attempts_the_wait_ends() {
    // Had the wait to end by itself, the test would.
    let busy = whole(503, "{}", &json(r#"{ "retry-after": "3600" }"#));
    for reason in reasons() {
        let fetch = service(std::slice::from_ref(&busy));
        let controller = controller();
        let signal = signal_of(&controller);
        let attempts = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&attempts);
        let observer = function(move |attempt| seen.borrow_mut().push(attempt));
        let client = client_with(&[("fetch", fetch.clone()), ("onAttempt", observer)]);
        let options = object(&[("signal", signal), ("timeout", 0.into())]);
        let invoked = invoke(&client, &request(), &options);
        let stream = stream(&client, &request(), &options).unwrap();
        let read = text(&stream);
        while attempts.borrow().len() < 2 {
            turn().await;
        }
        assert_eq!(get(&attempts.borrow()[0], "retryInMs"), 3_600_000);
        abort_with(&controller, &reason);
        assert_reason(&Outcome::of(invoked).await.error(), &controller, &reason);
        assert_reason(&Outcome::of(read).await.error(), &controller, &reason);
        assert_eq!(asked(&fetch), 2);
    }
}

#[wasm_bindgen_test]
async fn aborted_during_the_body() {
    for reason in reasons() {
        let fetch = service(&[unfinished(&[delta("Hel").into()])]);
        let client = client(&fetch);
        let controller = controller();
        let options = with_signal(&signal_of(&controller));

        let stream = stream(&client, &request(), &options).unwrap();
        assert_eq!(get(&Outcome::of(next(&stream)).await.value(), "value.text"), "Hel");
        let read = next(&stream);
        let streamed = last_request(&fetch, "signal");

        let invoked = invoke(&client, &request(), &options);
        turn().await;
        abort_with(&controller, &reason);
        for outcome in [Outcome::of(read).await, Outcome::of(next(&stream)).await, Outcome::of(invoked).await]
        {
            assert_reason(&outcome.error(), &controller, &reason);
        }
        assert_eq!(get(&streamed, "reason"), get(&signal_of(&controller), "reason"));
        assert_eq!(last_request(&fetch, "signal.aborted"), true);
    }
}

#[wasm_bindgen_test]
async fn aborted_during_an_error_body_or_while_the_key_is_made() {
    let never = js_sys::Function::new_no_args("return new Promise(() => {})");
    let stalled = js_sys::Function::new_no_args("return new Response(new ReadableStream(), { status: 503 })");
    for options in [
        [("fetch", service(&[answer("Hello")])), ("routerKey", never.into())],
        [("fetch", service(&[stalled.into()])), ("maxRetries", 0.into())],
    ] {
        let controller = controller();
        let options = client_with(&options);
        let invoked = invoke(&options, &request(), &with_signal(&signal_of(&controller)));
        turn().await;
        abort_with(&controller, &Array::of1(&"stop".into()));
        assert_eq!(Outcome::of(invoked).await.error(), "stop");
    }
}

#[wasm_bindgen_test]
async fn aborted_from_within_the_call() {
    // The observer runs while the call is being performed.
    let controller = controller();
    let of = controller.clone();
    let observer = function(move |_| abort_with(&of, &Array::of1(&"seen enough".into())));
    let fetch = service(&[whole(503, "{}", &JsValue::UNDEFINED), answer("Hello")]);
    let client = client_with(&[("fetch", fetch.clone()), ("onAttempt", observer)]);
    let invoked = invoke(&client, &request(), &with_signal(&signal_of(&controller)));
    assert_eq!(Outcome::of(invoked).await.error(), "seen enough");
    assert_eq!(asked(&fetch), 1);
}

#[wasm_bindgen_test]
async fn a_stream_aborted_by_itself_gives_the_reason() {
    for reason in reasons() {
        let fetch = service(&[unfinished(&[delta("Hel").into()])]);
        let stream = open(&client(&fetch));
        Outcome::of(next(&stream)).await.value();
        let waiting = next(&stream);
        let given = reason.get(0);
        abort(&stream, &given);
        let error = Outcome::of(waiting).await.error();
        if given.is_undefined() {
            assert_eq!(get(&error, "name"), "AbortError");
        } else {
            assert_eq!(error, given);
        }
        assert_eq!(last_request(&fetch, "signal.aborted"), true);
        assert_eq!(last_request(&fetch, "cancelled.reason"), error);
    }
}

#[wasm_bindgen_test]
async fn a_reason_is_handed_on_as_it_is() {
    // Another call's error is a likely one, and has attempts of its own.
    let failing = client(&service(&[whole(400, "{}", &JsValue::UNDEFINED)]));
    let another = Outcome::of(ask(&failing)).await.error();
    for reason in [another, json(r#"{ "attempts": [], "partialText": "" }"#)] {
        let attempts = get(&reason, "attempts");
        let controller = controller();
        let fetch = service(&[silent()]);
        let options = with_signal(&signal_of(&controller));
        let invoked = invoke(&client(&fetch), &request(), &options);
        let read = text(&stream(&client(&fetch), &request(), &options).unwrap());
        turn().await;
        abort_with(&controller, &Array::of1(&reason));
        for outcome in [Outcome::of(invoked).await, Outcome::of(read).await] {
            assert_eq!(outcome.error(), reason);
            assert_eq!(get(&reason, "attempts"), attempts);
        }
    }
}

#[wasm_bindgen_test]
async fn no_call_leaves_a_listener_behind() {
    let answers = [
        answer("Hello"),
        streamed(&[delta("Hello").into(), DONE.into()]),
        streamed(&[delta("Hel").into()]),
        whole(400, "{}", &JsValue::UNDEFINED),
        whole(200, "<html>", &json(r#"{ "content-type": "text/html" }"#)),
    ];
    let signal = CountingSignal::new();
    let options = with_signal(&signal);
    for answer in answers {
        for request in [request(), object(&[("prompt", 7.into())])] {
            let client = client(&service(std::slice::from_ref(&answer)));
            drop(Outcome::of(invoke(&client, &request, &options)).await);
            assert_eq!(signal.listeners(), 0);
            let stream = stream(&client, &request, &options).unwrap();
            drop(Outcome::of(text(&stream)).await);
            assert_eq!(signal.listeners(), 0);
        }
    }
}

#[wasm_bindgen_test]
async fn while_a_call_runs_its_signal_has_one_listener() {
    let signal = CountingSignal::new();
    let options = with_signal(&signal);
    let fetch = service(&[unfinished(&[delta("Hel").into()])]);
    let stream = stream(&client(&fetch), &request(), &options).unwrap();
    Outcome::of(next(&stream)).await.value();
    assert_eq!(signal.listeners(), 1);
    let waiting = next(&stream);
    signal.abort(&"now".into());
    assert_eq!(signal.listeners(), 0);
    assert_eq!(Outcome::of(waiting).await.error(), "now");
}

#[wasm_bindgen_test]
async fn odd_signals_do_no_harm() {
    for name in [
        "one that cannot be listened to",
        "one without removeEventListener",
        "one whose aborted cannot be read",
    ] {
        let client = client(&service(&[answer("Hello")]));
        let outcome = Outcome::of(invoke(&client, &request(), &with_signal(&signal_like(name)))).await;
        assert!(matches!(outcome, Outcome::Fulfilled(_)), "{name}: {outcome:?}");
    }
    for none in [JsValue::UNDEFINED, JsValue::NULL] {
        let client = client(&service(&[answer("Hello")]));
        Outcome::of(invoke(&client, &request(), &with_signal(&none))).await.value();
    }
}

#[wasm_bindgen_test]
async fn a_signal_of_another_realm_is_one() {
    let controller = other_realm("new AbortController()").await;
    let fetch = service(&[silent()]);
    let invoked = invoke(&client(&fetch), &request(), &with_signal(&signal_of(&controller)));
    turn().await;
    abort_with(&controller, &Array::of1(&"from afar".into()));
    assert_eq!(Outcome::of(invoked).await.error(), "from afar");
}

#[wasm_bindgen_test]
async fn one_signal_ends_every_call_it_was_given_to() {
    let controller = controller();
    let client = client(&service(&[silent()]));
    let options = with_signal(&signal_of(&controller));
    let calls: Vec<_> = (0..20).map(|_| invoke(&client, &request(), &options)).collect();
    let bystander = ask(&client_with(&[("fetch", service(&[answer("Hello")]))]));
    turn().await;
    abort_with(&controller, &Array::of1(&"all of you".into()));
    for call in calls {
        assert_eq!(Outcome::of(call).await.error(), "all of you");
    }
    Outcome::of(bystander).await.value();
}
