//! What the events of one push say: a record for each, their joined text, and what a completion needs of them.
//!
//! How a body is divided into events is another matter (`sse`, `body`); here an event is its data, its name and its id.

use super::json::{self, Found, Scratch, Span};
use super::template::Match;
use super::text::Text;
use super::{Flags, Record, flags};

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// An event that has ended.
pub(super) struct Event<'a> {
    pub(super) data: &'a [u8],
    /// Where the data starts in the bytes of this push, unless it began before them or is in pieces.
    pub(super) place: Option<usize>,
    /// Empty for the default name.
    pub(super) name: &'a [u8],
}

/// See the module. Buffers are reused from push to push: nothing is allocated for an ordinary event.
#[derive(Default)]
pub(super) struct Events {
    pub(super) text: Text,
    /// Whether there is no need of records: only an error gets one.
    pub(super) text_only: bool,
    pub(super) records: Vec<Record>,
    pub(super) aux: Vec<u8>,
    pub(super) deltas: u32,
    /// Flags that stay: DONE, FINISH, ERROR, OVERSIZE, MALFORMED, USAGE.
    pub(super) flags: Flags,
    pub(super) first: Vec<u8>,
    pub(super) usage: Vec<u8>,
    pub(super) finish: Vec<u8>,
    id: Vec<u8>,
    /// Whether the id has changed since the last record that told it.
    id_changed: bool,
    repaired: Vec<u8>,
    json: Scratch,
}

