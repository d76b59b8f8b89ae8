//! The stream decoder: bytes of a body in, texts and events out, whatever the chunk boundaries.
//!
//! It runs for every network chunk, so it is made to be called across the wasm boundary with numbers only: the caller
//! writes into a window of its buffer, and reads results as arrays. All texts of a chunk are one string, since one
//! string costs JavaScript less than many; events are a few offsets each, since most readers never look at them. The
//! hot path, an event that differs from the last one in its values only, is in `template`; all rules are in `sse`.
//!
//! ```
//! use purerouter::core::decoder::{Decoder, Format, flags};
//!
//! let mut decoder = Decoder::new(Format::Sse, 8 << 20);
//! let body = b"data: {\"choices\":[{\"text\":\"Hi\"}]}\n\ndata: [DONE]\n";
//! decoder.reserve(body.len())[..body.len()].copy_from_slice(body);
//! let found = decoder.push(body.len());
//! assert_eq!(decoder.text(), b"Hi");
//! assert_eq!(decoder.records().len(), 1);
//! assert!(found & flags::DONE != 0);
//! ```

mod body;
mod events;
mod json;
mod scan;
mod sse;
mod template;
mod text;

use events::Events;
use sse::Sse;

/// What a body consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Server-sent events.
    Sse,
    /// One JSON value, which is one event.
    Json,
    /// One JSON value a line, each of them an event.
    Ndjson,
    /// Text: what arrives together is one event.
    Text,
}

/// What is known after a push: any of the [`flags`].
pub type Flags = u32;

/// The bits of [`Flags`]. Numbers, because JavaScript reads them as they are.
pub mod flags {
    /// `[DONE]` was seen: what follows it is ignored.
    pub const DONE: u32 = 1;
    /// A finish reason has been seen.
    pub const FINISH: u32 = 2;
    /// The last record is an error event's, and not an event for the reader: decoding stops.
    pub const ERROR: u32 = 4;
    /// An event is larger than allowed: decoding stops.
    pub const OVERSIZE: u32 = 8;
    /// The text is UTF-16 (little endian), because UTF-8 cannot hold it.
    pub const WIDE: u32 = 16;
    /// All of the text is ASCII.
    pub const ASCII: u32 = 32;
    /// The body (of one JSON value), or its last line, is not JSON: `aux` holds it.
    pub const MALFORMED: u32 = 64;
    /// A usage object has been seen.
    pub const USAGE: u32 = 128;
}

/// One event of a push.
///
/// A plain one has its data in the bytes of this push, at `data_start..data_end`, the default name, and the id of the
/// one before. One with [`Record::AUX`] has them all in `aux`: data up to `data_end`, then the name up to `name_end`
/// (empty for the default), then the id up to `id_end`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    /// Any of the constants of this type.
    pub flags: u32,
    /// Where this event's text ends in the text of the push, in UTF-16 units.
    pub text_end: u32,
    /// See the type.
    pub data_start: u32,
    /// See the type.
    pub data_end: u32,
    /// See the type.
    pub name_end: u32,
    /// See the type.
    pub id_end: u32,
}

impl Record {
    /// Data, name and id are in `aux`.
    pub const AUX: u32 = 1;
    /// The data is JSON.
    pub const JSON: u32 = 2;
    /// The data is ASCII. Without this it may be, too.
    pub const ASCII: u32 = 4;
    /// The event is an error.
    pub const ERROR: u32 = 8;
}

/// The data of the events that a completion is made of, each JSON, empty where there was none.
#[derive(Clone, Copy, Debug)]
pub struct Notes<'a> {
    /// The first one that is a JSON object.
    pub first: &'a [u8],
    /// The last one with a usage object.
    pub usage: &'a [u8],
    /// The last one with a finish reason.
    pub finish: &'a [u8],
}

/// The decoder of one body. See the module.
pub struct Decoder {
    format: Format,
    max: usize,
    /// What is not decoded yet, up to `pending`, then the window for what comes next.
    buffer: Vec<u8>,
    pending: usize,
    /// Whether it is settled that the body starts with a byte order mark or not.
    started: bool,
    searched: usize,
    sse: Sse,
    events: Events,
}

/// The bytes at hand.
struct Chunk<'a> {
    bytes: &'a [u8],
    /// Where decoding starts.
    start: usize,
    /// Where what this push brought starts.
    fresh: usize,
    max: usize,
}

