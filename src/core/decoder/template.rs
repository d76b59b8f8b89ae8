//! The events of one stream share nearly all their bytes: what was learned from one decodes the next.
//!
//! Remembers the last event that was understood, and where its values are. The next event is compared with it; where
//! they differ within the same value, a string or a number, the comparison goes on behind it. If they differ in nothing
//! else, they have the same structure and mean the same, but for those values: no guess is made. Everything else is for
//! the full rules, and so is a string that was empty, or is: whether there is a text decides where to look for it.

use super::json::{self, Span};
use super::scan;

/// A longer event is not worth its copy.
const LONGEST: usize = 8192;

/// See the module.
#[derive(Default)]
pub(super) struct Template {
    /// All of the event, its blank line included. Empty where nothing has been learned.
    event: Vec<u8>,
    /// The values in it, in order.
    values: Vec<Span>,
    text: Span,
    /// Where the data starts.
    data: usize,
    /// How long the line ends behind the data are.
    ends: usize,
    ascii: bool,
}

/// An event that was like the last one. Places are in the bytes it was found in.
pub(super) struct Match {
    pub(super) data: Span,
    pub(super) text: Span,
    pub(super) end: usize,
    /// Whether the data is known to be ASCII.
    pub(super) ascii: bool,
    /// Whether the text is known to be ASCII without escapes.
    pub(super) plain: bool,
}

impl Template {
    /// Remembers `event`, which starts at `start` in the bytes that `data` is a place in. It must be one line of data
    /// and a blank line, and nothing else; `values` and `text` are places in the data.
    pub(super) fn learn(&mut self, event: &[u8], start: usize, data: Span, values: &[Span], text: Span) {
        self.event.clear();
        self.values.clear();
        if event.len() > LONGEST {
            return;
        }
        self.event.extend_from_slice(event);
        self.data = data.start - start;
        self.ends = event.len() - (data.end - start);
        self.values.extend(values.iter().map(|value| value.moved(self.data)));
        self.text = text.moved(self.data);
        self.ascii = event.is_ascii();
    }

    /// The event at `start`, if it is whole and like the last one.
    pub(super) fn find(&self, bytes: &[u8], start: usize) -> Option<Match> {
        if self.event.is_empty() {
            return None;
        }
        let mut found =
            Match { data: Span::default(), text: Span::default(), end: 0, ascii: self.ascii, plain: false };
        // How far the two are compared: the last event, and this one.
        let mut known = 0;
        let mut at = start;
        // Most differ in the text and in nothing else: what is around it is compared without a look for where it differs.
        let before = self.event.get(..self.text.start)?;
        if scan::starts_with(bytes.get(at..)?, before) {
            at = self.value(bytes, self.text, at + before.len(), &mut found)?;
            known = self.text.end;
            let after = self.event.get(known..)?;
            if scan::starts_with(bytes.get(at..)?, after) {
                return Some(self.ends(found, start, at + after.len()));
            }
        }
        let mut values = self.values.iter();
        loop {
            let same = scan::common(self.event.get(known..)?, bytes.get(at..)?);
            let differs = known + same;
            if self.text.start >= known && self.text.end < differs {
                found.text =
                    Span { start: at + (self.text.start - known), end: at + (self.text.end - known) };
            }
            if differs == self.event.len() {
                return Some(self.ends(found, start, at + same));
            }
            if at + same == bytes.len() {
                return None;
            }
            let value = *values.find(|value| value.end >= differs)?;
            if value.start > differs {
                return None;
            }
            at = self.value(bytes, value, at + (value.start - known), &mut found)?;
            known = value.end;
        }
    }

    /// A match that ends at `end`.
    fn ends(&self, found: Match, start: usize, end: usize) -> Match {
        Match { data: Span { start: start + self.data, end: end - self.ends }, end, ..found }
    }

    /// Where the value at `from` ends, which takes the place of `value` in the event that is known.
    fn value(&self, bytes: &[u8], value: Span, from: usize, found: &mut Match) -> Option<usize> {
        let quoted = value.start.checked_sub(1).and_then(|before| self.event.get(before)) == Some(&b'"');
        let (end, plain) = if quoted {
            let part = scan::plain(bytes, from);
            let plain = part.ascii && bytes.get(part.end) == Some(&b'"');
            (if plain { part.end } else { json::string_end(bytes, part.end)? }, plain)
        } else {
            (json::number_end(bytes, from)?, true)
        };
        let place = Span { start: from, end };
        if place.is_empty() {
            return None;
        }
        if !plain && !place.of(bytes).is_ascii() {
            core::str::from_utf8(place.of(bytes)).ok()?;
            found.ascii = false;
        }
        if value == self.text {
            found.text = place;
            found.plain = plain;
        }
        Some(end)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::unwrap_in_result, clippy::string_slice)]
mod tests {
    use super::super::json::{Scratch, parse};
    use super::*;

    /// The text that is found in `event` after `first`, and the data around it; `None` where it is not like that one.
    fn like<'a>(first: &str, event: &'a str) -> Option<(&'a str, &'a str)> {
        let mut scratch = Scratch::default();
        let data = Span { start: 6, end: first.len() - 2 };
        let found = parse(data.of(first.as_bytes()), &mut scratch).unwrap();
        let mut template = Template::default();
        template.learn(first.as_bytes(), 0, data, &scratch.values, found.text());
        let found = template.find(event.as_bytes(), 0)?;
        assert_eq!(found.end, event.len());
        Some((&event[found.text.start..found.text.end], &event[found.data.start..found.data.end]))
    }

    const FIRST: &str =
        "data: {\"id\":\"a\",\"n\":[1,2.5],\"output_text\":\"b\",\"created\":17,\"x\":null}\n\n";

    #[test]
    fn values_may_differ() {
        for (id, numbers, text, created) in [
            ("a", "1,2.5", "b", "17"),
            ("a", "1,2.5", "longer, with \\u00e9 and \\\" and é", "17"),
            ("another", "1,2.5", "b", "18"),
            ("é", "-10,3", "c", "0"),
            ("a", "1e5,2.51", "b", "179"),
        ] {
            let data = format!(
                r#"{{"id":"{id}","n":[{numbers}],"output_text":"{text}","created":{created},"x":null}}"#
            );
            let event = format!("data: {data}\n\n");
            assert_eq!(like(FIRST, &event), Some((text, data.as_str())));
        }
    }

    #[test]
    fn nothing_else_may_differ() {
        for (part, other) in [
            ("\"b\"", "\"\""),
            ("\"a\"", "\"\""),
            ("\"b\"", "1"),
            ("17", "\"17\""),
            ("17", "017"),
            ("17", "null"),
            ("null", "nul"),
            ("1,2.5", "1,2.5,3"),
            ("1,2.5", "1"),
            ("\"n\"", "\"m\""),
            ("created", "creates"),
            ("\"b\"", "\"\\x\""),
            ("data:", "data :"),
            ("\n\n", "\r\n\n"),
            ("null}", "null} "),
        ] {
            assert!(FIRST.contains(part));
            assert_eq!(like(FIRST, &FIRST.replacen(part, other, 1)), None, "{other}");
        }
        for length in 0..FIRST.len() {
            assert_eq!(like(FIRST, &FIRST[..length]), None);
        }
    }
}
