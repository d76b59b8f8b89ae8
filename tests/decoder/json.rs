//! What is JSON: what `JSON.parse` accepts, no more and no less.

use std::collections::BTreeMap;

use proptest::prelude::*;
use purerouter::core::decoder::Format;

use crate::drive::{NO_LIMIT, Seen, decode};
use crate::parse::{Value, parse};
use crate::reference;

fn is_json(body: &[u8]) -> bool {
    let seen = decode(Format::Ndjson, NO_LIMIT, &[body, b"\n"]);
    assert_eq!(seen.events.len(), 1, "{}", String::from_utf8_lossy(body));
    seen.events[0].json
}

#[test]
fn numbers() {
    for number in
        ["0", "-0", "1", "10", "1.5", "-1.25e5", "1e9", "1E+9", "1e-9", "1e999", "0.0", "0e0", "123456789"]
    {
        assert!(is_json(number.as_bytes()), "{number}");
        assert!(is_json(format!("[{number} ,{number}]").as_bytes()), "{number}");
    }
    for bad in [
        "-", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+", "0x1", "1_0", "Infinity", "NaN", "--1", "1-",
    ] {
        assert!(!is_json(bad.as_bytes()) && !is_json(format!("[{bad}]").as_bytes()), "{bad}");
    }
}

