//! One pass over an event's data that says whether it is JSON and finds in it what a stream's reader needs.
//!
//! Accepts exactly what `JSON.parse` accepts, and means by a key what it means: written with escapes or not, and the
//! last one where there are several. No tree is built: JavaScript's own parser makes one where somebody asks for it,
//! faster than anything here could, and a text, a finish reason and an error are all that the stream itself needs.

use super::scan;
use super::text::{hex_escape, unescaped};

/// A place in some bytes. That of a string is what stands between its quotes, and is empty for no string as well.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(super) fn moved(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }

    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }
}

/// What was found in a JSON value. All of it is absent where the value is no object.
#[derive(Clone, Copy, Default)]
pub(super) struct Found {
    pub(super) object: bool,
    /// A top-level `error` other than `null`.
    pub(super) error: bool,
    /// A top-level `usage` that is an object.
    pub(super) usage: bool,
    finish: Span,
    output: Span,
    choice: Choice,
}

/// What was found in `choices[0]`.
#[derive(Clone, Copy, Default)]
struct Choice {
    finish: Span,
    text: Span,
    delta: Span,
    message: Span,
}

impl Found {
    pub(super) fn has_finish(&self) -> bool {
        !self.finish.is_empty() || !self.choice.finish.is_empty()
    }

    /// The text: the first of the places where gateways put it that has some.
    pub(super) fn text(&self) -> Span {
        let Choice { text, delta, message, .. } = self.choice;
        [text, delta, message].into_iter().find(|span| !span.is_empty()).unwrap_or(self.output)
    }
}

/// The objects on the way to a text. The walk's recursion goes along them, so it is three deep at most.
#[derive(Clone, Copy)]
enum Level {
    Top,
    Choice,
    Delta,
    Message,
}

/// Where the walk is.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    scratch: &'a mut Scratch,
}

/// What a walk writes down. Kept from walk to walk, for its memory.
#[derive(Default)]
pub(super) struct Scratch {
    /// For each value around the one being skipped, whether it is an object. On the heap, so that no depth is too deep.
    nest: Vec<bool>,
    /// The places of the first numbers and non-empty strings that are values, in order.
    pub(super) values: Vec<Span>,
}

/// More than the events of a stream have; whoever uses the places can do without the others.
const MOST_VALUES: usize = 64;

/// What is in `bytes`, valid UTF-8, or `None` where they are not JSON.
pub(super) fn parse(bytes: &[u8], scratch: &mut Scratch) -> Option<Found> {
    scratch.values.clear();
    let mut walk = Walk { bytes, at: 0, scratch };
    let mut found = Found::default();
    walk.space();
    if walk.peek() == b'{' {
        found.object = true;
        walk.object(Level::Top, &mut found)?;
    } else {
        walk.value()?;
    }
    walk.space();
    (walk.at == bytes.len()).then_some(found)
}

