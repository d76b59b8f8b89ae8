//! Searching and comparing eight bytes at a time.
//!
//! Written out because the standard library's own loops are chosen for native machines: compiled to WebAssembly,
//! comparing two slices goes byte by byte, and that alone would cost more than the rest of a templated event. No SIMD
//! and no `unsafe`: a word of eight bytes is already less work than what surrounds it.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

const fn each(byte: u8) -> u64 {
    ONES * byte as u64
}

/// The high bit of each zero byte of `word`. Bytes above the lowest zero may be marked wrongly (a borrow runs
/// through them), the lowest mark is always right.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// The first position from `from` on where `mark` marks a byte, or the length. `mark` must mark, in a word, the high
/// bit of the lowest byte searched for.
#[inline(always)]
fn find(bytes: &[u8], from: usize, mark: impl Fn(u64) -> u64) -> usize {
    let (words, rest) = bytes.get(from..).unwrap_or_default().as_chunks::<8>();
    let mut at = from;
    for word in words {
        let marks = mark(u64::from_le_bytes(*word));
        if marks != 0 {
            return at + (marks.trailing_zeros() >> 3) as usize;
        }
        at += 8;
    }
    for &byte in rest {
        if mark(each(byte)) != 0 {
            break;
        }
        at += 1;
    }
    at
}

/// The first LF or CR from `from` on, or the length.
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    find(bytes, from, |word| zeros(word ^ each(b'\n')) | zeros(word ^ each(b'\r')))
}

/// The first LF from `from` on, or the length.
pub(super) fn line_feed(bytes: &[u8], from: usize) -> usize {
    find(bytes, from, |word| zeros(word ^ each(b'\n')))
}

/// What ends the plain part of a JSON string: the first quote, backslash or control character from `from` on, or the
/// length.
pub(super) fn string_stop(bytes: &[u8], from: usize) -> usize {
    find(bytes, from, |word| {
        let control = word.wrapping_sub(each(0x20)) & !word & HIGHS;
        control | zeros(word ^ each(b'"')) | zeros(word ^ each(b'\\'))
    })
}

/// How many bytes the two begin with in common.
pub(super) fn common(left: &[u8], right: &[u8]) -> usize {
    let (words, other_words) = (left.as_chunks::<8>().0, right.as_chunks::<8>().0);
    let mut at = 0;
    for (word, other) in words.iter().zip(other_words) {
        let differ = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if differ != 0 {
            return at + (differ.trailing_zeros() >> 3) as usize;
        }
        at += 8;
    }
    let rest = left.get(at..).unwrap_or_default().iter().zip(right.get(at..).unwrap_or_default());
    at + rest.take_while(|(byte, other)| byte == other).count()
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_search_finds() {
        // Each byte at each place of a word, among neighbours that tempt the borrow and the sign bit.
        for filler in [0x20, 0x23, 0x0b, 0x5d, 0x80, 0xff] {
            for byte in 0..=255 {
                for place in 0..11 {
                    let mut bytes = vec![filler; 11];
                    bytes[place] = byte;
                    for from in [0, 1, 7, 8, 11] {
                        let first = |wanted: &dyn Fn(u8) -> bool| {
                            bytes
                                .iter()
                                .skip(from)
                                .position(|&b| wanted(b))
                                .map_or(bytes.len(), |at| at + from)
                        };
                        assert_eq!(line_end(&bytes, from), first(&|b| b == b'\n' || b == b'\r'));
                        assert_eq!(line_feed(&bytes, from), first(&|b| b == b'\n'));
                        let stop = |b| b < 0x20 || b == b'"' || b == b'\\';
                        assert_eq!(string_stop(&bytes, from), first(&stop));
                    }
                }
            }
        }
        assert_eq!(line_end(b"ab", 7), 7);
    }

    #[test]
    fn compares_every_byte() {
        let bytes = b"0123456789abcdefghij";
        for length in 0..=bytes.len() {
            assert_eq!(common(bytes, &bytes[..length]), length);
            assert_eq!(common(&bytes[..length], bytes), length);
            for changed in 0..length {
                let mut other = bytes[..length].to_vec();
                other[changed] ^= 0x80;
                assert_eq!(common(bytes, &other), changed);
            }
        }
    }
}
