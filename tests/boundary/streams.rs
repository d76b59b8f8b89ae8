//! Bytes into wasm memory and text out of it: whatever the chunks, and whatever other streams do to that memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::caller::{
    Outcome, assert_error, client, client_with, events, get, json, next, object, open, read, text, turn,
};
use crate::service::{DONE, delta, service, streamed, unfinished};

/// Text with every length of character, escapes, and what looks like the ends of things.
const MIXED: &str = "Grüße, 世界! 👩‍👩‍👧 \"quoted\" \\ \u{2028}\r\n\0 data: [DONE] \u{feff}é";

fn bytes(data: &[u8]) -> JsValue {
    Uint8Array::from(data).into()
}

/// The bytes of a whole stream that says `texts`.
fn sse(texts: &[&str]) -> Vec<u8> {
    let events: String = texts.iter().map(|text| delta(text)).collect();
    [events.as_bytes(), DONE.as_bytes()].concat()
}

async fn text_of(chunks: &[JsValue]) -> JsValue {
    Outcome::of(read(&client(&service(&[streamed(chunks)])))).await.value()
}

#[wasm_bindgen_test]
async fn chunks_of_every_size_give_the_same_text() {
    let stream = sse(&["Hello", " ", MIXED, "", MIXED]);
    let whole = ["Hello ", MIXED, MIXED].concat();
    for size in [1, 2, 3, 7, 64, stream.len()] {
        let chunks: Vec<_> = stream.chunks(size).map(bytes).collect();
        assert_eq!(text_of(&chunks).await, whole.as_str(), "{size} bytes a chunk");
        let stream = open(&client(&service(&[streamed(&chunks)])));
        let seen = Array::from(&Outcome::of(events(&stream)).await.value());
        let texts: Vec<_> = seen.iter().map(|event| get(&event, "text").as_string().unwrap()).collect();
        assert_eq!(texts, ["Hello", " ", MIXED, "", MIXED], "{size} bytes a chunk");
        for event in seen.iter() {
            let data = get(&event, "data").as_string().unwrap();
            assert_eq!(get(&event, "json.choices.0.text"), get(&json(&data), "choices.0.text"));
        }
    }
}

#[wasm_bindgen_test]
async fn empty_chunks_are_nothing() {
    let empty = || bytes(&[]);
    let stream = sse(&["Hel", "lo"]);
    let (first, second) = stream.split_at(11);
    let chunks = [empty(), bytes(first), empty(), empty(), bytes(second), empty()];
    assert_eq!(text_of(&chunks).await, "Hello");
    let error = Outcome::of(read(&client(&service(&[streamed(&[empty(), empty()])])))).await.error();
    assert_error(&error, "TruncatedStreamError", "");
}

