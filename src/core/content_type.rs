//! What the body of an answer to a streaming call is, by its content type.

use super::decoder::Format;

/// The format of a 2xx body, or `None` where its type says that it is no answer: a page of HTML, which is what
/// captive portals, login walls and wrong base URLs send.
///
/// A missing type counts as an event stream, which is what was asked for.
#[must_use]
pub fn format(content_type: Option<&str>) -> Option<Format> {
    let Some(content_type) = content_type else { return Some(Format::Sse) };
    let end = content_type.bytes().position(|byte| byte == b';');
    let essence = content_type.get(..end.unwrap_or(content_type.len())).unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    match essence.as_str() {
        "text/event-stream" | "" => Some(Format::Sse),
        "text/html" | "application/xhtml+xml" => None,
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/json-lines"
        | "application/jsonlines" => Some(Format::Ndjson),
        json if json == "application/json" || json.ends_with("+json") => Some(Format::Json),
        _ => Some(Format::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_type() {
        let table = [
            (None, Some(Format::Sse)),
            (Some(""), Some(Format::Sse)),
            (Some("Text/Event-Stream; charset=utf-8"), Some(Format::Sse)),
            (Some("application/json; charset=utf-8"), Some(Format::Json)),
            (Some("application/problem+json"), Some(Format::Json)),
            (Some("application/x-ndjson"), Some(Format::Ndjson)),
            (Some("application/jsonl"), Some(Format::Ndjson)),
            (Some("text/html; charset=utf-8"), None),
            (Some("text/plain"), Some(Format::Text)),
            (Some("application/octet-stream"), Some(Format::Text)),
        ];
        for (content_type, expected) in table {
            assert_eq!(format(content_type), expected, "{content_type:?}");
        }
    }
}
