//! Keys out of texts: what the service echoes must not reach a log.

/// What stands where a key was.
pub const REDACTED: &str = "[redacted]";

/// `text` without any of `keys`, as they are or as JSON writes them. `None` where there was none, which is nearly
/// always, so that the usual text is not copied.
#[must_use]
pub fn redact(text: &str, keys: &[String]) -> Option<String> {
    let mut forms = Vec::new();
    for key in keys.iter().filter(|key| !key.is_empty()) {
        forms.extend(spellings(key));
    }
    let mut safe = String::new();
    let (mut at, mut kept) = (0, 0);
    // Place by place: keys are few and short, and std's search would be a fiftieth of the wasm.
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        // The longest that stands here: a key that begins with another one must not leave its end behind.
        let found = forms.iter().filter(|form| rest.starts_with(form.as_bytes())).map(String::len).max();
        let Some(len) = found else {
            at += 1;
            continue;
        };
        safe.push_str(text.get(kept..at).unwrap_or_default());
        safe.push_str(REDACTED);
        at += len;
        kept = at;
    }
    if kept == 0 {
        return None;
    }
    safe.push_str(text.get(kept..).unwrap_or_default());
    Some(safe)
}

/// A key as it is, as JSON has to write it, and as some writers do, with its slashes escaped as well.
fn spellings(key: &str) -> [String; 3] {
    let mut escaped = String::new();
    let mut slashed = String::new();
    for letter in key.chars() {
        if matches!(letter, '\\' | '"') {
            escaped.push('\\');
        }
        if matches!(letter, '\\' | '"' | '/') {
            slashed.push('\\');
        }
        escaped.push(letter);
        slashed.push(letter);
    }
    [key.to_owned(), escaped, slashed]
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
