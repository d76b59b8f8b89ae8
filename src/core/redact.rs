//! Keys out of texts: what the service echoes must not reach a log.

/// What stands where a key was.
pub const REDACTED: &str = "[redacted]";

/// `text` without any of `keys`, as they are or as JSON writes them. `None` where there was none, which is nearly
/// always, so that the usual text is not copied.
#[must_use]
pub fn redact(text: &str, keys: &[String]) -> Option<String> {
    let mut found: Option<String> = None;
    // The longest first: a key that begins with another one must not leave its end behind.
    let mut forms: Vec<String> = Vec::new();
    for key in keys.iter().filter(|key| !key.is_empty()) {
        let escaped = key.replace('\\', "\\\\").replace('"', "\\\"");
        forms.push(escaped.replace('/', "\\/"));
        forms.push(escaped);
        forms.push(key.clone());
    }
    forms.sort_unstable_by_key(|form| core::cmp::Reverse(form.len()));
    for form in forms {
        let current = found.as_deref().unwrap_or(text);
        if current.contains(form.as_str()) {
            found = Some(current.replace(form.as_str(), REDACTED));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn takes_out_every_key_in_every_form() {
        let found = redact("bad key sk_1 (sk_1), old sk_12", &keys(&["sk_1", "sk_12"]));
        assert_eq!(found.as_deref(), Some("bad key [redacted] ([redacted]), old [redacted]"));
        let found = redact(r#"{"m":"k\"e\\y\/z and k\"e\\y/z"}"#, &keys(&[r#"k"e\y/z"#]));
        assert_eq!(found.as_deref(), Some(r#"{"m":"[redacted] and [redacted]"}"#));
    }

    #[test]
    fn leaves_other_texts_alone() {
        assert_eq!(redact("nothing here", &keys(&["sk_1"])), None);
        assert_eq!(redact("nothing here", &keys(&[""])), None);
        assert_eq!(redact("nothing here", &[]), None);
    }
}
