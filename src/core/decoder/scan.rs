//! Searching, comparing and copying eight bytes at a time.
//!
//! Written out because the standard library's own loops are chosen for native machines: compiled to WebAssembly,
//! comparing two slices goes byte by byte, and copying a few bytes is a call into the engine, each of which alone would
//! cost more than the rest of a templated event. No SIMD and no `unsafe`: a word of eight bytes is already less work
//! than what surrounds it.

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

/// The plain part of a JSON string, from `from` on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Plain {
    /// Where it stops: at the first quote, backslash or control character, or the length.
    pub(super) end: usize,
    pub(super) ascii: bool,
}

/// Where the plain part of a JSON string stops, and what it consists of: one pass, since most texts are that part.
pub(super) fn plain(bytes: &[u8], from: usize) -> Plain {
    let (words, rest) = bytes.get(from..).unwrap_or_default().as_chunks::<8>();
    let mut end = from;
    let mut all = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(each(0x20)) & !word & HIGHS;
        let marks = control | zeros(word ^ each(b'"')) | zeros(word ^ each(b'\\'));
        if marks != 0 {
            // The lowest mark's bit is the highest of its byte: what is below that byte is below bit `tz - 7`.
            let below = marks.trailing_zeros() - 7;
            all |= word & ((1 << below) - 1);
            return Plain { end: end + (below >> 3) as usize, ascii: all & HIGHS == 0 };
        }
        all |= word;
        end += 8;
    }
    for &byte in rest {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        all |= u64::from(byte);
        end += 1;
    }
    Plain { end, ascii: all & HIGHS == 0 }
}

/// Whether `bytes` begin with `start`. Faster than `common` where nearly all are the same: it does not look for where.
pub(super) fn starts_with(bytes: &[u8], start: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..start.len()) else { return false };
    let (Some(last), Some(other_last)) = (bytes.last_chunk(), start.last_chunk()) else {
        return bytes == start;
    };
    let (words, other_words) = (bytes.as_chunks::<8>().0, start.as_chunks::<8>().0);
    let (fours, rest) = words.as_chunks();
    let (other_fours, other_rest) = other_words.as_chunks();
    // The last word takes the place of those bytes that make no whole one.
    let mut differ = differing(last, other_last);
    for (word, other) in rest.iter().zip(other_rest) {
        differ |= differing(word, other);
    }
    for ([a, b, c, d], [e, f, g, h]) in fours.iter().zip(other_fours) {
        differ |= differing(a, e) | differing(b, f) | differing(c, g) | differing(d, h);
    }
    differ == 0
}

/// The bits in which the two differ.
fn differing(word: &[u8; 8], other: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other)
}

/// How many bytes the two begin with in common.
pub(super) fn common(left: &[u8], right: &[u8]) -> usize {
    let (words, other_words) = (left.as_chunks::<8>().0, right.as_chunks::<8>().0);
    let mut at = 0;
    for (word, other) in words.iter().zip(other_words) {
        let differ = differing(word, other);
        if differ != 0 {
            return at + (differ.trailing_zeros() >> 3) as usize;
        }
        at += 8;
    }
    let rest = left.get(at..).unwrap_or_default().iter().zip(right.get(at..).unwrap_or_default());
    at + rest.take_while(|(byte, other)| byte == other).count()
}

/// Copies `from` to `to`, which is as long. Up to two words are copied as such, for which see the module.
pub(super) fn copy(from: &[u8], to: &mut [u8]) {
    if from.len() > 16 {
        if from.len() == to.len() {
            to.copy_from_slice(from);
        }
    } else if !(ends::<8>(from, to) || ends::<4>(from, to) || ends::<2>(from, to)) {
        ends::<1>(from, to);
    }
}

/// Copies the first and the last `N` bytes, where there are as many: all there are, of no more than twice that.
#[inline(always)]
fn ends<const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if let Some(place) = to.first_chunk_mut::<N>() {
        *place = *first;
    }
    if let Some(place) = to.last_chunk_mut::<N>() {
        *place = *last;
    }
    true
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
                        let end = first(&stop);
                        let ascii = bytes.get(from..end).is_none_or(<[u8]>::is_ascii);
                        assert_eq!(plain(&bytes, from), Plain { end, ascii });
                    }
                }
            }
        }
        assert_eq!(line_end(b"ab", 7), 7);
    }

    #[test]
    fn compares_every_byte() {
        let bytes: Vec<u8> = (0..75).collect();
        let bytes = bytes.as_slice();
        for length in 0..=bytes.len() {
            assert_eq!(common(bytes, &bytes[..length]), length);
            assert_eq!(common(&bytes[..length], bytes), length);
            assert!(starts_with(bytes, &bytes[..length]));
            assert!(!starts_with(&bytes[..length], bytes) || length == bytes.len());
            for changed in 0..length {
                let mut other = bytes[..length].to_vec();
                other[changed] ^= 0x80;
                assert_eq!(common(bytes, &other), changed);
                assert!(!starts_with(bytes, &other));
            }
        }
    }
    #[test]
    fn copies_every_byte() {
        let bytes: Vec<u8> = (1..40).collect();
        for length in 0..bytes.len() {
            let mut copied = vec![0; length];
            copy(&bytes[..length], &mut copied);
            assert_eq!(copied, bytes[..length]);
        }
    }
}
