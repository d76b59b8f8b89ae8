//! Any bytes, in any format and under any bound, split in any way: the same events as of the whole body, and for
//! server-sent events the same as the slow reference finds.
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

/// The sizes of the pieces, over and over: from a byte each to about eighty.
const PIECES: [[usize; 3]; 4] = [[1, 1, 1], [2, 7, 3], [1, 40, 2], [80, 5, 64]];

fuzz_target!(|input: &[u8]| {
    let Some((&[how, bound], body)) = input.split_first_chunk() else { return };
    let max = if how & 4 == 0 { NO_LIMIT } else { usize::from(bound).max(2) };
    let pieces = split(body, PIECES[usize::from(how & 3)]);
    let formats = [Format::Sse, Format::Sse, Format::Ndjson, Format::Json, Format::Text];
    let format = formats[usize::from(how >> 3) % formats.len()];

    let found = decode(format, max, &pieces);
    match format {
        // What a bound does to a text depends on how it came: it is given on as it comes.
        Format::Text => {
            let whole = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
            assert_eq!(found.text(), String::from_utf8_lossy(whole));
        }
        _ => assert_eq!(found, decode(format, max, &[body])),
    }
    if format == Format::Sse {
        assert_eq!(found, reference::sse(body, max));
    }
});

fn split(body: &[u8], sizes: [usize; 3]) -> Vec<&[u8]> {
    let mut rest = body;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}
