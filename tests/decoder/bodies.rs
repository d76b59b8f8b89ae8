//! Bodies that are no event stream: JSON is one event, NDJSON one a line, any other text comes in chunks.

use purerouter::core::decoder::{Format, Record, flags};

use crate::drive::{Drive, NO_LIMIT, Seen, decode, same_however_split};

fn json(body: impl AsRef<[u8]>) -> Seen {
    same_however_split(Format::Json, NO_LIMIT, body.as_ref())
}

fn ndjson(body: impl AsRef<[u8]>) -> Seen {
    same_however_split(Format::Ndjson, NO_LIMIT, body.as_ref())
}

#[test]
fn json_is_one_event_at_the_end() {
    let body = "{\"choices\":[{\"text\":\"a\",\n\"finish_reason\":\"stop\"}],\r\n\"usage\":{}}\n";
    let seen = json(body);
    assert_eq!((seen.data(), seen.text()), (vec![body], "a".to_owned()));
    assert_eq!((seen.flags, seen.deltas), (flags::FINISH | flags::USAGE, 1));
    assert_eq!((seen.first.as_str(), seen.usage.as_str(), seen.finish.as_str()), (body, body, body));
    let mut drive = Drive::new(Format::Json, NO_LIMIT);
    drive.push(body.as_bytes());
    assert!(drive.decoder.records().is_empty());
    assert_eq!(json("\u{feff}[1]").data(), ["[1]"]);
    assert_eq!(json(b"{\"output_text\":\"\xff\"}").text(), "\u{fffd}");
}

#[test]
fn json_that_is_none() {
    for body in ["", "{\"choices\":[", "Bad gateway", "\u{feff}", "{}{}", "data: {}\n\n"] {
        let seen = json(body);
        assert_eq!(
            (seen.flags, seen.events.len(), seen.text()),
            (flags::MALFORMED, 0, String::new()),
            "{body}"
        );
        assert_eq!(seen.malformed, body.trim_start_matches('\u{feff}'));
    }
    assert_eq!(json(b"a\xff").malformed, "a\u{fffd}");
    assert_eq!(json(b"\xef\xbb").malformed, "\u{fffd}");
}

