//! What an HTTP header may hold (RFC 9110, 5.1 and 5.5), checked before a runtime throws in words of its own.

/// A header's name: a token.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let symbol = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || symbol(byte))
}

/// A header's value: no line break, no other control character, nothing beyond Latin-1, which `fetch` refuses.
#[must_use]
pub fn is_value(value: &str) -> bool {
    value.chars().all(|c| c == '\t' || matches!(c, ' '..='\u{ff}') && c != '\u{7f}')
}

/// A router key: a header value that no proxy changes on its way. Visible ASCII, so no blanks at all: a key with one
/// is a key with a word too many, or with the line break of the file it was read from.
#[must_use]
pub fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_name("x-router-key") && is_name("A1!"));
        for bad in ["", "a b", "a:b", "a\n", "ä", "a(b)"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn values() {
        assert!(is_value("") && is_value("a b\tc") && is_value("é"));
        for bad in ["a\nb", "a\rb", "a\0", "日", "\u{7f}"] {
            assert!(!is_value(bad), "{bad:?}");
        }
    }

    #[test]
    fn keys() {
        assert!(is_key("sk_live-1.2/3+4="));
        for bad in ["", " ", "sk_1\n", "sk 1", "sk_é"] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }
}
