//! A slow decoder that is easily seen to be right: the WHATWG's paragraphs one after the other, and `parse`.

use purerouter::core::decoder::flags;

use crate::drive::{Event, Seen};
use crate::parse::{Value, parse};

/// The lines of a body, and whether each of them is complete.
fn lines(body: &[u8]) -> Vec<(&[u8], bool)> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < body.len() {
        let terminator = match body[at] {
            b'\r' if body.get(at + 1) == Some(&b'\n') => 2,
            b'\r' | b'\n' => 1,
            _ => 0,
        };
        if terminator > 0 {
            lines.push((&body[start..at], true));
            start = at + terminator;
        }
        at += terminator.max(1);
    }
    lines.push((&body[start..], false));
    lines
}

pub(crate) fn sse(body: &[u8], max: usize) -> Seen {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let mut seen = Seen::default();
    // The accumulated data as it is on the wire, for the bound; as text, for the rest.
    let mut raw = 0;
    let mut data: Option<String> = None;
    let mut name = String::new();
    let mut id = String::new();
    for (line, complete) in lines(body) {
        if raw + line.len() > max {
            seen.flags |= flags::OVERSIZE;
            break;
        }
        if complete && line.is_empty() {
            if let Some(data) = data.take() {
                event(&mut seen, data, &name, &id);
                if seen.error.is_some() {
                    break;
                }
            }
            raw = 0;
            name.clear();
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let raw_value = value_length(line);
        match field {
            "data" => {
                let doubled =
                    value.strip_prefix("data:").map(|value| value.strip_prefix(' ').unwrap_or(value));
                let taken_off = value.len() - doubled.unwrap_or(value).len();
                let value = doubled.unwrap_or(value);
                if data.is_none() && value.trim_ascii() == "[DONE]" {
                    seen.flags |= flags::DONE;
                    break;
                }
                if !complete {
                    break;
                }
                raw += usize::from(data.is_some()) + raw_value - taken_off;
                data = Some(match data {
                    None => value.to_owned(),
                    Some(before) => format!("{before}\n{value}"),
                });
            }
            _ if !complete => break,
            "event" => name = value.to_owned(),
            "id" if !value.contains('\0') => id = value.to_owned(),
            _ => {}
        }
    }
    seen
}

fn value_length(line: &[u8]) -> usize {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return 0 };
    let value = &line[colon + 1..];
    value.len() - usize::from(value.first() == Some(&b' '))
}

pub(crate) fn event(seen: &mut Seen, data: String, name: &str, id: &str) {
    let json = parse(&data);
    let name = if name.is_empty() { "message" } else { name };
    let is_error = json.as_ref().is_some_and(|json| *json.member("error") != Value::Null);
    let mut event = Event {
        text: Vec::new(),
        name: name.to_owned(),
        id: id.to_owned(),
        json: json.is_some(),
        data: data.clone(),
    };
    if is_error || name == "error" {
        seen.flags |= flags::ERROR;
        seen.error = Some(event);
        return;
    }
    event.text = match &json {
        None => data.encode_utf16().collect(),
        Some(json) => text(json).to_vec(),
    };
    seen.deltas += u32::from(!event.text.is_empty());
    seen.events.push(event);
    let Some(json) = json.filter(|json| matches!(json, Value::Object(_))) else { return };
    if seen.first.is_empty() {
        seen.first.clone_from(&data);
    }
    if matches!(json.member("usage"), Value::Object(_)) {
        seen.flags |= flags::USAGE;
        seen.usage.clone_from(&data);
    }
    let finished = |value: &Value| !value.member("finish_reason").units().is_empty();
    if finished(&json) || finished(json.member("choices").first()) {
        seen.flags |= flags::FINISH;
        seen.finish = data;
    }
}

fn text(json: &Value) -> &[u16] {
    let choice = json.member("choices").first();
    [
        choice.member("text"),
        choice.member("delta").member("content"),
        choice.member("message").member("content"),
        json.member("output_text"),
    ]
    .into_iter()
    .map(Value::units)
    .find(|text| !text.is_empty())
    .unwrap_or_default()
}
