//! Bodies that are no event stream: one JSON value, one value a line, or plain text.

use super::events::{Event, Events};
use super::{Chunk, flags, scan};

/// NDJSON: decodes the lines that are complete, and gives the position of the first one that is not. `searched` is how
/// far that one has been searched for its end.
pub(super) fn decode_lines(chunk: &Chunk<'_>, searched: &mut usize, events: &mut Events) -> usize {
    let mut at = chunk.start;
    loop {
        let end = scan::line_feed(chunk.bytes, at.max(*searched));
        let line = without_cr(chunk.bytes.get(at..end).unwrap_or_default());
        if line.len() > chunk.max {
            events.flags |= flags::OVERSIZE;
            break;
        }
        if end == chunk.bytes.len() {
            *searched = end;
            break;
        }
        add_line(&Event { data: line, place: chunk.place(at), name: b"" }, false, events);
        if events.stopped() {
            break;
        }
        at = end + 1;
    }
    *searched = searched.saturating_sub(at);
    at
}

/// NDJSON: the last line, which may lack its end. Where it is not JSON, the body was cut.
pub(super) fn finish_lines(line: &[u8], events: &mut Events) {
    add_line(&Event { data: without_cr(line), place: None, name: b"" }, true, events);
}

/// `[DONE]` is no line of NDJSON, and servers that only take the `data:` off their events write it all the same.
fn add_line(line: &Event<'_>, last: bool, events: &mut Events) {
    match line.data.trim_ascii() {
        b"" => {}
        b"[DONE]" => events.flags |= flags::DONE,
        _ => {
            events.add(line, last);
        }
    }
}

/// The first half of a line end, or white space: no matter.
fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// JSON: waits for the end, in bounds.
pub(super) fn hold(chunk: &Chunk<'_>, events: &mut Events) -> usize {
    if chunk.bytes.len() - chunk.start > chunk.max {
        events.flags |= flags::OVERSIZE;
    }
    chunk.start
}

/// JSON: the whole body.
pub(super) fn finish_json(body: &[u8], events: &mut Events) {
    events.add(&Event { data: body, place: None, name: b"" }, true);
}

/// Text: all of it but a character that has only begun.
pub(super) fn decode_text(chunk: &Chunk<'_>, events: &mut Events) -> usize {
    let bytes = chunk.bytes.get(chunk.start..).unwrap_or_default();
    chunk.start + events.add_text(bytes, chunk.place(chunk.start), false)
}

/// Text: a character that has only begun is none.
pub(super) fn finish_text(bytes: &[u8], events: &mut Events) {
    events.add_text(bytes, None, true);
}
