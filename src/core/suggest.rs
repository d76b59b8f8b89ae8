//! The known name nearest to a mistyped one.

/// The name in `known` with the fewest edits from `name`, where that is near enough to be meant: at most a third of
/// the letters. Case does not count.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (edits(name.as_bytes(), candidate.as_bytes()), *candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| distance * 3 <= candidate.len())
        .map(|(_, candidate)| candidate)
}

// Levenshtein's distance, one row at a time.
fn edits(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let here = (diagonal + usize::from(!x.eq_ignore_ascii_case(y))).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            left = here;
            *cell = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["routerKey", "baseUrl", "timeout", "maxRetries", "headersTimeout"];
        let nearest = |name| nearest(name, &known);
        assert_eq!(nearest("routerkey"), Some("routerKey"));
        assert_eq!(nearest("baseURL"), Some("baseUrl"));
        assert_eq!(nearest("maxRetrys"), Some("maxRetries"));
        assert_eq!(nearest("timeuot"), Some("timeout"));
        assert_eq!(nearest("apiKey"), None);
        assert_eq!(super::nearest("", &[]), None);
    }

    #[test]
    fn distances() {
        assert_eq!(edits(b"kitten", b"sitting"), 3);
        assert_eq!(edits(b"", b"abc"), 3);
        assert_eq!(edits(b"abc", b""), 3);
    }
}
