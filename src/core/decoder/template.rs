//! The events of one stream share all bytes but the text: what was learned from one decodes the next.
//!
//! Remembers the bytes before and after the text of the last event that was understood. Where the next event has the
//! same bytes around a valid, non-empty JSON string, it has the same structure, and only that string is left to decode:
//! no guess is made. Everything else, the empty string included (another text may stand behind it), is for the full
//! rules.

use super::json::string_end;
use super::scan::has_at;

/// See the module.
#[derive(Default)]
pub(super) struct Template {
    /// From the event's first byte to the text's opening quote. Empty where nothing has been learned.
    before: Vec<u8>,
    /// From the text's closing quote to the end of the blank line.
    after: Vec<u8>,
    /// Where the data starts in `before`.
    data: usize,
    /// How long the line ends in `after` are.
    ends: usize,
    ascii: bool,
}

/// An event that was like the last one. Positions in the bytes it was found in.
pub(super) struct Match {
    pub(super) data: (usize, usize),
    pub(super) text: (usize, usize),
    pub(super) end: usize,
    /// Of the bytes around the text.
    pub(super) ascii: bool,
}

impl Template {
    /// Remembers the event in `bytes`: `start..end` with its blank line, its data and, in that, its text. It must be one
    /// line of data and nothing else, and end in LF (a CR could be half of a line end).
    pub(super) fn learn(&mut self, bytes: &[u8], event: (usize, usize), data: (usize, usize), text: (usize, usize)) {
        let before = bytes.get(event.0..text.0).unwrap_or_default();
        let after = bytes.get(text.1..event.1).unwrap_or_default();
        self.before.clear();
        self.before.extend_from_slice(before);
        self.after.clear();
        self.after.extend_from_slice(after);
        self.data = data.0 - event.0;
        self.ends = event.1 - data.1;
        self.ascii = before.is_ascii() && after.is_ascii();
    }

    /// The event at `start`, if it is whole and like the last one.
    pub(super) fn find(&self, bytes: &[u8], start: usize) -> Option<Match> {
        if self.before.is_empty() || !has_at(bytes, start, &self.before) {
            return None;
        }
        let from = start + self.before.len();
        let to = string_end(bytes, from)?;
        if to == from || !has_at(bytes, to, &self.after) {
            return None;
        }
        let end = to + self.after.len();
        Some(Match { data: (start + self.data, end - self.ends), text: (from, to), end, ascii: self.ascii })
    }
}
