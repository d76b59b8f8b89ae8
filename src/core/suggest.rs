//! The known name nearest to a mistyped one.

/// The name in `known` with the fewest edits from `name`, where that is near enough to be meant: at most a third of
/// the letters. Case does not count.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    known
        .iter()
        .map(|candidate| (edits(name.as_bytes(), candidate.to_ascii_lowercase().as_bytes()), *candidate))
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
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
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
        assert_eq!(nearest("routerkey", &known), Some("routerKey"));
        assert_eq!(nearest("baseURL", &known), Some("baseUrl"));
        assert_eq!(nearest("maxRetrys", &known), Some("maxRetries"));
        assert_eq!(nearest("timeuot", &known), Some("timeout"));
        assert_eq!(nearest("apiKey", &known), None);
        assert_eq!(nearest("", &[]), None);
    }

    #[test]
    fn distances() {
        assert_eq!(edits(b"kitten", b"sitting"), 3);
        assert_eq!(edits(b"", b"abc"), 3);
        assert_eq!(edits(b"abc", b""), 3);
    }
}
