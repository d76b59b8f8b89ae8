//! Several targets: fallback and hedge, alone and nested.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use purerouter::{Client, MidStream, Target};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{
    DONE, answer, asked, builder, client, delta, request, service, silent, streamed, until, whole,
};

fn two(client: &Client) -> [Target; 2] {
    [client.deployment("a").into(), client.profile("balanced").into()]
}

fn no() -> JsValue {
    whole(500, "{}", &[])
}

#[wasm_bindgen_test]
async fn the_next_target_answers() {
    let fetch = service(&[no(), answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let completion = client.fallback(two(&client)).invoke("Hi.").await.unwrap();
    assert_eq!((completion.text.as_str(), completion.target.as_str()), ("Hello", "profile:balanced"));
    let asked: Vec<_> =
        completion.attempts.iter().map(|attempt| (attempt.target.as_str(), attempt.status)).collect();
    assert_eq!(asked, [("a", Some(500)), ("profile:balanced", Some(200))]);
}

#[wasm_bindgen_test]
async fn when_all_fail_each_says_why() {
    let client = client(&[no(), whole(404, "{}", &[])]);
    let error = client.fallback(two(&client)).stream("Hi.").text().await.unwrap_err();
    assert!(error.is_fallback());
    let statuses: Vec<_> = error.errors().iter().map(purerouter::Error::status).collect();
    assert_eq!(statuses, [Some(500), Some(404)]);
    assert_eq!(error.attempts().len(), 2);
    assert!(std::error::Error::source(&error).is_some());
}

#[wasm_bindgen_test]
async fn the_caller_decides_whether_to_fall_back() {
    let fetch = service(&[no(), answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let seen = Rc::new(RefCell::new(None));
    let into = Rc::clone(&seen);
    let target = client.fallback(two(&client)).should_fall_back(move |error| {
        *into.borrow_mut() = error.status();
        false
    });
    assert!(target.invoke("Hi.").await.unwrap_err().is_server());
    assert_eq!((*seen.borrow(), asked(&fetch)), (Some(500), 1));
}

#[wasm_bindgen_test]
async fn a_broken_stream_in_each_mode() {
    let answers = || [streamed(&[&delta("Hel")]), streamed(&[&delta("lo"), DONE])];
    let of = |mode| {
        let client = client(&answers());
        client.fallback(two(&client)).mid_stream(mode).stream("Hi.")
    };
    assert!(of(MidStream::Fail).text().await.unwrap_err().is_truncated());
    assert_eq!(of(MidStream::Continue).text().await.unwrap(), "Hello");
    assert_eq!(of(MidStream::Restart).text().await.unwrap(), "lo");
    let mut stream = of(MidStream::Restart);
    let mut types = Vec::new();
    while let Some(event) = stream.next().await {
        types.push(event.unwrap().event_type());
    }
    assert_eq!(types, ["message", "restart", "message"]);
}

#[wasm_bindgen_test]
async fn the_first_of_a_hedge_wins_and_the_other_is_cancelled() {
    let fetch = service(&[silent(), answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let completion = client.hedge(two(&client), Duration::from_millis(5)).invoke("Hi.").await.unwrap();
    assert_eq!((completion.text.as_str(), completion.target.as_str()), ("Hello", "profile:balanced"));
    until(move || request(&fetch, 0, "signal.aborted") == true).await;
}

#[wasm_bindgen_test]
async fn combinations_nest() {
    let client = client(&[no(), no(), answer("Hello")]);
    let inner = client.fallback(two(&client));
    let outer = client.hedge([inner.into(), client.deployment("b").into()], Duration::from_secs(60));
    let target = Target::from(outer.clone());
    assert_eq!(target.label(), "hedge(fallback(a, profile:balanced), b)");
    assert_eq!(outer.invoke("Hi.").await.unwrap().target, "b");
}

#[wasm_bindgen_test]
async fn what_cannot_be_combined_is_told_before_anything_is_sent() {
    let fetch = service(&[answer("Hello")]);
    let client = builder(&fetch).build().unwrap();
    let rows = [
        (client.fallback([]).invoke("Hi.").await, "fallback()"),
        (client.hedge([], Duration::ZERO).invoke("Hi.").await, "hedge()"),
        (
            client
                .fallback([client.deployment("a").into(), client.deployment("").into()])
                .invoke("Hi.")
                .await,
            "id",
        ),
    ];
    for (result, names) in rows {
        let error = result.unwrap_err();
        assert!(error.is_invalid() && error.to_string().contains(names), "{error}");
    }
    assert_eq!(asked(&fetch), 0);
}
