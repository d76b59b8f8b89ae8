//! Lines, fields and dispatch: the WHATWG's rules and examples.

use purerouter::core::decoder::{Format, Record, flags};

use crate::drive::{Drive, NO_LIMIT, decode, sse};

#[test]
fn the_examples_of_the_standard() {
    let seen = sse("data: YHOO\ndata: +2\ndata: 10\n\n");
    assert_eq!(seen.data(), ["YHOO\n+2\n10"]);
    let seen =
        sse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event");
    assert_eq!((seen.data(), seen.ids()), (vec!["first event", "second event"], vec!["1", ""]));
    // "The first block fires an event with the data set to the empty string … the last block is discarded".
    assert_eq!(sse("data\n\ndata\ndata\n\ndata:").data(), ["", "\n"]);
    assert_eq!(sse("data:test\n\ndata: test\n\n").data(), ["test", "test"]);
}

#[test]
fn every_line_end() {
    for end in ["\n", "\r", "\r\n"] {
        let body = format!("event: a{end}data: 1{end}{end}data: 2{end}data: 3{end}{end}");
        let seen = sse(&body);
        assert_eq!((seen.data(), seen.names()), (vec!["1", "2\n3"], vec!["a", "message"]), "{end:?}");
    }
    assert_eq!(
        sse("data: 1\r\ndata: 2\rdata: 3\n\r\ndata: 4\r\r\ndata: 5\n\r").data(),
        ["1\n2\n3", "4", "5"]
    );
    // Only these three: other line separators of Unicode are characters.
    assert_eq!(sse("data: a\u{2028}b\u{85}c\u{b}d\n\n").data(), ["a\u{2028}b\u{85}c\u{b}d"]);
}

#[test]
fn a_line_feed_belongs_to_the_carriage_return_of_an_earlier_chunk() {
    let seen =
        decode(Format::Sse, NO_LIMIT, &[b"data: 1\r", b"", b"\ndata: 2\r", b"\n", b"\r", b"\ndata: 3\r\r"]);
    assert_eq!(seen.data(), ["1\n2", "3"]);
}

#[test]
fn an_event_is_dispatched_as_its_blank_line_begins() {
    let mut drive = Drive::new(Format::Sse, NO_LIMIT);
    assert_eq!(drive.push(b"data: 1\r\n\r").seen.data(), ["1"]);
    assert_eq!(drive.push(b"\ndata: 2\n\n").seen.data(), ["1", "2"]);
}

#[test]
fn byte_order_mark() {
    assert_eq!(sse("\u{feff}data: 1\n\n").data(), ["1"]);
    // One is taken off, and only at the start.
    assert_eq!(sse("\u{feff}\u{feff}data: 1\n\ndata: 2\n\n").data(), ["2"]);
    assert_eq!(sse("data: 1\n\n\u{feff}data: 2\n\n").data(), ["1"]);
    assert_eq!(sse("data: \u{feff}1\n\n").data(), ["\u{feff}1"]);
    assert_eq!(sse(b"\xef\xbbdata: 1\n\ndata: 2\n\n").data(), ["2"]);
    assert_eq!(sse("\u{feff}").events, []);
    assert_eq!(sse(b"\xef\xbb").events, []);
    // Its place in the chunk is counted.
    assert_eq!(sse("\u{feff}data: {\"output_text\":\"a\"}\n\n").text(), "a");
}

#[test]
fn comments_and_unknown_fields_are_ignored() {
    let seen =
        sse(": a\n:\ndata: 1\n:data: 2\nDATA: 3\n data: 4\ndata : 5\nretry: 10\nretry: x\nfoo\nfoo: bar\n\n");
    assert_eq!((seen.data(), seen.names(), seen.ids()), (vec!["1"], vec!["message"], vec![""]));
}

#[test]
fn one_leading_space_is_removed() {
    let seen = sse("data:  a \nevent:  b\nid:  c\n\ndata:\ta\n\ndata: :\n\n");
    assert_eq!(seen.data(), [" a ", "\ta", ":"]);
    assert_eq!((seen.names()[0], seen.ids()[0]), (" b", " c"));
}

