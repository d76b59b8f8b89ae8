//! Streams: events, text, the head, and the answer as a whole.

use futures_util::stream::FusedStream;
use futures_util::{StreamExt, TryStreamExt};
use serde::Deserialize;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::answers::{DONE, client, delta, streamed};

#[wasm_bindgen_test]
async fn events_come_in_order_and_end() {
    let usage = "event: usage\nid: 7\ndata: {\"usage\":{\"completion_tokens\":2}}\n\n";
    let client = client(&[streamed(&[&delta("Hel"), &delta("lo"), usage, DONE])]);
    let mut stream = client.deployment("a").stream("Hi.");
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event.unwrap());
    }
    let texts: Vec<&str> = events.iter().map(purerouter::Event::text).collect();
    assert_eq!(texts, ["Hel", "lo", ""]);
    assert_eq!((events[0].event_type().as_str(), events[0].id().as_str()), ("message", ""));
    assert_eq!((events[2].event_type().as_str(), events[2].id().as_str()), ("usage", "7"));
    assert_eq!(events[2].data(), "{\"usage\":{\"completion_tokens\":2}}");

    #[derive(Deserialize)]
    struct Counted {
        usage: Tokens,
    }
    #[derive(Deserialize)]
    struct Tokens {
        completion_tokens: u32,
    }
    assert_eq!(events[2].json_as::<Counted>().unwrap().usage.completion_tokens, 2);
    assert!(events[2].json_as::<String>().unwrap_err().is_decode());
    assert!(stream.next().await.is_none());

    let completion = stream.completion().await.unwrap();
    assert_eq!(completion.text, "Hello");
    assert_eq!(completion.usage.unwrap().completion_tokens, Some(2));
    assert!(completion.timing.first_text.unwrap() <= completion.timing.total);
}

#[wasm_bindgen_test]
async fn it_is_a_stream_of_the_futures_crates() {
    let client = client(&[streamed(&[&delta("Hel"), &delta("lo"), DONE])]);
    let stream = client.deployment("a").stream("Hi.");
    let texts: Vec<String> = stream.map_ok(|event| event.text().to_owned()).try_collect().await.unwrap();
    assert_eq!(texts.concat(), "Hello");
}

#[wasm_bindgen_test]
async fn it_says_that_it_has_ended() {
    let client = client(&[streamed(&[&delta("Hello"), DONE])]);
    let mut events = client.deployment("a").stream("Hi.");
    let mut text = client.deployment("a").stream("Hi.").into_text_stream();
    assert!(!events.is_terminated() && !text.is_terminated());
    while let Some(event) = events.next().await {
        assert!(event.is_ok() && !events.is_terminated());
    }
    while let Some(delta) = text.next().await {
        assert!(delta.is_ok() && !text.is_terminated());
    }
    assert!(events.is_terminated() && text.is_terminated());
}

#[wasm_bindgen_test]
async fn text_alone() {
    let role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    let client = client(&[streamed(&[role, &delta("Hel"), &delta("lo"), DONE])]);
    let mut stream = client.deployment("a").stream("Hi.").into_text_stream();
    let mut text = String::new();
    while let Some(delta) = stream.next().await {
        let delta = delta.unwrap();
        assert!(!delta.is_empty());
        text.push_str(&delta);
    }
    assert_eq!(text, "Hello");
    assert_eq!(stream.completion().await.unwrap().text, "Hello");
    assert_eq!(client.deployment("a").stream("Hi.").text().await.unwrap(), "Hello");
    let collected =
        StreamExt::collect::<Vec<_>>(client.deployment("a").stream("Hi.").into_text_stream()).await;
    assert_eq!(collected.into_iter().map(Result::unwrap).collect::<String>(), "Hello");
}

#[wasm_bindgen_test]
async fn text_of_a_stream_that_has_been_read_is_refused() {
    let client = client(&[streamed(&[&delta("Hel"), &delta("lo"), DONE])]);
    let mut stream = client.deployment("a").stream("Hi.");
    let _ = stream.next().await.unwrap().unwrap();
    let error = stream.into_text_stream().next().await.unwrap().unwrap_err();
    assert!(error.is_invalid() && error.to_string().contains("tee()"), "{error}");
}

#[wasm_bindgen_test]
async fn an_error_ends_it() {
    let client = client(&[streamed(&[&delta("Hel")])]);
    let mut stream = client.deployment("a").stream("Hi.");
    assert_eq!(stream.next().await.unwrap().unwrap().text(), "Hel");
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(error.is_truncated() && error.is_stream());
    assert_eq!(error.partial_text(), Some("Hel"));
    assert_eq!(error.attempts().len(), 1);
    assert!(stream.next().await.is_none());
    assert!(stream.completion().await.unwrap_err().is_truncated());
}

#[wasm_bindgen_test]
async fn the_head_of_the_response() {
    let client = client(&[streamed(&[&delta("Hel"), DONE])]);
    let stream = client.deployment("a").stream("Hi.");
    let head = stream.head().await.unwrap();
    assert_eq!((head.status, head.request_id.clone()), (200, None));
    assert_eq!(head.header("Content-Type"), Some("text/event-stream"));
    assert_eq!(stream.text().await.unwrap(), "Hel");
}

#[wasm_bindgen_test]
async fn two_read_one_answer() {
    let client = client(&[streamed(&[&delta("Hel"), &delta("lo"), DONE])]);
    let (one, mut other) = client.deployment("a").stream("Hi.").tee().unwrap();
    assert_eq!(one.text().await.unwrap(), "Hello");
    assert_eq!(other.next().await.unwrap().unwrap().text(), "Hel");
    assert_eq!(other.next().await.unwrap().unwrap().text(), "lo");
    assert!(other.next().await.is_none());
}

#[wasm_bindgen_test]
async fn the_response_is_passed_on_as_it_is() {
    let client = client(&[streamed(&[": kept\n\n", &delta("Hello"), DONE])]);
    let response = client.deployment("a").stream("Hi.").into_response().await.unwrap();
    assert_eq!(response.status(), 200);
    let text = JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap();
    assert_eq!(text, format!(": kept\n\n{}{DONE}", delta("Hello")));
}