impl Chunk<'_> {
    /// A position as one in the bytes that this push brought.
    fn place(&self, at: usize) -> Option<usize> {
        at.checked_sub(self.fresh)
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Decoder {
    /// A decoder for a body in `format`, none of whose events has more than `max_event_bytes`.
    #[must_use]
    pub fn new(format: Format, max_event_bytes: usize) -> Self {
        Self {
            format,
            max: max_event_bytes,
            buffer: Vec::new(),
            pending: 0,
            started: false,
            searched: 0,
            sse: Sse::default(),
            events: Events::default(),
        }
    }

    /// The window for the next bytes, `len` or more. It stays where it is until the next call.
    pub fn reserve(&mut self, len: usize) -> &mut [u8] {
        let needed = self.pending.saturating_add(len);
        if needed > self.buffer.len() {
            self.buffer.resize(needed, 0);
        }
        self.buffer.get_mut(self.pending..).unwrap_or_default()
    }

    /// Where the next bytes go, as [`Decoder::reserve`] gives it, for as many as there is room for already.
    #[must_use]
    pub fn window(&self) -> &[u8] {
        self.buffer.get(self.pending..).unwrap_or_default()
    }

    /// Decodes the `len` bytes written into the window. The results replace those of the last call.
    pub fn push(&mut self, len: usize) -> Flags {
        self.decode(len, false)
    }

    /// As [`Decoder::push`], for whoever wants no events: nothing has a record but an error.
    pub fn push_text(&mut self, len: usize) -> Flags {
        self.decode(len, true)
    }

    fn decode(&mut self, len: usize, text_only: bool) -> Flags {
        self.events.clear();
        self.events.text_only = text_only;
        if self.events.stopped() {
            return self.events.seal();
        }
        let end = self.pending.saturating_add(len).min(self.buffer.len());
        let bytes = self.buffer.get(..end).unwrap_or_default();
        let mut start = 0;
        if !self.started {
            if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
                self.pending = end;
                return self.events.seal();
            }
            self.started = true;
            if bytes.starts_with(BYTE_ORDER_MARK) {
                start = BYTE_ORDER_MARK.len();
            }
        }
        let chunk = Chunk { bytes, start, fresh: self.pending, max: self.max };
        let decoded = match self.format {
            Format::Sse => self.sse.decode(&chunk, &mut self.events),
            Format::Ndjson => body::decode_lines(&chunk, &mut self.searched, &mut self.events),
            Format::Json => body::hold(&chunk, &mut self.events),
            Format::Text => body::decode_text(&chunk, &mut self.events),
        };
        self.pending = if self.events.stopped() { 0 } else { end.saturating_sub(decoded) };
        if decoded > 0 {
            // Short, but for an event of many chunks, which moves once. `copy_within` would bring a panic's machinery.
            for at in 0..self.pending {
                if let Some(&byte) = self.buffer.get(decoded + at)
                    && let Some(place) = self.buffer.get_mut(at)
                {
                    *place = byte;
                }
            }
        }
        self.events.seal()
    }

    /// Decodes what is pending, the body having ended. The results replace those of the last push; all its events have
    /// their strings in `aux`.
    pub fn finish(&mut self) -> Flags {
        self.events.clear();
        self.events.text_only = false;
        if !self.events.stopped() {
            let rest = self.buffer.get(..self.pending).unwrap_or_default();
            match self.format {
                Format::Sse => self.sse.finish(rest, &mut self.events),
                Format::Ndjson => body::finish_lines(rest, &mut self.events),
                Format::Json => body::finish_json(rest, &mut self.events),
                Format::Text => body::finish_text(rest, &mut self.events),
            }
            self.pending = 0;
        }
        self.events.seal()
    }

    /// The texts of all events of this push, joined: UTF-8, or UTF-16 where the flags have [`flags::WIDE`].
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.events.text.bytes()
    }

    /// The events of this push, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.events.records
    }

    /// The strings of events that are not plain, valid UTF-8.
    #[must_use]
    pub fn aux(&self) -> &[u8] {
        &self.events.aux
    }

    /// How many events have had text, since the start.
    #[must_use]
    pub fn deltas(&self) -> u32 {
        self.events.deltas
    }

    /// The events to keep.
    #[must_use]
    pub fn notes(&self) -> Notes<'_> {
        Notes { first: &self.events.first, usage: &self.events.usage, finish: &self.events.finish }
    }
}
