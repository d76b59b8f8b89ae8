//! A body of server-sent events, by the WHATWG's rules: lines, fields, and the blank line that ends an event.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>, with three
//! additions that streams of language models need: `[DONE]` ends the stream, a doubled `data:` prefix is taken off, and
//! an event is bounded. Bytes are interpreted, not characters: every byte with a meaning is ASCII, so that decoding the
//! UTF-8 can wait until an event is whole.

use super::events::{Event, Events};
use super::json::Span;
use super::scan;
use super::template::Template;
use super::{Chunk, flags};

/// The unfinished event.
#[derive(Default)]
pub(super) struct Sse {
    template: Template,
    data: Data,
    /// The data that is in no one piece of the current chunk.
    held: Vec<u8>,
    name: Vec<u8>,
    /// The last line ended in CR as the chunk did: a LF that follows belongs to it.
    after_cr: bool,
    /// How far the unfinished line has been searched for its end.
    searched: usize,
}

/// Where the data of the unfinished event is.
#[derive(Clone, Copy, Default)]
enum Data {
    /// No data line yet: there will be no event.
    #[default]
    None,
    /// One line, in the current chunk: `from..to`. `alone` says where the event started, if that line is all of it and
    /// ended at the given place.
    Here { from: usize, to: usize, alone: Option<(usize, usize)> },
    /// In `held`.
    Held,
}