#[test]
fn words_and_structure() {
    for good in
        ["true", "false", "null", "[]", "{}", "[[]]", "[{},[]]", r#"{"":{"":[]}}"#, "\"\"", " \t1\t ", "[\t]"]
    {
        assert!(is_json(good.as_bytes()), "{good}");
    }
    for bad in [
        "tru",
        "True",
        "nulll",
        "truefalse",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{,}"#,
        r#"{a:1}"#,
        r#"{"a" 1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1]"#,
        "[1}",
        r#"{1:2}"#,
        "1 2",
        "{}{}",
        "[]]",
        "// x",
        "\u{a0}1",
        "1\u{feff}",
        "1\u{b}",
        "1\u{c}",
        "{}\0",
        r#"{"choices":[}"#,
        r#"{"choices":[{}"#,
        r#"{"choices":[{}}"#,
        r#"{"choices":[{},]}"#,
        r#"{"choices":[,]}"#,
        r#"{"choices":[{"text":"a"} {}]}"#,
        r#"{"choices":[{"text":"a",}]}"#,
        r#"{"choices":[{"text"}]}"#,
        r#"{"choices":[{"delta":{"content":"a"]}]}"#,
        r#"{"choices":[1}"#,
        r#"{"choices":[1,}"#,
        r#"{"error":nul}"#,
        r#"{"output_text":"a"#,
        r#"{"output_text":a}"#,
        r#"{"usage":{}"#,
    ] {
        assert!(!is_json(bad.as_bytes()), "{bad}");
    }
}

#[test]
fn strings() {
    for good in
        [r#""\"\\\/\b\f\n\r\t\u00aF""#, "\"\u{7f}\u{80}\u{2028}é日😀\"", r#""\ud800""#, r#""\udc00x""#]
    {
        assert!(is_json(good.as_bytes()), "{good}");
    }
    for bad in [
        "\"",
        "\"\\\"",
        r#""\x41""#,
        r#""\u12""#,
        r#""\u123g""#,
        r#""\u+123""#,
        r#""\U0041""#,
        r#""\'""#,
        r#""\0""#,
        "\"\t\"",
        "\"\0\"",
        "\"\u{1f}\"",
        "'a'",
        "\"\\u00é\"",
    ] {
        assert!(!is_json(bad.as_bytes()), "{bad}");
    }
    // Every control character, at every distance from the word boundaries of a search.
    for control in 0..0x20 {
        for before in 0..9 {
            let string = [b"\"", [b'x'; 9].get(..before).unwrap(), &[control], b"xxxxxxxxx\""].concat();
            assert_eq!(decode(Format::Json, NO_LIMIT, &[&string]).events.len(), 0, "{control}");
        }
    }
}

#[test]
fn any_depth() {
    let depth = 300_000;
    let body = format!(r#"{{"a":{}{},"output_text":"b"}}"#, "[".repeat(depth), "]".repeat(depth));
    let seen = decode(Format::Json, NO_LIMIT, &[body.as_bytes()]);
    assert_eq!((seen.text().as_str(), seen.events[0].json), ("b", true));
    assert!(!is_json(&body.as_bytes()[..body.len() - 30]));
    assert!(is_json(format!("{}{}", r#"{"a":["#.repeat(depth), "]}".repeat(depth)).as_bytes()));
}

/// Values that are nearly, or really, what a gateway sends.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1.5e3".to_owned()),
        Just("\"\"".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"b\\n\\u00e9\\ud83d\\ude00\\\\\"".to_owned()),
        Just("\"\\ud83d\"".to_owned()),
        Just("\"\\uDE00é\\ud83d x\"".to_owned()),
        Just("\"日 — long enough to fill words\"".to_owned()),
    ];
    let key = prop::sample::select(vec![
        "choices",
        "text",
        "delta",
        "message",
        "content",
        "output_text",
        "error",
        "usage",
        "finish_reason",
        "x",
        "t\\u0065xt",
        "\\u0063hoices",
        "",
        "con\\u0074ent",
        "usag\\u00e9",
    ]);
    let space = prop::sample::select(vec!["", "", "", " ", "\t", " \r"]);
    leaf.prop_recursive(6, 60, 5, move |inner| {
        let member = (space.clone(), key.clone(), inner.clone(), space.clone()).prop_map(
            |(before, key, value, after)| format!("{before}\"{key}\"{before}:{after}{value}{after}"),
        );
        prop_oneof![
            3 => prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            2 => prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(" ,"))),
        ]
    })
}

/// What a gateway's answer is made of, often enough to reach the text.
fn answer() -> impl Strategy<Value = String> {
    (value(), value(), value(), 0..6).prop_map(|(a, b, c, shape)| match shape {
        0 => format!(r#"{{"choices":[{{"text":{a},"delta":{b}}},{c}]}}"#),
        1 => {
            format!(r#"{{"choices":[{{"delta":{{"content":{a}}},"message":{{"content":{b}}},"text":{c}}}]}}"#)
        }
        2 => format!(r#"{{"output_text":{a},"choices":[{b}],"usage":{c}}}"#),
        3 => format!(r#"{{"choices":{a},"choices":[{{"text":{b},"finish_reason":{c}}}]}}"#),
        4 => format!(r#"{{"choices":[{{"text":"x","message":{{"content":"y"}},"text":{a}}}],"error":{b}}}"#),
        _ => a,
    })
}

fn by_reference(body: &str) -> Seen {
    let mut seen = Seen::default();
    reference::event(&mut seen, body.to_owned(), "", "");
    seen
}

fn same_as_reference(body: &str) {
    let mut seen = decode(Format::Ndjson, NO_LIMIT, &[body.as_bytes(), b"\n"]);
    let expected = by_reference(body);
    seen.malformed.clear();
    assert_eq!(seen, expected, "{body}");
}

fn of_serde_json(value: serde_json::Value) -> Value {
    let units = |text: String| text.encode_utf16().collect();
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Value::Plain,
        serde_json::Value::String(text) => Value::String(units(text)),
        serde_json::Value::Array(values) => Value::Array(values.into_iter().map(of_serde_json).collect()),
        serde_json::Value::Object(members) => Value::Object(
            members.into_iter().map(|(key, value)| (units(key), of_serde_json(value))).collect(),
        ),
    }
}

/// As serde_json has it: each key once, in alphabetical order.
fn in_order(value: Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.into_iter().map(in_order).collect()),
        Value::Object(members) => {
            let last: BTreeMap<_, _> = members.into_iter().collect();
            let mut members: Vec<_> = last.into_iter().map(|(key, value)| (key, in_order(value))).collect();
            members.sort_by_key(|(key, _)| String::from_utf16_lossy(key));
            Value::Object(members)
        }
        other => other,
    }
}

/// The reference's parser is one more thing that can be wrong. serde_json refuses half a surrogate pair and numbers
/// beyond an f64, which `JSON.parse` does not.
fn same_as_serde_json(body: &str) {
    let other = serde_json::from_str(body).ok().map(of_serde_json);
    let beyond = body.contains("\\ud") || body.contains("\\uD") || body.contains(['e', 'E']);
    if other.is_some() || !beyond {
        assert_eq!(parse(body).map(in_order), other, "{body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn arbitrary_answers(body in answer()) {
        same_as_reference(&body);
        same_as_serde_json(&body);
    }

    #[test]
    fn damaged_answers(
        body in answer(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[\\[\\]{}\",:\\\\u0129eE+.tn \t-]", 0..3), 1..4),
    ) {
        let mut chars: Vec<char> = body.chars().collect();
        for (at, with, kind) in edits {
            let with = with.chars().next().unwrap();
            let at = at.index(chars.len() + 1);
            match kind {
                0 => chars.insert(at, with),
                1 if at < chars.len() => chars[at] = with,
                _ if at < chars.len() => { chars.remove(at); }
                _ => {}
            }
        }
        let body: String = chars.into_iter().collect();
        prop_assume!(!body.trim_ascii().is_empty() && !body.ends_with('\r'));
        same_as_reference(&body);
        same_as_serde_json(&body);
    }
}
