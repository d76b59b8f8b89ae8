//! Options: that each arrives where it is obeyed, and that a wrong one is told before anything is sent.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use purerouter::{Client, Message, Request};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{answer, asked, builder, client, delta, header, service, silent, unfinished, whole};

const KEY: &str = "sk_never_to_be_seen";

#[wasm_bindgen_test]
async fn the_key_is_sent_and_never_shown() {
    let fetch = service(&[whole(401, &format!(r#"{{"error":{{"message":"bad key {KEY}"}}}}"#), &[])]);
    let builder = builder(&fetch).router_key(KEY).header("x-secret", KEY);
    let request = Request::prompt("Hi.").router_key(KEY);
    let mut shown = format!("{builder:?} {request:?} {:?}", ());
    let client = builder.build().unwrap();
    let deployment = client.deployment("a");
    let fallback = client.fallback([deployment.clone().into()]);
    shown += &format!("{client:?} {deployment:?} {fallback:?} {:?}", client.router());
    let error = deployment.invoke(request).await.unwrap_err();
    assert!(error.is_authentication());
    assert_eq!(header(&fetch, 0, "x-router-key").as_deref(), Some(KEY));
    shown += &format!("{error} {error:?} {:?} {:?}", error.attempts(), error.body_as::<serde_json::Value>());
    assert!(shown.contains("[redacted]"), "{shown}");
    assert!(!shown.contains(KEY), "{shown}");
}

#[wasm_bindgen_test]
async fn a_key_function_is_asked_before_every_attempt() {
    let fetch = service(&[whole(503, "{}", &[]), answer("Hello")]);
    let count = Rc::new(RefCell::new(0));
    let client = builder(&fetch)
        .max_retries(1)
        .router_key_with(move || {
            *count.borrow_mut() += 1;
            let key = format!("key-{}", count.borrow());
            async move { Ok(key) }
        })
        .build()
        .unwrap();
    let _ = client.deployment("a").invoke("Hi.").await.unwrap();
    assert_eq!(header(&fetch, 0, "x-router-key").as_deref(), Some("key-1"));
    assert_eq!(header(&fetch, 1, "x-router-key").as_deref(), Some("key-2"));
}

#[wasm_bindgen_test]
async fn what_a_key_function_fails_with_is_what_the_call_fails_with() {
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).router_key_with(|| async { Err("no key today".into()) }).build().unwrap();
    let error = client.deployment("a").invoke("Hi.").await.unwrap_err();
    assert_eq!(error.to_string(), "no key today");
    assert_eq!(asked(&fetch), 0);
}

#[wasm_bindgen_test]
async fn a_calls_headers_are_merged_over_the_clients() {
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).header("x-a", "1").header("x-b", "2").build().unwrap();
    let request = Request::prompt("Hi.").header("x-b", "3").without_header("x-a").router_key("k");
    let _ = client.deployment("a").invoke(request).await.unwrap();
    assert_eq!(header(&fetch, 0, "x-a"), None);
    assert_eq!(header(&fetch, 0, "x-b").as_deref(), Some("3"));
    assert_eq!(header(&fetch, 0, "x-router-key").as_deref(), Some("k"));
}

#[wasm_bindgen_test]
async fn an_observer_is_told_of_each_attempt() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let into = Rc::clone(&seen);
    let fetch = service(&[whole(503, "{}", &[]), answer("Hello")]);
    let client = builder(&fetch)
        .max_retries(1)
        .on_attempt(move |attempt| into.borrow_mut().push((attempt.target, attempt.status)))
        .build()
        .unwrap();
    let _ = client.deployment("a").invoke("Hi.").await.unwrap();
    assert_eq!(*seen.borrow(), [("a".to_owned(), Some(503)), ("a".to_owned(), Some(200))]);
}

#[wasm_bindgen_test]
async fn each_timeout_is_named_by_its_error() {
    let short = Duration::from_millis(20);
    let client = client(&[silent()]);
    let late = client.deployment("a").invoke(Request::prompt("Hi.").timeout(short)).await.unwrap_err();
    assert!(late.to_string().contains("20 ms. The option timeout"), "{late}");
    let request = Request::prompt("Hi.").headers_timeout(short);
    let late = client.deployment("a").stream(request).text().await.unwrap_err();
    assert!(late.is_timeout() && late.to_string().contains("headersTimeout"), "{late}");

    let client = crate::answers::client(&[unfinished(&[": nothing yet\n\n"])]);
    let late = client.deployment("a").stream(Request::prompt("Hi.").first_text_timeout(short));
    let late = late.text().await.unwrap_err();
    assert!(late.to_string().contains("firstTextTimeout"), "{late}");

    let client = crate::answers::client(&[unfinished(&[&delta("Hello")])]);
    let late = client.deployment("a").stream(Request::prompt("Hi.").idle_timeout(short));
    let late = late.text().await.unwrap_err();
    assert!(late.to_string().contains("idleTimeout"), "{late}");
    assert_eq!(late.partial_text(), Some("Hello"));
}

#[wasm_bindgen_test]
async fn a_call_turns_off_what_the_client_has_set() {
    let fetch = service(&[whole(503, "{}", &[("retry-after-ms", "200")]), answer("Hello")]);
    let limit = Duration::from_millis(150);
    let client = builder(&fetch).max_retries(1).timeout(limit).build().unwrap();
    assert!(
        client.deployment("a").invoke(Request::prompt("Hi.").max_retries(0)).await.unwrap_err().is_server()
    );

    let fetch = service(&[whole(503, "{}", &[("retry-after-ms", "200")]), answer("Hello")]);
    let client = builder(&fetch).max_retries(1).timeout(limit).build().unwrap();
    // To wait would outlast the timeout.
    assert!(client.deployment("a").invoke("Hi.").await.is_err());
    let fetch = service(&[whole(503, "{}", &[("retry-after-ms", "200")]), answer("Hello")]);
    let client = builder(&fetch).max_retries(1).timeout(limit).build().unwrap();
    let _ = client.deployment("a").invoke(Request::prompt("Hi.").timeout(None)).await.unwrap();
}

#[wasm_bindgen_test]
async fn wrong_options_are_told_by_build() {
    let rows = [
        (Client::builder().router_key("").build(), "routerKey"),
        (Client::builder().router_key("a b").build(), "routerKey"),
        (Client::builder().base_url("/api").build(), "baseUrl"),
        (Client::builder().base_url("ftp://a").build(), "baseUrl"),
        (Client::builder().max_event_bytes(0).build(), "maxEventBytes"),
        (Client::builder().max_retries(u32::MAX).build(), "maxRetries"),
        (Client::builder().header("a b", "1").build(), "a b"),
        (Client::new("né"), "routerKey"),
    ];
    for (built, names) in rows {
        let error = built.unwrap_err();
        assert!(error.is_invalid() && error.to_string().contains(names), "{error}");
    }
}

#[wasm_bindgen_test]
async fn wrong_requests_are_told_before_anything_is_sent() {
    struct Unwritable;
    impl serde::Serialize for Unwritable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("nobody can write this"))
        }
    }
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let rows = [
        ("a", Request::messages(Vec::<Message>::new()), "messages"),
        ("a", Request::prompt("Hi.").max_tokens(0), "max_tokens"),
        ("a", Request::prompt("Hi.").temperature(-1.0), "temperature"),
        ("a", Request::prompt("Hi.").top_p(1.5), "top_p"),
        ("a", Request::prompt("Hi.").field("odd", Unwritable), "request.odd"),
        ("a", Request::prompt("Hi.").router_key(""), "routerKey"),
        ("", Request::prompt("Hi."), "id"),
        ("..", Request::prompt("Hi."), "id"),
    ];
    for (id, request, names) in rows {
        let target = client.deployment(id);
        for error in [
            target.invoke(request.clone()).await.unwrap_err(),
            target.stream(request.clone()).next().await.unwrap().unwrap_err(),
            target.stream(request.clone()).completion().await.unwrap_err(),
        ] {
            assert!(error.is_invalid() && error.to_string().contains(names), "{names}: {error}");
            assert!(error.attempts().is_empty());
        }
    }
    let error = client.profile("").invoke("Hi.").await.unwrap_err();
    assert!(error.is_invalid() && error.to_string().contains("profile"), "{error}");
    let error =
        client.deployment("a").invoke(Request::prompt("Hi.").field("stream", true)).await.unwrap_err();
    assert!(error.is_invalid() && error.to_string().contains("stream"), "{error}");
    assert_eq!(asked(&fetch), 0);
}