#[test]
fn names_last_for_one_event() {
    let seen =
        sse("event: a\nevent: b\ndata: 1\n\ndata: 2\n\nevent: c\nevent:\ndata: 3\n\nevent: d\n\ndata: 4\n\n");
    assert_eq!(seen.names(), ["b", "message", "message", "message"]);
}

#[test]
fn ids_stick() {
    let seen = sse(
        "data: 1\n\nid: a\ndata: 2\n\ndata: 3\n\nid: b\n\ndata: 4\n\nid: c\0\ndata: 5\n\nid\ndata: 6\n\n",
    );
    assert_eq!(seen.ids(), ["", "a", "a", "b", "b", ""]);
    // Without data there is no event, but the id counts.
    assert_eq!(sse("id: 1\n\nid: 2\nevent: x\n\ndata: a\n\n").ids(), ["2"]);
}

#[test]
fn an_event_without_data_is_none() {
    assert_eq!(sse("event: error\n\n\n\nid: 3\n\n: x\n\n").events, []);
}

#[test]
fn an_unfinished_event_is_dropped() {
    assert_eq!(sse("data: 1\n\ndata: 2\n").data(), ["1"]);
    assert_eq!(sse("data: x\n\ndata: {\"choices\":[{\"text\":\"a\"}]}").text(), "x");
    assert_eq!(sse("").events, []);
}

#[test]
fn a_doubled_prefix_is_taken_off_once() {
    let seen =
        sse("data: data: 1\n\ndata:data:2\n\ndata: data:  3\n\ndata: data: data: 4\n\ndata:  data: 5\n\n");
    assert_eq!(seen.data(), ["1", "2", " 3", "data: 4", " data: 5"]);
    assert_eq!(sse("data: data: {\"output_text\":\"a\"}\n\n").text(), "a");
    assert_eq!(sse("data: 1\ndata: data: 2\n\n").data(), ["1\n2"]);
    assert_eq!(sse("data: data:\n\ndata: database\n\n").data(), ["", "database"]);
}

#[test]
fn broken_utf8_is_replaced_in_each_event_by_itself() {
    let seen =
        sse(b"data: a\xf0\x9f\n\ndata: \x98\x80b\n\nevent: \xff\nid: \xc3\ndata: \xe2\x82\ndata: \xac\n\n");
    assert_eq!(seen.data(), ["a\u{fffd}", "\u{fffd}\u{fffd}b", "\u{fffd}\n\u{fffd}"]);
    assert_eq!((seen.names()[2], seen.ids()[2]), ("\u{fffd}", "\u{fffd}"));
    let seen = sse(b"data: {\"output_text\":\"\xf0\x9f\x98\xc0\xaf\xed\xa0\x80\"}\n\n");
    assert_eq!(seen.text(), "\u{fffd}".repeat(6));
    assert!(seen.events[0].json);
    // What stands outside of a string makes it no JSON.
    assert!(!sse(b"data: {\"output_text\":\"a\"}\xff\n\n").events[0].json);
}

#[test]
fn what_is_plain_needs_no_copy() {
    let mut drive = Drive::new(Format::Sse, NO_LIMIT);
    let kinds = |drive: &Drive| -> Vec<u32> {
        drive.decoder.records().iter().map(|record| record.flags & Record::AUX).collect()
    };
    drive.push(b"data: 1\n\nevent: a\ndata: 2\n\ndata: 3\n\nid: 1\ndata: 4\n\nid: 1\ndata: 5\n\ndata: 6\ndata: 7\n\n");
    assert_eq!(kinds(&drive), [0, 1, 0, 1, 0, 1]);
    assert!(drive.flags & flags::ASCII != 0);
    drive.push(b"data: 8\n");
    drive.push(b"\ndata: 9\n\ndata: \xff\n\ndata: \xc3\xa9\n\nda");
    assert_eq!(kinds(&drive), [1, 0, 1, 0]);
    drive.push(b"ta: 10\n\ndata: 1");
    assert_eq!(kinds(&drive), [0]);
    drive.push(b"1\n\n");
    assert_eq!(kinds(&drive), [1]);
    assert_eq!(drive.seen.data(), ["1", "2", "3", "4", "5", "6\n7", "8", "9", "\u{fffd}", "é", "10", "11"]);
}
