//! The answers of a real server (`tests/captures`), in the pieces they arrived in.

use purerouter::core::decoder::{Format, flags};

use crate::drive::{NO_LIMIT, Seen, decode, same_however_split};
use crate::reference;

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/captures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The body of an HTTP response, and the pieces of it that the server sent at a time.
fn chunks(name: &str) -> Vec<Vec<u8>> {
    let raw = read(&format!("{name}.response.raw"));
    let head = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let mut rest = &raw[head..];
    if !raw[..head].windows(7).any(|seven| seven == b"chunked") {
        return vec![rest.to_vec()];
    }
    let mut chunks = Vec::new();
    loop {
        // A capture of a client that left ends in the middle.
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else { return chunks };
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        rest = &rest[line + 2..];
        if length == 0 {
            return chunks;
        }
        chunks.push(rest[..length.min(rest.len())].to_vec());
        rest = rest.get(length + 2..).unwrap_or_default();
    }
}

fn stream(name: &str) -> Seen {
    let chunks = chunks(name);
    let pieces: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
    let body = pieces.concat();
    let seen = decode(Format::Sse, NO_LIMIT, &pieces);
    assert_eq!(seen, same_however_split(Format::Sse, NO_LIMIT, &body));
    assert_eq!(seen, reference::sse(&body, NO_LIMIT));
    seen
}

#[test]
fn a_completion() {
    let seen = stream("completion-stream");
    assert_eq!((seen.text().as_str(), seen.flags), (" Paris.", flags::DONE | flags::FINISH | flags::USAGE));
    assert_eq!(seen.deltas, 2);
    assert!(seen.usage.contains("\"completion_tokens\":3") && seen.finish.contains("\"stop\""));
}

#[test]
fn a_chat() {
    let seen = stream("chat-stream");
    assert!(seen.text().starts_with("The sea is a") && seen.text().ends_with('.'), "{}", seen.text());
    assert_eq!(seen.flags, flags::DONE | flags::FINISH);
    assert!(seen.first.contains("\"content\":null"));
    assert_eq!(seen.deltas as usize, seen.events.len() - 2);
}

#[test]
fn a_completion_asked_for_with_compression() {
    let seen = stream("gzip-stream");
    assert_eq!(seen.flags, flags::DONE | flags::FINISH | flags::USAGE);
    assert!(seen.deltas > 0 && !seen.text().is_empty());
}

#[test]
fn a_stream_that_its_reader_left() {
    let seen = stream("disconnect-stream-fin");
    assert!(!seen.text().is_empty() && !seen.is(flags::DONE) && !seen.is(flags::FINISH));
}

#[test]
fn answers_that_are_json() {
    for (name, flag) in [
        ("chat-normal", flags::FINISH),
        ("health", 0),
        ("bad-json", flags::ERROR),
        ("chat-stream-n2", flags::ERROR),
        ("bad-no-prompt", flags::ERROR),
        ("not-found", flags::ERROR),
        ("loading-health-503", flags::ERROR),
    ] {
        let body = chunks(name).concat();
        let seen = same_however_split(Format::Json, NO_LIMIT, &body);
        assert_eq!(seen.flags & (flags::ERROR | flags::FINISH | flags::MALFORMED), flag, "{name}");
    }
    let seen = decode(Format::Json, NO_LIMIT, &[&chunks("chat-normal").concat()]);
    assert!(seen.text().len() > 10);
}
