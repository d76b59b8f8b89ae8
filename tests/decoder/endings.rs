//! How a stream ends: `[DONE]`, a finish reason, an error.

use purerouter::core::decoder::{Format, flags};

use crate::drive::{Drive, NO_LIMIT, decode, sse};

const A: &str = "data: {\"choices\":[{\"text\":\"a\"}]}\n\n";

#[test]
fn done() {
    for done in
        ["data: [DONE]\n\n", "data:[DONE]\n", "data: data: [DONE]\r", "data:  [DONE]  \r\n", "data: [DONE]"]
    {
        let seen = sse([A, done].concat());
        assert!(seen.is(flags::DONE) && seen.error.is_none(), "{done:?}");
        assert_eq!((seen.events.len(), seen.text()), (1, "a".to_owned()), "{done:?}");
    }
    for other in
        ["data: [done]\n\n", "data: \"[DONE]\"\n\n", "data: [DONE", ": [DONE]\n", "data: x\ndata: [DONE]\n\n"]
    {
        assert!(!sse([A, other].concat()).is(flags::DONE), "{other:?}");
    }
}

#[test]
fn done_is_told_as_its_line_ends() {
    let mut drive = Drive::new(Format::Sse, NO_LIMIT);
    drive.push(A.as_bytes()).push(b"data: [DONE]");
    assert!(drive.flags & flags::DONE == 0);
    assert!(drive.push(b"\n").flags & flags::DONE != 0);
}

#[test]
fn what_follows_done_is_ignored() {
    let seen = sse([A, "event: error\ndata: [DONE]\ndata: {}\n\n", A, "data: {\"error\":1}\n\n"].concat());
    assert_eq!((seen.flags, seen.events.len()), (flags::DONE, 1));
}

#[test]
fn finish_reasons() {
    for data in [
        r#"{"choices":[{"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"text":"","finish_reason":"length"},{"finish_reason":null}]}"#,
        r#"{"finish_reason":"stop"}"#,
        r#"{"choices":[{"finish_reason":null}],"finish_reason":"stop"}"#,
        r#"{"choices":[{"fini\u0073h_reason":"\u0073"}]}"#,
    ] {
        let seen = sse(format!("{A}data: {data}\n\n{A}"));
        assert!(seen.is(flags::FINISH), "{data}");
        assert_eq!((seen.finish.as_str(), seen.text()), (data, "aa".to_owned()));
    }
    for data in [
        r#"{"choices":[{"finish_reason":null}]}"#,
        r#"{"choices":[{"finish_reason":""}]}"#,
        r#"{"choices":[{"finish_reason":true}]}"#,
        r#"{"choices":[{},{"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"finish_reason":"stop","finish_reason":null}]}"#,
        r#"{"choices":[{"finish_reason":"stop"}],"choices":[]}"#,
        r#"{"choices":{"finish_reason":"stop"}}"#,
        r#"{"choices":[{"delta":{"finish_reason":"stop"}}]}"#,
        r#"{"usage":{"finish_reason":"stop"}}"#,
        r#"["finish_reason"]"#,
    ] {
        assert!(!sse(format!("{A}data: {data}\n\n{A}")).is(flags::FINISH), "{data}");
    }
}

#[test]
fn an_error_event_ends_the_stream() {
    for (fields, data, json) in [
        ("event: error\n", "{\"choices\":[{\"text\":\"b\",\"finish_reason\":\"stop\"}]}", true),
        ("event: error\n", "overloaded", false),
        ("event: error\nid: 7\n", "", false),
        ("", r#"{"error":{"message":"é"}}"#, true),
        ("", r#"{"error":"busy","choices":[{"text":"b","finish_reason":"stop"}],"usage":{}}"#, true),
        ("", r#"{"error":false}"#, true),
        ("", r#"{"error":null,"\u0065rror":0}"#, true),
        (": x\n", r#"{"error":""}"#, true),
    ] {
        let seen = sse(format!("{A}{fields}data: {data}\n\n{A}data: [DONE]\n\n"));
        assert_eq!(seen.flags, flags::ERROR, "{data}");
        assert_eq!((seen.text(), seen.events.len(), seen.deltas), ("a".to_owned(), 1, 1), "{data}");
        let error = seen.error.unwrap();
        assert_eq!((error.data.as_str(), error.json), (data, json));
    }
}

#[test]
fn what_is_no_error() {
    for data in [
        r#"{"error":null}"#,
        r#"{"error":{"code":1},"error":null}"#,
        r#"{"detail":{"error":"x"}}"#,
        r#"[{"error":"x"}]"#,
        r#""error""#,
        "{\"error\":{}",
        "error",
    ] {
        let seen = sse(format!("data: {data}\n\n{A}"));
        assert!(seen.error.is_none() && seen.events.len() == 2, "{data}");
    }
    assert!(sse("event: errors\ndata: x\n\n").error.is_none());
    assert!(sse("event: error\nevent: x\ndata: x\n\n").error.is_none());
}

#[test]
fn notes_are_the_events_a_completion_is_made_of() {
    let usage = r#"{"choices":[],"usage":{"completion_tokens":3}}"#;
    let last = r#"{"choices":[],"usage":{"completion_tokens":4},"error":null}"#;
    let finish = r#"{"choices":[{"text":"c","finish_reason":"stop"}],"usage":null}"#;
    let body = [r#"[1]"#, r#"{"id":1}"#, r#"{"id":2}"#, usage, finish, last, r#"{"usage":3}"#];
    let seen = sse(body.map(|data| format!("data: {data}\n\n")).concat());
    assert_eq!(seen.flags, flags::FINISH | flags::USAGE);
    assert_eq!(
        (seen.first.as_str(), seen.usage.as_str(), seen.finish.as_str()),
        (r#"{"id":1}"#, last, finish)
    );
    let none = sse("data: 1\n\ndata: x\n\n");
    assert_eq!((none.first.as_str(), none.usage.as_str(), none.finish.as_str(), none.flags), ("", "", "", 0));
}

#[test]
fn after_the_end_a_push_brings_nothing() {
    let seen =
        decode(Format::Sse, NO_LIMIT, &[A.as_bytes(), b"data: [DONE]\n\n", A.as_bytes(), b"data: x\n\n"]);
    assert_eq!((seen.events.len(), seen.flags), (1, flags::DONE));
}
