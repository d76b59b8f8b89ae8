//! The text of any JSON is what `JSON.parse` would give, also where events follow each other that look alike and the
//! decoder takes its short cut.
#![no_main]
#![allow(dead_code, reason = "the tests use more of these modules")]

#[path = "../../decoder/drive.rs"]
mod drive;
#[path = "../../decoder/parse.rs"]
mod parse;
#[path = "../../decoder/reference.rs"]
mod reference;

use libfuzzer_sys::fuzz_target;
use purerouter::core::decoder::Format;

use drive::{NO_LIMIT, decode};

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    // Two events; the second is often nearly the first.
    let (first, second) = text.split_once('\n').unwrap_or((&text, &text));
    let mut body = String::new();
    for data in [first, first, second, first, second, second] {
        body.push_str("data: ");
        body.push_str(data);
        body.push_str("\n\n");
    }
    assert_eq!(decode(Format::Sse, NO_LIMIT, &[body.as_bytes()]), reference::sse(body.as_bytes(), NO_LIMIT));
});
