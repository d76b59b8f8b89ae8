//! The joined text of one push, as one string for JavaScript to decode.
//!
//! Kept as UTF-8 with its length in UTF-16 units, which is how JavaScript counts. A JSON string may hold half of a
//! surrogate pair, which UTF-8 cannot: it is kept as the three bytes that its number would take, and if there was one,
//! the whole text is handed out as UTF-16 instead.

use super::scan;

/// See the module.
#[derive(Default)]
pub(super) struct Text {
    /// The text, `length` bytes, and room.
    buffer: Vec<u8>,
    length: usize,
    units: u32,
    not_ascii: bool,
    wide: bool,
    utf16: Vec<u8>,
}

impl Text {
    pub(super) fn clear(&mut self) {
        self.length = 0;
        self.utf16.clear();
        self.units = 0;
        self.not_ascii = false;
        self.wide = false;
    }

    /// The length in UTF-16 units.
    pub(super) fn units(&self) -> u32 {
        self.units
    }

    pub(super) fn is_ascii(&self) -> bool {
        !self.not_ascii
    }

    pub(super) fn is_wide(&self) -> bool {
        self.wide
    }

    /// UTF-8, or UTF-16 where it is wide and sealed.
    pub(super) fn bytes(&self) -> &[u8] {
        if self.wide { &self.utf16 } else { self.utf8() }
    }

    fn utf8(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    fn append(&mut self, utf8: &[u8]) {
        let end = self.length + utf8.len();
        if end > self.buffer.len() {
            self.buffer.resize(end.max(2 * self.buffer.len()), 0);
        }
        if let Some(place) = self.buffer.get_mut(self.length..end) {
            scan::copy(utf8, place);
        }
        self.length = end;
    }

    /// Adds ASCII.
    pub(super) fn push_ascii(&mut self, ascii: &[u8]) {
        self.append(ascii);
        self.units += ascii.len() as u32;
    }

    /// Adds valid UTF-8.
    pub(super) fn push(&mut self, utf8: &[u8]) {
        if utf8.is_ascii() {
            self.push_ascii(utf8);
        } else {
            self.append(utf8);
            self.not_ascii = true;
            for &byte in utf8 {
                // Every byte that begins a character is a unit, and four-byte characters are two.
                self.units += u32::from(byte & 0xc0 != 0x80) + u32::from(byte >= 0xf0);
            }
        }
    }

    /// Adds what stands between the quotes of a valid JSON string.
    pub(super) fn push_string(&mut self, mut raw: &[u8]) {
        while let Some(at) = raw.iter().position(|&byte| byte == b'\\') {
            let (plain, escape) = raw.split_at_checked(at).unwrap_or((raw, &[]));
            self.push(plain);
            let length = match escape.get(1) {
                Some(b'u') => self.push_hex(escape),
                Some(&byte) => {
                    self.push_code(unescaped(byte).into());
                    2
                }
                None => return,
            };
            raw = escape.get(length..).unwrap_or_default();
        }
        self.push(raw);
    }

    /// Adds the `\uXXXX` that `escape` begins with, or the pair of them that is one character, and says how long it was.
    fn push_hex(&mut self, escape: &[u8]) -> usize {
        let Some(high) = hex_escape(escape) else { return 6 };
        if high & 0xfc00 == 0xd800 {
            let low = hex_escape(escape.get(6..).unwrap_or_default()).unwrap_or(0);
            if low & 0xfc00 == 0xdc00 {
                self.push_code(0x10000 + ((high & 0x3ff) << 10 | low & 0x3ff));
                return 12;
            }
        }
        self.push_code(high);
        6
    }

    fn push_code(&mut self, code: u32) {
        let last = 0x80 | (code & 0x3f) as u8;
        let third = 0x80 | (code >> 6 & 0x3f) as u8;
        let second = 0x80 | (code >> 12 & 0x3f) as u8;
        match code {
            0..0x80 => self.append(&[code as u8]),
            0x80..0x800 => self.append(&[0xc0 | (code >> 6) as u8, last]),
            0x800..0x10000 => self.append(&[0xe0 | (code >> 12) as u8, third, last]),
            _ => self.append(&[0xf0 | (code >> 18) as u8, second, third, last]),
        }
        self.units += if code < 0x10000 { 1 } else { 2 };
        self.not_ascii |= code >= 0x80;
        self.wide |= code & !0x7ff == 0xd800;
    }

    /// Ends the push: makes the UTF-16 where it is needed.
    pub(super) fn seal(&mut self) {
        if !self.wide {
            return;
        }
        let mut code = 0;
        let mut more = 0;
        for &byte in self.buffer.get(..self.length).unwrap_or_default() {
            (code, more) = match byte {
                0..0x80 => (u32::from(byte), 0),
                0x80..0xc0 => (code << 6 | u32::from(byte & 0x3f), more - 1),
                0xc0..0xe0 => (u32::from(byte & 0x1f), 1),
                0xe0..0xf0 => (u32::from(byte & 0x0f), 2),
                _ => (u32::from(byte & 0x07), 3),
            };
            if more != 0 {
                continue;
            }
            if code >= 0x10000 {
                let above = code - 0x10000;
                self.utf16.extend_from_slice(&(0xd800 | (above >> 10) as u16).to_le_bytes());
                code = 0xdc00 | above & 0x3ff;
            }
            self.utf16.extend_from_slice(&(code as u16).to_le_bytes());
        }
    }
}

/// The character that a backslash and `byte` stand for, but for `u`.
pub(super) fn unescaped(byte: u8) -> u8 {
    match byte {
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'f' => 12,
        b'r' => b'\r',
        same => same,
    }
}

/// The number in a `\uXXXX` that `bytes` begins with.
pub(super) fn hex_escape(bytes: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(..6)? else { return None };
    digits.iter().try_fold(0, |code, &digit| Some(code << 4 | char::from(digit).to_digit(16)?))
}
