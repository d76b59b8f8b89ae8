//! Drives a decoder as JavaScript does: bytes into its window, results read as plain arrays.

use purerouter::core::decoder::{Decoder, Flags, Format, Record, flags};

pub(crate) const NO_LIMIT: usize = 8 << 20;

/// An event as its reader sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    pub(crate) data: String,
    pub(crate) name: String,
    pub(crate) id: String,
    /// UTF-16, so that it can be any string of JavaScript.
    pub(crate) text: Vec<u16>,
    pub(crate) json: bool,
}

/// All that a decoder says of a body.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) events: Vec<Event>,
    /// The event that ended it.
    pub(crate) error: Option<Event>,
    /// Without those that tell of one push only.
    pub(crate) flags: Flags,
    pub(crate) deltas: u32,
    pub(crate) first: String,
    pub(crate) usage: String,
    pub(crate) finish: String,
    /// What was left in `aux` of a body that is not JSON.
    pub(crate) malformed: String,
}

impl Seen {
    pub(crate) fn text(&self) -> String {
        let units: Vec<u16> = self.events.iter().flat_map(|event| event.text.iter().copied()).collect();
        String::from_utf16(&units).unwrap()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.events.iter().map(|event| String::from_utf16(&event.text).unwrap()).collect()
    }

    pub(crate) fn data(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.data.as_str()).collect()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.name.as_str()).collect()
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.id.as_str()).collect()
    }

    pub(crate) fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// A body being decoded.
pub(crate) struct Drive {
    pub(crate) decoder: Decoder,
    pub(crate) seen: Seen,
    /// The flags of the last push, all of them.
    pub(crate) flags: Flags,
    id: String,
}

impl Drive {
    pub(crate) fn new(format: Format, max: usize) -> Self {
        Self { decoder: Decoder::new(format, max), seen: Seen::default(), flags: 0, id: String::new() }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) -> &mut Self {
        self.decoder.reserve(chunk.len())[..chunk.len()].copy_from_slice(chunk);
        self.flags = self.decoder.push(chunk.len());
        self.take(chunk);
        self
    }

    pub(crate) fn finish(mut self) -> Seen {
        self.flags = self.decoder.finish();
        self.take(&[]);
        let notes = self.decoder.notes();
        let string = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        self.seen.first = string(notes.first);
        self.seen.usage = string(notes.usage);
        self.seen.finish = string(notes.finish);
        self.seen.deltas = self.decoder.deltas();
        if self.flags & flags::MALFORMED != 0 {
            self.seen.malformed = string(self.decoder.aux());
        }
        self.seen
    }

    fn take(&mut self, chunk: &[u8]) {
        let text = self.decoder.text();
        let units: Vec<u16> = if self.flags & flags::WIDE == 0 {
            let text = std::str::from_utf8(text).unwrap();
            assert_eq!(text.is_ascii(), self.flags & flags::ASCII != 0);
            text.encode_utf16().collect()
        } else {
            text.chunks(2).map(|unit| u16::from_le_bytes(unit.try_into().unwrap())).collect()
        };
        let mut start = 0;
        let (records, aux) = (self.decoder.records(), self.decoder.aux());
        for (at, record) in records.iter().enumerate() {
            let string = |bytes: &[u8], from: u32, to: u32| {
                String::from_utf8(bytes[from as usize..to as usize].to_vec()).unwrap()
            };
            let Record { data_start, data_end, name_end, id_end, .. } = *record;
            let (data, name) = if record.flags & Record::AUX != 0 {
                self.id = string(aux, name_end, id_end);
                (string(aux, data_start, data_end), string(aux, data_end, name_end))
            } else {
                (string(chunk, data_start, data_end), String::new())
            };
            assert!(record.flags & Record::ASCII == 0 || data.is_ascii(), "{data}");
            let end = record.text_end as usize;
            let event = Event {
                data,
                name: if name.is_empty() { "message".to_owned() } else { name },
                id: self.id.clone(),
                text: units[start..end].to_vec(),
                json: record.flags & Record::JSON != 0,
            };
            start = end;
            if record.flags & Record::ERROR != 0 {
                assert_eq!(at + 1, records.len(), "the error is the last");
                assert!(self.flags & flags::ERROR != 0 && event.text.is_empty());
                self.seen.error = Some(event);
            } else {
                self.seen.events.push(event);
            }
        }
        assert_eq!(start, units.len(), "text without an event");
        self.seen.flags = self.flags & !(flags::WIDE | flags::ASCII);
    }
}

pub(crate) fn decode(format: Format, max: usize, chunks: &[&[u8]]) -> Seen {
    let mut drive = Drive::new(format, max);
    for chunk in chunks {
        drive.push(chunk);
    }
    drive.finish()
}

/// An event stream in one piece, which must be the same as in single bytes, in pairs, and in any two pieces.
pub(crate) fn sse(body: impl AsRef<[u8]>) -> Seen {
    same_however_split(Format::Sse, NO_LIMIT, body.as_ref())
}

pub(crate) fn same_however_split(format: Format, max: usize, body: &[u8]) -> Seen {
    let whole = decode(format, max, &[body]);
    let show = String::from_utf8_lossy(body);
    for size in [1, 2, 3, 7] {
        let split: Vec<&[u8]> = body.chunks(size).collect();
        assert_eq!(decode(format, max, &split), whole, "in pieces of {size}: {show:?}");
    }
    for at in 0..=body.len() {
        let (left, right) = body.split_at(at);
        assert_eq!(decode(format, max, &[left, right]), whole, "split at {at}: {show:?}");
    }
    whole
}
