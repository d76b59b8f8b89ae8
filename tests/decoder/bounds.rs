//! The largest event: what is longer is refused as soon as it is, and holds no more memory than that.

use std::time::{Duration, Instant};

use purerouter::core::decoder::{Decoder, Format, flags};

use crate::drive::{Drive, NO_LIMIT, Seen, same_however_split};

#[test]
fn data_so_far_and_the_line_at_hand_are_counted() {
    let cases: [(&str, usize); 7] = [
        ("data: 123456\n\n", 12),
        ("data: 1234\ndata: 5678\n\n", 14),
        ("data: 1\ndata: 2\ndata: 3\n\n", 10),
        ("data: 123456\n: comment\n\n", 15),
        (": a long comment\n\n", 16),
        ("data: 12\r\n\r\nevent: abcdefgh\r\n\r\n", 15),
        ("data: data: 1234\n\n", 16),
    ];
    for (body, needed) in cases {
        let enough = same_however_split(Format::Sse, needed, body.as_bytes());
        assert_eq!(enough.flags, 0, "{body:?}");
        let too_little = same_however_split(Format::Sse, needed - 1, body.as_bytes());
        assert_eq!(too_little.flags, flags::OVERSIZE, "{body:?}");
    }
}

#[test]
fn a_templated_event_is_bounded_too() {
    let event = |text: &str| format!("data: {{\"output_text\":\"{text}\"}}\n\n");
    let body = event("a") + &event("b") + &event("123") + &event("c");
    let line = event("123").len() - 2;
    let seen = same_however_split(Format::Sse, line, body.as_bytes());
    assert_eq!((seen.text().as_str(), seen.flags), ("ab123c", 0));
    let seen = same_however_split(Format::Sse, line - 1, body.as_bytes());
    assert_eq!((seen.text().as_str(), seen.flags), ("ab", flags::OVERSIZE));
}

#[test]
fn what_came_before_is_kept() {
    let seen = same_however_split(Format::Sse, 10, b"data: a\n\ndata: b\n\ndata: cdefg\n\ndata: h\n\n");
    assert_eq!((seen.text().as_str(), seen.flags), ("ab", flags::OVERSIZE));
}

#[test]
fn an_unfinished_line_is_too_large_at_once() {
    let mut decoder = Decoder::new(Format::Sse, 100);
    decoder.reserve(101)[..101].fill(b'x');
    assert_eq!(decoder.push(101) & flags::OVERSIZE, flags::OVERSIZE);
}

#[test]
fn other_formats() {
    let seen = same_however_split(Format::Json, 9, b"[1,2,3,4]");
    assert_eq!((seen.data(), seen.flags), (vec!["[1,2,3,4]"], 0));
    let seen = same_however_split(Format::Json, 8, b"[1,2,3,4]");
    assert_eq!((seen.events.len(), seen.flags), (0, flags::OVERSIZE));
    let seen = same_however_split(Format::Ndjson, 3, b"[1]\r\n[2]\n\n   \n[3]");
    assert_eq!((seen.data(), seen.flags), (vec!["[1]", "[2]", "[3]"], 0));
    let seen = same_however_split(Format::Ndjson, 3, b"[1]\n[22]\n[3]\n");
    assert_eq!((seen.data(), seen.flags), (vec!["[1]"], flags::OVERSIZE));
    let seen = same_however_split(Format::Ndjson, 3, b"[1]\n    ");
    assert_eq!((seen.data(), seen.flags), (vec!["[1]"], flags::OVERSIZE));
}

/// A second's work, or 10¹¹ steps if the event were searched from its start at every chunk.
fn in_small_chunks(format: Format, body: &[u8]) -> Seen {
    let mut drive = Drive::new(format, NO_LIMIT);
    let start = Instant::now();
    for chunk in body.chunks(32) {
        drive.push(chunk);
        assert!(start.elapsed() < Duration::from_secs(60), "takes time by the square of its size");
    }
    drive.finish()
}

#[test]
fn a_huge_event_in_small_chunks_takes_time_in_proportion() {
    let mut body = b"data: {\"choices\":[{\"text\":\"a\"}]}\n\n".to_vec();
    body.extend_from_slice(b"data: {\"choices\":[{\"text\":\"");
    body.extend_from_slice(&vec![b'x'; 8_000_000]);
    body.extend_from_slice(b"\"}]}\n\n");
    assert_eq!(in_small_chunks(Format::Sse, &body).text().len(), 8_000_001);
    let mut line = vec![b' '; 8_000_000];
    line.extend_from_slice(b"\n[2]");
    assert_eq!(in_small_chunks(Format::Ndjson, &line).data(), ["[2]"]);
}