#[test]
fn json_errors() {
    let seen = json(r#"{"error":{"code":503}}"#);
    assert_eq!((seen.flags, seen.error.unwrap().data.as_str()), (flags::ERROR, r#"{"error":{"code":503}}"#));
}

#[test]
fn ndjson_is_an_event_a_line() {
    let seen = ndjson("{\"output_text\":\"a\"}\n\n \t\r\n{\"output_text\":\"b\"}\r\n{\"output_text\":\"c\"}");
    assert_eq!(seen.texts(), ["a", "b", "c"]);
    assert_eq!(seen.data()[1], "{\"output_text\":\"b\"}");
    assert_eq!(seen.flags, 0);
    // Server-sent events they are not.
    assert_eq!(ndjson("data: 1\nevent: x\n: y\n").texts(), ["data: 1", "event: x", ": y"]);
    assert_eq!(ndjson("1\r2\n").data(), ["1\r2"]);
    assert_eq!(ndjson("\u{feff}1\n\u{feff}2\n").data(), ["1", "\u{feff}2"]);
    assert_eq!(ndjson(b"\"\xf0\x9f\"\n\"\x98\"\n").data(), ["\"\u{fffd}\"", "\"\u{fffd}\""]);
    assert_eq!(ndjson("").flags, 0);
}

#[test]
fn done_ends_ndjson_too() {
    for end in ["[DONE]", "[DONE]\n", " [DONE] \r\n", "[DONE]\n{\"output_text\":\"b\"}\n{\"out"] {
        let seen = ndjson(format!("{{\"output_text\":\"a\"}}\n{end}"));
        assert_eq!((seen.text().as_str(), seen.flags), ("a", flags::DONE), "{end}");
    }
    assert_eq!(ndjson("\"[DONE]\"\n").data(), ["\"[DONE]\""]);
}

#[test]
fn a_cut_last_line() {
    let seen = ndjson("{\"output_text\":\"a\"}\n{\"output_text\":\"b");
    assert_eq!((seen.text().as_str(), seen.flags), ("a", flags::MALFORMED));
    assert_eq!(seen.malformed, "{\"output_text\":\"b");
    assert_eq!(ndjson("{\"output_text\":\"a\"}\n{\"output_text\":\"b\"}\r").flags, 0);
    assert_eq!(ndjson("1\n  \r").data(), ["1"]);
}

#[test]
fn ndjson_errors() {
    let seen = ndjson("{\"output_text\":\"a\"}\n{\"error\":\"x\"}\n{\"output_text\":\"b\"}\n");
    assert_eq!((seen.text().as_str(), seen.flags), ("a", flags::ERROR));
    assert_eq!(seen.error.unwrap().data, "{\"error\":\"x\"}");
    assert!(ndjson("1\n{\"error\":\"x\"}").error.is_some());
}

#[test]
fn ndjson_is_plain_where_it_can_be() {
    let mut drive = Drive::new(Format::Ndjson, NO_LIMIT);
    drive.push(b"1\n2\n3");
    assert!(drive.decoder.records().iter().all(|record| record.flags & Record::AUX == 0));
    drive.push(b"4\n5\r\n");
    let kinds: Vec<u32> = drive.decoder.records().iter().map(|record| record.flags & Record::AUX).collect();
    assert_eq!((kinds, drive.seen.data()), (vec![1, 0], vec!["1", "2", "34", "5"]));
}

fn text(chunks: &[&[u8]]) -> Vec<String> {
    let seen = decode(Format::Text, 4, chunks);
    assert_eq!(seen.flags, 0);
    assert!(seen.events.iter().all(|event| !event.json && event.name == "message" && event.id.is_empty()));
    assert_eq!(seen.data(), seen.texts());
    assert_eq!(seen.deltas as usize, seen.events.len());
    seen.texts()
}

#[test]
fn text_is_what_arrives() {
    assert_eq!(
        text(&[b"Hello", b"", b"{\"error\":1}", b"data: [DONE]\n\n"]),
        ["Hello", "{\"error\":1}", "data: [DONE]\n\n"]
    );
    assert_eq!(text(&[]), Vec::<String>::new());
}

#[test]
fn text_carries_characters_over() {
    assert_eq!(text(&[b"a\xf0", b"\x9f\x98", b"\x80b", b"\xe6\x97", b"\xa5"]), ["a", "😀b", "日"]);
    assert_eq!(text(&[b"\xef", b"\xbb", b"\xbfa", b"\xef\xbb\xbf"]), ["a", "\u{feff}"]);
    assert_eq!(text(&[b"a\xf0\x9f", b"b"]), ["a", "\u{fffd}b"]);
    assert_eq!(text(&[b"a\xe6\x97"]), ["a", "\u{fffd}"]);
    assert_eq!(text(&[b"\xff\xf0\x9f\x98"]), ["\u{fffd}", "\u{fffd}"]);
    assert_eq!(text(&[b"\xed\xa0\x80"]), ["\u{fffd}\u{fffd}\u{fffd}"]);
    assert_eq!(text(&[b"\xef\xbb"]), ["\u{fffd}"]);
}

#[test]
fn text_is_plain_where_it_can_be() {
    let mut drive = Drive::new(Format::Text, NO_LIMIT);
    for (chunk, aux) in [
        (&b"\xef\xbb\xbfabc"[..], 0),
        (b"abc\xf0\x9f", 0),
        (b"\x98\x80", 1),
        // Three bytes that are replaced by three bytes.
        (b"\xf0\x9f\x98x", 1),
        ("é".as_bytes(), 0),
    ] {
        drive.push(chunk);
        assert_eq!(drive.decoder.records()[0].flags & Record::AUX, aux, "{chunk:?}");
    }
    assert_eq!(drive.seen.texts(), ["abc", "abc", "😀", "\u{fffd}x", "é"]);
}