impl Events {
    /// Forgets the results of the last push.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.records.clear();
        self.aux.clear();
    }

    /// Completes the results of this push, and gives their flags.
    pub(super) fn seal(&mut self) -> Flags {
        self.text.seal();
        let ascii = if self.text.is_ascii() { flags::ASCII } else { 0 };
        let wide = if self.text.is_wide() { flags::WIDE } else { 0 };
        self.flags | ascii | wide
    }

    /// Whether the stream is over, whatever else may come.
    pub(super) fn stopped(&self) -> bool {
        self.flags & (flags::DONE | flags::ERROR | flags::OVERSIZE) != 0
    }

    pub(super) fn set_id(&mut self, id: &[u8]) {
        if id != self.id {
            self.id.clear();
            self.id.extend_from_slice(id);
            self.id_changed = true;
        }
    }

    /// Adds an event. Gives the place of its text in its data where another event with the same structure may be taken
    /// for its like, since it tells nothing but this text. With `json_only`, data that is not JSON is no event and no
    /// text: it is left in `aux`.
    pub(super) fn add(&mut self, event: &Event<'_>, json_only: bool) -> Option<Span> {
        let ascii = event.data.is_ascii();
        if ascii || core::str::from_utf8(event.data).is_ok() {
            return self.add_valid(event, ascii, json_only);
        }
        let mut repaired = core::mem::take(&mut self.repaired);
        repaired.clear();
        repair(event.data, &mut repaired);
        self.add_valid(&Event { data: &repaired, place: None, name: event.name }, false, json_only);
        self.repaired = repaired;
        None
    }

    fn add_valid(&mut self, event: &Event<'_>, ascii: bool, json_only: bool) -> Option<Span> {
        let found = json::parse(event.data, &mut self.json);
        let mut kind = if ascii { Record::ASCII } else { 0 };
        if found.is_some() {
            kind |= Record::JSON;
        } else if json_only {
            self.flags |= flags::MALFORMED;
            self.aux.extend_from_slice(event.data);
            return None;
        }
        if event.name == b"error" || found.is_some_and(|found| found.error) {
            self.flags |= flags::ERROR;
            self.record(event, kind | Record::ERROR);
            return None;
        }
        let before = self.text.units();
        let mut like = Span::default();
        match found {
            None => self.text.push(event.data),
            Some(found) => {
                let text = found.text();
                self.text.push_string(text.of(event.data));
                if self.note(&found, event.data) {
                    like = text;
                }
            }
        }
        self.deltas += u32::from(self.text.units() != before);
        self.record(event, kind);
        (!like.is_empty()).then_some(like)
    }

    /// Keeps the data of events that a completion is made of, and says whether there is nothing of that kind to be
    /// kept of the next event like it.
    fn note(&mut self, found: &Found, data: &[u8]) -> bool {
        if found.object && self.first.is_empty() {
            self.first.extend_from_slice(data);
        }
        if found.usage {
            self.flags |= flags::USAGE;
            self.usage.clear();
            self.usage.extend_from_slice(data);
        }
        let finish = found.has_finish();
        if finish {
            self.flags |= flags::FINISH;
            self.finish.clear();
            self.finish.extend_from_slice(data);
        }
        !found.usage && !finish
    }

    /// The values in the data of the event that was added last.
    pub(super) fn values(&self) -> &[Span] {
        &self.json.values
    }

    /// Adds an event that is like an earlier one for which `add` gave a place: JSON, valid UTF-8, with a text.
    pub(super) fn add_like(&mut self, event: &Event<'_>, like: &Match, bytes: &[u8]) {
        let ascii = if like.ascii { Record::ASCII } else { 0 };
        let text = like.text.of(bytes);
        if like.plain {
            self.text.push_ascii(text);
        } else {
            self.text.push_string(text);
        }
        self.deltas += 1;
        self.record(event, Record::JSON | ascii);
    }

    /// Adds text that is its own data, broken UTF-8 repaired. A character at the end that is not complete yet is left,
    /// unless this is the `last` of the body; gives how many bytes were taken.
    pub(super) fn add_text(&mut self, bytes: &[u8], place: Option<usize>, last: bool) -> usize {
        let mut text = core::mem::take(&mut self.repaired);
        text.clear();
        let mut taken = 0;
        let mut repaired = false;
        for chunk in bytes.utf8_chunks() {
            let (valid, broken) = (chunk.valid().as_bytes(), chunk.invalid());
            text.extend_from_slice(valid);
            taken += valid.len();
            let at_end = taken + broken.len() == bytes.len();
            if broken.is_empty() || at_end && !last && is_begun(broken) {
                break;
            }
            text.extend_from_slice(REPLACEMENT);
            taken += broken.len();
            repaired = true;
        }
        if taken > 0 {
            self.text.push(&text);
            self.deltas += 1;
            let kind = if self.text.is_ascii() { Record::ASCII } else { 0 };
            let place = if repaired { None } else { place };
            self.record(&Event { data: &text, place, name: b"" }, kind);
        }
        self.repaired = text;
        taken
    }

    fn record(&mut self, event: &Event<'_>, kind: u32) {
        if self.text_only && kind & Record::ERROR == 0 {
            return;
        }
        let text_end = self.text.units();
        let (Some(start), true, true) = (event.place, event.name.is_empty(), !self.id_changed) else {
            let data_start = self.aux.len() as u32;
            self.aux.extend_from_slice(event.data);
            let data_end = self.aux.len() as u32;
            repair(event.name, &mut self.aux);
            let name_end = self.aux.len() as u32;
            repair(&self.id, &mut self.aux);
            let id_end = self.aux.len() as u32;
            self.id_changed = false;
            let flags = kind | Record::AUX;
            self.records.push(Record { flags, text_end, data_start, data_end, name_end, id_end });
            return;
        };
        let end = (start + event.data.len()) as u32;
        let record = Record {
            flags: kind,
            text_end,
            data_start: start as u32,
            data_end: end,
            name_end: end,
            id_end: end,
        };
        self.records.push(record);
    }
}

/// Appends `bytes` with U+FFFD for each part that is no UTF-8, as every decoder of the web does.
fn repair(bytes: &[u8], into: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        into.extend_from_slice(chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            into.extend_from_slice(REPLACEMENT);
        }
    }
}

/// Whether more bytes could make a character of `bytes`.
fn is_begun(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}