#[wasm_bindgen_test]
async fn chunks_larger_than_a_slice() {
    // 64 KiB is what is fed at once. A character, an event and a line end each lie across such a border somewhere.
    let texts: Vec<_> = (0..4000).map(|n| format!("{n} 世界 👩‍👩‍👧{}", "x".repeat(n % 91))).collect();
    let stream = sse(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(stream.len() > 5 * 65536);
    for shift in 0..4 {
        // A comment of another length moves every border by a byte.
        let comment = format!(":{}\n", " ".repeat(shift));
        let chunk = bytes(&[comment.as_bytes(), &stream].concat());
        assert!(text_of(std::slice::from_ref(&chunk)).await == texts.concat().as_str(), "shifted by {shift}");
        let stream = open(&client(&service(&[streamed(&[chunk])])));
        let seen = Array::from(&Outcome::of(events(&stream)).await.value());
        assert_eq!(seen.length() as usize, texts.len());
        for (event, text) in seen.iter().zip(&texts) {
            assert_eq!(get(&event, "text"), text.as_str());
            assert_eq!(get(&event, "json.choices.0.text"), text.as_str());
        }
    }
}

#[wasm_bindgen_test]
async fn an_error_event_far_into_a_large_chunk() {
    let before = "x".repeat(150_000);
    let event = "data: {\"error\":{\"message\":\"out of memory\",\"code\":503}}\n\n";
    let chunk = [delta(&before).as_bytes(), event.as_bytes()].concat();
    let error = Outcome::of(read(&client(&service(&[streamed(&[bytes(&chunk)])])))).await.error();
    assert_error(&error, "InternalServerError", "out of memory");
    assert_eq!(get(&error, "status"), 503);
    assert!(get(&error, "partialText") == before.as_str());
}

#[wasm_bindgen_test]
async fn lone_surrogates_stay_what_they_are() {
    // Neither UTF-8 nor a Rust string has these: compared as JavaScript's own.
    let written = ["\\ud83d", "\\ude00 ", "a\\ud800", "é\\udfff\\ud83d\\ude00", "plain"];
    let chunks: Vec<JsValue> = written
        .iter()
        .map(|text| format!("data: {{\"choices\":[{{\"text\":\"{text}\"}}]}}\n\n").into())
        .chain([DONE.into()])
        .collect();
    let expected = json(&format!("\"{}\"", written.concat()));
    assert_eq!(text_of(&chunks).await, expected);
    let together = Array::from_iter(&chunks).join("");
    assert_eq!(text_of(&[together.into()]).await, expected);

    let stream = open(&client(&service(&[streamed(&chunks)])));
    let seen = Array::from(&Outcome::of(events(&stream)).await.value());
    for (event, text) in seen.iter().zip(written) {
        assert_eq!(get(&event, "text"), json(&format!("\"{text}\"")));
        assert_eq!(get(&event, "json.choices.0.text"), json(&format!("\"{text}\"")));
    }
}

#[wasm_bindgen_test]
async fn next_called_ahead_keeps_the_order() {
    let mut chunks: Vec<JsValue> = (0..6).map(|n| delta(&n.to_string()).into()).collect();
    chunks.push(DONE.into());
    // Calls before anything has come, and more of them than there are events; and the same with all in one chunk.
    let together: JsValue = Array::from_iter(&chunks).join("").into();
    for chunks in [chunks, vec![together]] {
        let stream = open(&client(&service(&[streamed(&chunks)])));
        let reads: Vec<_> = (0..8).map(|_| next(&stream)).collect();
        for (n, read) in reads.into_iter().enumerate() {
            let read = Outcome::of(read).await.value();
            if n < 6 {
                assert_eq!(get(&read, "value.text"), n.to_string().as_str());
            } else {
                assert_eq!((get(&read, "done"), get(&read, "value")), (JsValue::TRUE, JsValue::UNDEFINED));
            }
        }
        assert_eq!(get(&Outcome::of(next(&stream)).await.value(), "done"), true);
    }
}

#[wasm_bindgen_test]
async fn next_called_ahead_of_an_error() {
    let stream = open(&client(&service(&[streamed(&[delta("Hel").into()])])));
    let reads: Vec<_> = (0..3).map(|_| next(&stream)).collect();
    for (n, read) in reads.into_iter().enumerate() {
        let outcome = Outcome::of(read).await;
        if n == 0 {
            assert_eq!(get(&outcome.value(), "value.text"), "Hel");
        } else {
            assert_error(&outcome.error(), "TruncatedStreamError", "");
        }
    }
}

#[wasm_bindgen_test]
async fn memory_that_grows_in_one_stream_takes_nothing_from_another() {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let size = || get(&memory.buffer(), "byteLength").as_f64().unwrap();
    // What earlier tests have left free need not grow for the first of these.
    for mib in [3, 6, 12, 24, 48] {
        let before = size();
        let large = "Ж".repeat((mib << 20) / 2);
        let chunks: Vec<_> = sse(&[&large]).chunks(1 << 20).map(bytes).collect();
        let most = ("maxEventBytes", (64 << 20).into());
        let growing = open(&client_with(&[("fetch", service(&[streamed(&chunks)])), most]));
        let small: Vec<JsValue> = (0..40).map(|n| delta(&format!("{n}世 ")).into()).collect();
        let reading = open(&client(&service(&[unfinished(&small)])));

        assert_eq!(get(&Outcome::of(next(&reading)).await.value(), "value.text"), "0世 ");
        let large_text = text(&growing);
        let mut seen = Vec::new();
        for n in 1..40 {
            let event = get(&Outcome::of(next(&reading)).await.value(), "value");
            assert_eq!(get(&event, "text"), format!("{n}世 ").as_str());
            seen.push(event);
        }
        assert!(Outcome::of(large_text).await.value() == large.as_str(), "{mib} MiB differ");
        // Events seen before the memory grew still know their data.
        for (n, event) in seen.iter().enumerate() {
            assert_eq!(get(event, "json.choices.0.text"), format!("{}世 ", n + 1).as_str());
        }
        if size() > before {
            return;
        }
    }
    panic!("nothing grew, so nothing was tested");
}

#[wasm_bindgen_test]
async fn an_event_beyond_the_bound_is_an_error_and_its_place_is_free_again() {
    let most = || ("maxEventBytes", 100_000.into());
    let large = bytes(&sse(&[&"x".repeat(200_000)]));
    for _ in 0..3 {
        let fetch = service(&[streamed(std::slice::from_ref(&large))]);
        let error = Outcome::of(read(&client_with(&[("fetch", fetch), most()]))).await.error();
        assert_error(&error, "StreamError", "maxEventBytes");
        let fits = bytes(&sse(&[&"x".repeat(90_000), &"y".repeat(90_000)]));
        let text = Outcome::of(read(&client_with(&[("fetch", service(&[streamed(&[fits])])), most()]))).await;
        assert_eq!(text.value().as_string().map(|text| text.len()), Some(180_000));
    }
}

#[wasm_bindgen_test]
async fn an_event_keeps_what_it_said_after_its_stream_is_gone() {
    let stream = open(&client(&service(&[streamed(&[
        format!(
            "event: note\nid: 7\ndata: {{\"choices\":[{{\"text\":\"Hé\"}}],\ndata: \"n\":1}}\n\n{}",
            delta("llo")
        )
        .into(),
        DONE.into(),
    ])])));
    let first = get(&Outcome::of(next(&stream)).await.value(), "value");
    let second = get(&Outcome::of(next(&stream)).await.value(), "value");
    assert_eq!(get(&Outcome::of(next(&stream)).await.value(), "done"), true);
    // Another stream writes over whatever the first has left in the memory.
    text_of(&[bytes(&sse(&[&"#".repeat(5000)]))]).await;
    turn().await;
    assert_eq!(get(&first, "data"), "{\"choices\":[{\"text\":\"Hé\"}],\n\"n\":1}");
    assert_eq!((get(&first, "event"), get(&first, "id")), ("note".into(), "7".into()));
    assert_eq!(get(&first, "json.n"), 1);
    assert_eq!(get(&second, "json.choices.0.text"), "llo");
    assert_eq!((get(&second, "event"), get(&second, "id")), ("message".into(), "7".into()));
}

#[wasm_bindgen_test]
async fn a_bad_request_is_told_at_the_first_read_and_once() {
    let fetch = service(&[streamed(&[DONE.into()])]);
    let stream = crate::caller::stream(&client(&fetch), &object(&[]), &JsValue::UNDEFINED).unwrap();
    turn().await;
    assert_error(&Outcome::of(next(&stream)).await.error(), "TypeError", "prompt");
    // A stream that nobody reads tells nobody.
    drop(crate::caller::stream(&client(&fetch), &object(&[]), &JsValue::UNDEFINED).unwrap());
    Outcome::of(Ok(js_sys::Promise::resolve(&JsValue::NULL).into())).await.value();
}