impl Walk<'_> {
    /// The byte at hand. Zero at the end, which is no part of JSON's grammar.
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Steps over `byte`, and the white space behind it.
    fn token(&mut self, byte: u8) -> Option<()> {
        if self.peek() != byte {
            return None;
        }
        self.at += 1;
        self.space();
        Some(())
    }

    /// An object on the way to a text: its members, each of which replaces what an earlier one of its name has left.
    fn object(&mut self, level: Level, found: &mut Found) -> Option<()> {
        self.token(b'{')?;
        if self.peek() != b'}' {
            loop {
                let key = self.key()?;
                self.member(level, key, found)?;
                self.space();
                if self.peek() != b',' {
                    break;
                }
                self.token(b',')?;
            }
        }
        // Without the white space behind it: whoever called looks for it.
        if self.peek() != b'}' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn member(&mut self, level: Level, key: Span, found: &mut Found) -> Option<()> {
        let mut scratch = [0; LONGEST_KEY];
        let key = unescaped_key(key.of(self.bytes), &mut scratch);
        let opens = self.peek();
        match (level, key) {
            (Level::Top, b"choices") => {
                found.choice = Choice::default();
                if opens == b'[' {
                    return self.choices(found);
                }
            }
            (Level::Top, b"output_text") => return self.text(&mut found.output),
            (Level::Top, b"finish_reason") => return self.text(&mut found.finish),
            (Level::Top, b"error") => found.error = opens != b'n',
            (Level::Top, b"usage") => found.usage = opens == b'{',
            (Level::Choice, b"text") => return self.text(&mut found.choice.text),
            (Level::Choice, b"finish_reason") => return self.text(&mut found.choice.finish),
            (Level::Choice, b"delta") => {
                found.choice.delta = Span::default();
                if opens == b'{' {
                    return self.object(Level::Delta, found);
                }
            }
            (Level::Choice, b"message") => {
                found.choice.message = Span::default();
                if opens == b'{' {
                    return self.object(Level::Message, found);
                }
            }
            (Level::Delta, b"content") => return self.text(&mut found.choice.delta),
            (Level::Message, b"content") => return self.text(&mut found.choice.message),
            _ => {}
        }
        self.value()
    }

    /// The array of choices, of which only the first is looked into.
    fn choices(&mut self, found: &mut Found) -> Option<()> {
        self.token(b'[')?;
        if self.peek() == b'{' {
            self.object(Level::Choice, found)?;
            self.space();
            match self.peek() {
                b',' => self.token(b',')?,
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        } else if self.peek() == b']' {
            self.at += 1;
            return Some(());
        }
        self.scratch.nest.clear();
        self.scratch.nest.push(false);
        self.values()
    }

    /// A value that counts if it is a string.
    fn text(&mut self, into: &mut Span) -> Option<()> {
        *into = Span::default();
        if self.peek() != b'"' {
            return self.value();
        }
        *into = self.string()?;
        self.note(*into);
        Some(())
    }

    /// Any value, with all that is in it.
    fn value(&mut self) -> Option<()> {
        self.scratch.nest.clear();
        self.values()
    }

    /// A value, and what is left of all the values around it.
    fn values(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                b'"' => {
                    let value = self.string()?;
                    self.note(value);
                }
                b'{' => {
                    self.token(b'{')?;
                    if self.peek() != b'}' {
                        self.key()?;
                        self.scratch.nest.push(true);
                        continue;
                    }
                    self.at += 1;
                }
                b'[' => {
                    self.token(b'[')?;
                    if self.peek() != b']' {
                        self.scratch.nest.push(false);
                        continue;
                    }
                    self.at += 1;
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => {
                    let end = number_end(self.bytes, self.at)?;
                    self.note(Span { start: self.at, end });
                    self.at = end;
                }
            }
            loop {
                let Some(&in_object) = self.scratch.nest.last() else { return Some(()) };
                self.space();
                if self.peek() == b',' {
                    self.token(b',')?;
                    if in_object {
                        self.key()?;
                    }
                    break;
                }
                if self.peek() != if in_object { b'}' } else { b']' } {
                    return None;
                }
                self.at += 1;
                self.scratch.nest.pop();
            }
        }
    }

    /// A key and its colon, and the white space around that.
    fn key(&mut self) -> Option<Span> {
        let key = self.string()?;
        self.space();
        self.token(b':')?;
        Some(key)
    }

    fn string(&mut self) -> Option<Span> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let end = string_end(self.bytes, start)?;
        self.at = end + 1;
        Some(Span { start, end })
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        found.then_some(())
    }

    fn note(&mut self, value: Span) {
        if !value.is_empty() && self.scratch.values.len() < MOST_VALUES {
            self.scratch.values.push(value);
        }
    }
}

/// Where the JSON number at `at` ends; `None` where there is none.
pub(super) fn number_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    at += usize::from(byte(at) == b'-');
    at = if byte(at) == b'0' { at + 1 } else { digits_end(bytes, at)? };
    if byte(at) == b'.' {
        at = digits_end(bytes, at + 1)?;
    }
    if byte(at) | 0x20 == b'e' {
        at += 1;
        at += usize::from(matches!(byte(at), b'+' | b'-'));
        at = digits_end(bytes, at)?;
    }
    Some(at)
}

fn digits_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    (at > start).then_some(at)
}

/// Where the JSON string whose contents start at `at` has its closing quote; `None` where it has none or is not valid.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = scan::plain(bytes, at).end;
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => match bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' => {
                    hex_escape(bytes.get(at..)?)?;
                    at += 6;
                }
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// `finish_reason`.
const LONGEST_KEY: usize = 13;

/// A key without its escapes, where it may be one that is looked for; else any other.
fn unescaped_key<'a>(raw: &'a [u8], scratch: &'a mut [u8; LONGEST_KEY]) -> &'a [u8] {
    if !raw.contains(&b'\\') {
        return raw;
    }
    let mut rest = raw;
    let mut length = 0;
    while let Some(&first) = rest.first() {
        let (byte, width) = match (first, rest.get(1)) {
            (b'\\', Some(b'u')) => (hex_escape(rest).and_then(|code| u8::try_from(code).ok()), 6),
            (b'\\', Some(&escaped)) => (Some(unescaped(escaped)), 2),
            _ => (Some(first), 1),
        };
        let (Some(byte), Some(place)) = (byte, scratch.get_mut(length)) else { return &[] };
        *place = byte;
        length += 1;
        rest = rest.get(width..).unwrap_or_default();
    }
    scratch.get(..length).unwrap_or_default()
}