impl Sse {
    /// Decodes the lines that are complete, and gives the position of the first one that is not.
    pub(super) fn decode(&mut self, chunk: &Chunk<'_>, events: &mut Events) -> usize {
        let bytes = chunk.bytes;
        let mut at = chunk.start;
        loop {
            if self.after_cr {
                let Some(&next) = bytes.get(at) else { break };
                at += usize::from(next == b'\n');
                self.after_cr = false;
            }
            if at == bytes.len() {
                break;
            }
            // At most twice an event, so that a long string that arrives in pieces is not searched again and again:
            // here, and once its line is complete.
            if self.searched <= at
                && let Some(next) = self.templated(chunk, at, events)
            {
                at = next;
                continue;
            }
            let end = scan::line_end(bytes, at.max(self.searched));
            if self.length() + (end - at) > chunk.max {
                events.flags |= flags::OVERSIZE;
                break;
            }
            let Some(&terminator) = bytes.get(end) else {
                self.searched = end;
                break;
            };
            if self.searched > at
                && let Some(next) = self.templated(chunk, at, events)
            {
                at = next;
                continue;
            }
            let mut next = end + 1;
            if terminator == b'\r' {
                match bytes.get(next) {
                    Some(b'\n') => next += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            self.line(chunk, (at, end, next), events);
            if events.stopped() {
                break;
            }
            at = next;
        }
        self.keep(bytes);
        self.searched = self.searched.saturating_sub(at);
        at
    }

    /// The body has ended in the middle of `line`. The event it belongs to is dropped, as every browser does, unless it
    /// is the end of the stream.
    pub(super) fn finish(&mut self, line: &[u8], events: &mut Events) {
        if let (Data::None, Some((b"data", value))) = (self.data, field(line))
            && is_done(single_prefix(value))
        {
            events.flags |= flags::DONE;
        }
    }

    /// The event at `at`, if one starts there and is like the last one; gives where it ends.
    fn templated(&mut self, chunk: &Chunk<'_>, at: usize, events: &mut Events) -> Option<usize> {
        if !matches!(self.data, Data::None) || !self.name.is_empty() {
            return None;
        }
        let like = self.template.find(chunk.bytes, at)?;
        if like.data.end - at > chunk.max {
            return None;
        }
        let data = like.data.of(chunk.bytes);
        events.add_like(&Event { data, place: chunk.place(like.data.start), name: b"" }, &like, chunk.bytes);
        Some(like.end)
    }

    /// A complete line, `at..end`, the next one starting at `next`.
    fn line(&mut self, chunk: &Chunk<'_>, (at, end, next): (usize, usize, usize), events: &mut Events) {
        let line = chunk.bytes.get(at..end).unwrap_or_default();
        if line.is_empty() {
            return self.dispatch(chunk, (at, next), events);
        }
        match field(line) {
            Some((b"data", value)) => {
                let value = single_prefix(value);
                let first = matches!(self.data, Data::None);
                if first && is_done(value) {
                    events.flags |= flags::DONE;
                    return;
                }
                if first {
                    let alone = self.name.is_empty().then_some((at, next));
                    self.data = Data::Here { from: end - value.len(), to: end, alone };
                } else {
                    self.keep(chunk.bytes);
                    self.held.push(b'\n');
                    self.held.extend_from_slice(value);
                }
            }
            Some((b"event", value)) => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            Some((b"id", value)) if !value.contains(&0) => events.set_id(value),
            _ => {}
        }
    }

    /// The blank line `at..next`: the event ends.
    fn dispatch(&mut self, chunk: &Chunk<'_>, (at, next): (usize, usize), events: &mut Events) {
        let name = self.name.as_slice();
        match core::mem::take(&mut self.data) {
            Data::None => {}
            Data::Here { from, to, alone } => {
                let place = Span { start: from, end: to };
                let data = place.of(chunk.bytes);
                let text = events.add(&Event { data, place: chunk.place(from), name }, false);
                if let (Some(text), Some((start, line_end))) = (text, alone)
                    && line_end == at
                    && let Some(whole) = chunk.bytes.get(start..next)
                {
                    // If it ends in half of a CRLF, the other half is a blank line more for an event like it: no matter.
                    self.template.learn(whole, start, place, events.values(), text);
                }
            }
            Data::Held => {
                events.add(&Event { data: &self.held, place: None, name }, false);
            }
        }
        self.held.clear();
        self.name.clear();
    }

    /// Copies the data that would be lost with the chunk.
    fn keep(&mut self, bytes: &[u8]) {
        if let Data::Here { from, to, .. } = self.data {
            self.held.extend_from_slice(bytes.get(from..to).unwrap_or_default());
            self.data = Data::Held;
        }
    }

    /// How much data the unfinished event has.
    fn length(&self) -> usize {
        match self.data {
            Data::None => 0,
            Data::Here { from, to, .. } => to - from,
            Data::Held => self.held.len(),
        }
    }
}

/// A line's field and value; `None` for a comment.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return Some((line, b"")) };
    let (name, rest) = line.split_at_checked(colon)?;
    let value = rest.get(1..)?;
    (!name.is_empty()).then_some((name, value.strip_prefix(b" ").unwrap_or(value)))
}

/// Some gateways wrap events that are wrapped already.
fn single_prefix(value: &[u8]) -> &[u8] {
    let Some(inner) = value.strip_prefix(b"data:") else { return value };
    inner.strip_prefix(b" ").unwrap_or(inner)
}

fn is_done(data: &[u8]) -> bool {
    data.trim_ascii() == b"[DONE]"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the last of the events in `body` would be known again.
    fn learned(body: &str, event: &str) -> bool {
        let (mut sse, mut events) = (Sse::default(), Events::default());
        sse.decode(&Chunk { bytes: body.as_bytes(), start: 0, fresh: 0, max: 1000 }, &mut events);
        sse.template.find(event.as_bytes(), 0).is_some()
    }

    #[test]
    fn what_is_learned() {
        for end in ["\n\n", "\r\n\r\n", "\n\r\n", "\r\r"] {
            for prefix in ["data: ", "data:", "data: data: "] {
                let event = format!("{prefix}{{\"output_text\":\"a\"}}{end}");
                assert!(learned(&event, &event), "{event:?}");
                assert!(learned(&format!("id: 1\n{event}: comment\n"), &event), "{event:?}");
                assert!(!learned(&format!("event: a\n{event}"), &event), "{event:?}");
            }
        }
        for data in [
            "{}",
            "[1]",
            "text",
            r#"{"output_text":"a","usage":{}}"#,
            r#"{"output_text":"a","finish_reason":"b"}"#,
        ] {
            let event = format!("data: {data}\n\n");
            assert!(!learned(&event, &event), "{event:?}");
        }
        let event = "data: {\"output_text\":\"a\"}\n";
        assert!(!learned(&format!("{event}event: b\n\n"), &format!("{event}event: b\n\n")));
    }
}
