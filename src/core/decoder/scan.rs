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

/// Whether `bytes` has `part` at `at`.
pub(super) fn has_at(bytes: &[u8], at: usize, part: &[u8]) -> bool {
    let Some(here) = bytes.get(at..).and_then(|rest| rest.get(..part.len())) else { return false };
    let ((left, left_rest), (right, right_rest)) = (here.as_chunks::<8>(), part.as_chunks::<8>());
    left.iter().zip(right).all(|(left, right)| u64::from_le_bytes(*left) == u64::from_le_bytes(*right))
        && left_rest.iter().zip(right_rest).all(|(left, right)| left == right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_plain_search_finds() {
        // Each byte at each place of a word, among neighbours that tempt the borrow and the sign bit.
        for filler in [0x20, 0x21, 0x23, 0x0b, 0x5b, 0x5d, 0x7f, 0x80, 0xff] {
            for byte in 0..=255 {
                for place in 0..20 {
                    let mut bytes = vec![filler; 21];
                    bytes[place] = byte;
                    for from in 0..21 {
                        let first = |wanted: &dyn Fn(u8) -> bool| {
                            bytes.iter().skip(from).position(|&b| wanted(b)).map_or(bytes.len(), |at| at + from)
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
        for from in 0..20 {
            for to in from..=20 {
                assert!(has_at(bytes, from, &bytes[from..to]));
                for changed in from..to {
                    let mut part = bytes[from..to].to_vec();
                    part[changed - from] ^= 1;
                    assert!(!has_at(bytes, from, &part));
                }
            }
        }
        assert!(!has_at(bytes, 15, b"fghijk") && !has_at(bytes, 21, b"") && has_at(bytes, 20, b""));
    }
}
