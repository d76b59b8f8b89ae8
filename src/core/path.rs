//! The paths of the service, and what an id may be within one.

/// The path of a deployment's call, the id percent-encoded as one segment, as `encodeURIComponent` does. `None` for
/// an id that no encoding keeps from being a path of its own: the empty one, `.` and `..`.
///
/// ```
/// # use purerouter::core::path::deployment;
/// assert_eq!(deployment("a/b").as_deref(), Some("/v1/deployments/a%2Fb/invoke"));
/// assert_eq!(deployment(".."), None);
/// ```
#[must_use]
pub fn deployment(id: &str) -> Option<String> {
    if matches!(id, "" | "." | "..") {
        return None;
    }
    let mut path = String::from("/v1/deployments/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push('%');
            for nibble in [byte >> 4, byte & 15] {
                path.push(char::from(if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble }));
            }
        }
    }
    path.push_str("/invoke");
    Some(path)
}

/// Automatic routing.
pub const INFER: &str = "/v1/infer";
/// The service's health.
pub const HEALTH: &str = "/v1/health";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_segment_whatever_the_id() {
        let table = [
            ("gpt-4_x.1", "gpt-4_x.1"),
            ("a/../b", "a%2F..%2Fb"),
            ("%2e%2e", "%252e%252e"),
            ("a?b#c", "a%3Fb%23c"),
            ("ü 日", "%C3%BC%20%E6%97%A5"),
            ("a\r\nb\\", "a%0D%0Ab%5C"),
            ("...", "..."),
        ];
        for (id, segment) in table {
            assert_eq!(deployment(id), Some(["/v1/deployments/", segment, "/invoke"].concat()));
        }
    }

    #[test]
    fn dot_segments_are_refused() {
        for id in ["", ".", ".."] {
            assert_eq!(deployment(id), None);
        }
    }
}
