//! Who owns what across the boundary: objects freed while calls of theirs run, calls at once, and what stays the same.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{
    Outcome, abort, ask, client, client_with, free, function, get, health, invoke, next, object, open, read,
    request, text, to_response,
};
use crate::service::{DONE, answer, asked, delta, held, release, service, streamed, whole};

#[wasm_bindgen_test]
async fn free_during_a_call_changes_nothing_for_it() {
    let slow = held(&answer("Hello"));
    let slow_stream = held(&streamed(&[delta("Hello").into(), DONE.into()]));
    let client = client(&service(&[slow.clone(), slow_stream.clone()]));
    let invoked = ask(&client);
    let streamed = open(&client);
    let read = text(&streamed);
    free(&get(&client, "deployments")).unwrap();
    free(&get(&client, "router")).unwrap();
    free(&client).unwrap();
    release(&slow);
    release(&slow_stream);
    assert_eq!(get(&Outcome::of(invoked).await.value(), "choices.0.text"), "Hello");
    assert_eq!(Outcome::of(read).await.value(), "Hello");
}

#[wasm_bindgen_test]
async fn free_between_attempts() {
    let fetch = service(&[whole(503, "{}", &JsValue::UNDEFINED), answer("Hello")]);
    let freed = std::rc::Rc::new(std::cell::RefCell::new(JsValue::UNDEFINED));
    let of = std::rc::Rc::clone(&freed);
    let observer = function(move |_| {
        let client = of.replace(JsValue::UNDEFINED);
        if client.is_object() {
            free(&get(&client, "deployments")).unwrap();
            free(&client).unwrap();
        }
    });
    let client = client_with(&[("fetch", fetch.clone()), ("onAttempt", observer)]);
    freed.replace(client.clone());
    let answered = Outcome::of(ask(&client)).await.value();
    assert_eq!(get(&answered, "choices.0.text"), "Hello");
    assert_eq!(asked(&fetch), 2);
}

#[wasm_bindgen_test]
async fn a_freed_object_throws() {
    let client = client(&service(&[answer("Hello")]));
    let deployments = get(&client, "deployments");
    free(&deployments).unwrap();
    assert!(ask(&client).is_err());
    // Its siblings are objects of their own.
    Outcome::of(health(&client, &JsValue::UNDEFINED)).await.value();
}

#[wasm_bindgen_test]
async fn two_calls_at_once_each_get_their_own() {
    let first = held(&answer("first"));
    let second = held(&answer("second"));
    let streaming = held(&streamed(&[delta("third").into(), DONE.into()]));
    let fetch = service(&[first.clone(), second.clone(), streaming.clone()]);
    let client = client(&fetch);
    let calls = [ask(&client), ask(&client)];
    let third = read(&client);
    while asked(&fetch) < 3 {
        crate::caller::turn().await;
    }
    for held in [&streaming, &second, &first] {
        release(held);
    }
    assert_eq!(Outcome::of(third).await.value(), "third");
    for (call, text) in calls.into_iter().zip(["first", "second"]) {
        assert_eq!(get(&Outcome::of(call).await.value(), "choices.0.text"), text);
    }
}

#[wasm_bindgen_test]
async fn a_call_from_within_a_call() {
    // The observer and the key function run while their call is being performed, and may call the same client.
    let fetch = service(&[whole(503, "{}", &JsValue::UNDEFINED), answer("Hello")]);
    let inner = client(&service(&[whole(500, "{}", &JsValue::UNDEFINED)]));
    let client_of_both = std::rc::Rc::new(std::cell::RefCell::new(inner));
    let calls = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let (of, made) = (std::rc::Rc::clone(&client_of_both), std::rc::Rc::clone(&calls));
    let observer = function(move |_| {
        if made.borrow().len() < 3 {
            let call = ask(&of.borrow());
            made.borrow_mut().push(call);
        }
    });
    let client = client_with(&[("fetch", fetch), ("onAttempt", observer)]);
    client_of_both.replace(client.clone());
    Outcome::of(ask(&client)).await.value();
    let made: Vec<_> = calls.borrow_mut().drain(..).collect();
    assert!(!made.is_empty());
    for call in made {
        assert_eq!(get(&Outcome::of(call).await.value(), "choices.0.text"), "Hello");
    }
}

#[wasm_bindgen_test]
async fn a_hundred_streams_opened_and_dropped_take_each_others_places() {
    let fetch = service(&[streamed(&[delta("Hello").into(), DONE.into()])]);
    let client = client(&fetch);
    let mut streams = Vec::new();
    for _ in 0..100 {
        let stream = open(&client);
        Outcome::of(next(&stream)).await.value();
        streams.push(stream);
        if streams.len() > 10 {
            let oldest = streams.remove(0);
            assert_eq!(Outcome::of(text(&oldest)).await.value(), "Hello");
        }
    }
}

#[wasm_bindgen_test]
async fn a_body_that_is_passed_on_gives_its_decoder_up_once() {
    // The next stream gets the decoder's place, and an end of the first stream must not take it away. Of so many chunks
    // not all are read ahead.
    let texts: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let chunks = texts.iter().map(|text| delta(text)).chain([DONE.into()]).map(JsValue::from);
    let client = client(&service(&[streamed(&chunks.collect::<Vec<_>>())]));
    let first = open(&client);
    Outcome::of(to_response(&first)).await.value();
    let second = open(&client);
    assert_eq!(get(&Outcome::of(next(&second)).await.value(), "value.text"), "0");
    abort(&first, &"enough".into());
    for text in &texts[1..] {
        assert_eq!(get(&Outcome::of(next(&second)).await.value(), "value.text"), text.as_str());
    }
    assert_eq!(get(&Outcome::of(next(&second)).await.value(), "done"), true);
}

#[wasm_bindgen_test]
fn the_groups_of_calls_are_the_same_at_each_read() {
    let client = client(&service(&[answer("Hello")]));
    for name in ["deployments", "router"] {
        assert!(get(&client, name).is_object());
        assert!(js_sys::Object::is(&get(&client, name), &get(&client, name)), "{name}");
    }
}

#[wasm_bindgen_test]
async fn a_log_of_the_client_shows_no_key() {
    let function = js_sys::Function::new_no_args("return 'sk_secret'");
    for key in ["sk_secret".into(), function.into()] {
        let base = "http://a.test/b/".into();
        let allowed = ("dangerouslyAllowBrowser", true.into());
        let client = client_with(&[("routerKey", key), ("baseUrl", base), allowed]);
        assert_eq!(js_sys::JSON::stringify(&client).unwrap(), r#"{"baseUrl":"http://a.test/b"}"#);
        let own =
            js_sys::Object::keys(client.unchecked_ref::<js_sys::Object>()).join(",").as_string().unwrap();
        assert_eq!(own, "__wbg_ptr");
    }
}

#[wasm_bindgen_test]
async fn options_of_one_call_are_not_the_next_ones() {
    let fetch = service(&[answer("Hello")]);
    let client = client(&fetch);
    let headers = crate::caller::json(r#"{ "x-one": "1" }"#);
    Outcome::of(invoke(&client, &request(), &object(&[("headers", headers)]))).await.value();
    Outcome::of(ask(&client)).await.value();
    let sent = js_sys::Array::from(&crate::service::last_request(&fetch, "headers")).join(";").as_string();
    assert_eq!(sent.as_deref(), Some("accept,application/json;content-type,application/json"));
}
