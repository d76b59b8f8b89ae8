//! Arbitrary event streams, however they are split, against the reference.

use proptest::prelude::*;
use purerouter::core::decoder::Format;

use crate::drive::{NO_LIMIT, Seen, decode};
use crate::reference;

/// Shapes of events, with `%` for the text, `#` for a number and `$` for another string.
const SHAPES: &[&str] = &[
    r#"{"choices":[{"text":"%","index":0,"finish_reason":null}],"usage":null}"#,
    r#"{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"%"}}],"created":1}"#,
    r#"{"output_text":"%"}"#,
    r#"{"id":"$","choices":[{"text":"%","logprobs":[#,"$",-#]}],"created":#}"#,
    r#"{"choices":[{"delta":{"content":"%"},"text":"$"}],"created":#,"$":{"$":"$"}}"#,
    r#"{"created":#,"error":null,"finish_reason":"","choices":[{"message":{"content":"%"}}],"id":$}"#,
    r#"{"output_text":"x","choices":[{"text":"%"}]}"#,
    r#"{"choices":[{"text":"","message":{"content":"%"}}],"output_text":"日"}"#,
    r#"{"choices":[{"text":"a","text":"%"}],"id":"é"}"#,
    r#"{"choices":[{"text":"%"}],"choices":[{"delta":{"content":"z"}}]}"#,
    r#"{"choices":[{"text":"%","finish_reason":"stop"}]}"#,
    r#"{"choices":[{"text":"%"}],"usage":{"completion_tokens":1}}"#,
    r#"{"\u0063hoices":[{"t\u0065xt":"%"}], "x":[{"text":"b"},[],{}]}"#,
    r#"{"choices":[{"text":"%"}],"error":null}"#,
    r#"{"key%":1,"output_text":"y"}"#,
    r#"{"choices":[{"text":"%"}]"#,
    "%",
];

const TEXTS: &[&[u8]] = &[
    b"a",
    b" the",
    b"",
    b"tokens of some length, to fill words",
    b"\\n",
    b"\\u00e9\\\\",
    b"\\ud83d\\ude00",
    b"\\ud83d",
    b"\\uDE00x",
    "é日😀".as_bytes(),
    b"\\\"",
    b"\xff",
    b"\xf0\x9f\x98",
    b"x\",\"text\":\"y",
    b"x\"}],\"choices\":[{\"text\":\"y",
    b"x\"}],\"output_text\":\"y\",\"z\":[{\"a\":\"",
    b"\t",
    b"\\x",
    b"data: b",
    b"\\u12",
];

const NUMBERS: &[&str] =
    &["1", "1", "2", "10", "-1", "0", "0.5", "1e3", "01", "", "null", "\"1\"", "1]", "1,\"output_text\":2"];

const STRINGS: &[&[u8]] = &[
    b"a",
    b"a",
    b"b",
    b"another",
    b"",
    b"\\u00e9",
    "é".as_bytes(),
    b"\xc3",
    b"\"",
    b"\\",
    b"x\",\"error\":\"y",
    b"text",
    b"output_text",
];

const LINES: &[&[u8]] = &[
    b"event: x",
    b"event:",
    b"event: \xc3",
    b"id: 1",
    b"id: 2",
    b"id",
    b"id: \0",
    b"retry: 1",
    b": comment",
    b":",
    b"data",
    b"data:",
    b"data: ",
    b"data:  x ",
    b"data: {",
    b"data: }",
    b"data: 1",
    b"data: \"a\"",
    b"data: data: b",
    b"data:data:c",
    b"",
    b"",
    b"",
    b"foo: bar",
    b"foo",
    b"\xef\xbb\xbfdata: bom",
    b" data: x",
    b"data\xff: x",
    b"data: [DONE",
    b"data: x[DONE]",
    b"event: errors",
];

const ENDS: &[&[u8]] =
    &[b"data: [DONE]", b"data:[DONE] ", b"data: data: [DONE]", b"event: error", b"data: {\"error\":1}"];

fn line_end() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![4 => Just(&b"\n"[..]), 2 => Just(&b"\r\n"[..]), 1 => Just(&b"\r"[..])]
}

/// A run of events that differ in their values only, as a model's answer does.
fn run() -> impl Strategy<Value = Vec<u8>> {
    let prefix = prop::sample::select(vec!["data: ", "data: ", "data:", "data: data: ", "id: 3\ndata: "]);
    let choice = || any::<prop::sample::Index>();
    let values = prop::collection::vec((prop::sample::select(TEXTS), choice(), choice()), 1..6);
    let shape = prop::sample::select(SHAPES);
    (shape, prefix, values, line_end(), line_end()).prop_map(|(shape, prefix, values, end, blank)| {
        let mut body = Vec::new();
        for (text, number, string) in values {
            body.extend_from_slice(prefix.as_bytes());
            for byte in shape.bytes() {
                match byte {
                    b'%' => body.extend_from_slice(text),
                    b'#' => body.extend_from_slice(number.get(NUMBERS).as_bytes()),
                    b'$' => body.extend_from_slice(string.get::<&[u8]>(STRINGS)),
                    _ => body.push(byte),
                }
            }
            body.extend_from_slice(&[end, blank].concat());
        }
        body
    })
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let line = (prop::sample::select(LINES), line_end()).prop_map(|(line, end)| [line, end].concat());
    let last = (prop::sample::select(ENDS), line_end()).prop_map(|(line, end)| [line, end].concat());
    prop_oneof![
        40 => run(),
        40 => line,
        8 => prop::collection::vec(prop::sample::select(b"\r\n\n: da{}\"\\\xe2\x82\xac\0".to_vec()), 0..12),
        4 => prop::collection::vec(any::<u8>(), 0..12),
        1 => last,
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let start =
        prop_oneof![5 => Just(&b""[..]), 1 => Just(&b"\xef\xbb\xbf"[..]), 1 => Just(&b"\xef\xbb"[..])];
    let pieces = prop::collection::vec(piece(), 0..12);
    (start, pieces, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(start, pieces, at, cut)| {
        let mut body = [start.to_vec(), pieces.concat()].concat();
        if cut {
            body.truncate(at.index(body.len() + 1));
        }
        body
    })
}

fn split<'a>(body: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect()
}

fn check(body: &[u8], max: usize, cuts: &[prop::sample::Index], expected: &Seen) {
    let show = String::from_utf8_lossy(body);
    assert_eq!(&decode(Format::Sse, max, &[body]), expected, "whole: {show:?}");
    let bytes: Vec<&[u8]> = body.chunks(1).collect();
    assert_eq!(&decode(Format::Sse, max, &bytes), expected, "byte by byte: {show:?}");
    let pieces = split(body, cuts);
    assert_eq!(&decode(Format::Sse, max, &pieces), expected, "{pieces:?}: {show:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2500) })]

    #[test]
    fn any_split_is_what_the_reference_says(
        body in body(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        check(&body, NO_LIMIT, &cuts, &reference::sse(&body, NO_LIMIT));
    }

    #[test]
    fn any_bound(
        body in body(),
        max in 2usize..120,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        check(&body, max, &cuts, &reference::sse(&body, max));
    }

    #[test]
    fn other_formats_however_split(
        body in body(),
        max in prop_oneof![Just(NO_LIMIT), 2usize..60],
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        for format in [Format::Json, Format::Ndjson] {
            prop_assert_eq!(decode(format, max, &split(&body, &cuts)), decode(format, max, &[&body]));
        }
        let text = decode(Format::Text, max, &split(&body, &cuts)).text();
        let whole = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
        prop_assert_eq!(text, String::from_utf8_lossy(whole));
    }
}
