//! Where an event that looks like the last one must not be taken for its like.

use purerouter::core::decoder::{Format, flags};

use crate::drive::{NO_LIMIT, Seen, decode, sse};

/// The same event with different texts, in every line ending.
fn like(before: &str, after: &str, texts: &[&str]) -> Seen {
    let mut seen = Vec::new();
    for end in ["\n", "\r\n", "\r"] {
        let body =
            texts.iter().map(|text| format!("data: {before}{text}{after}{end}{end}")).collect::<String>();
        seen.push(sse(body));
    }
    assert!(seen.iter().all(|other| *other == seen[0]));
    seen.remove(0)
}

#[test]
fn texts_of_every_kind() {
    let texts = [
        "a",
        "b",
        " the",
        "",
        "c",
        r"\n\u00e9",
        r"\ud83d\ude00",
        "é日😀",
        "long enough to fill several words",
        r#"\""#,
    ];
    let seen = like(
        r#"{"id":1,"choices":[{"text":""#,
        r#"","index":0,"finish_reason":null}],"usage":null}"#,
        &texts,
    );
    let expected =
        ["a", "b", " the", "", "c", "\né", "😀", "é日😀", "long enough to fill several words", "\""];
    assert_eq!(seen.texts(), expected);
    assert_eq!((seen.flags, seen.deltas), (0, 9));
}

#[test]
fn an_empty_text_leaves_the_word_to_the_next_place() {
    let seen = like(
        r#"{"output_text":"x","choices":[{"text":""#,
        r#"","delta":{"content":"y"}}]}"#,
        &["a", "", "b"],
    );
    assert_eq!(seen.texts(), ["a", "y", "b"]);
    // Once it was another place that had the text.
    let seen = like(
        r#"{"choices":[{"text":"","message":{"content":""#,
        r#""}}],"output_text":"z"}"#,
        &["a", "", "b"],
    );
    assert_eq!(seen.texts(), ["a", "z", "b"]);
}

#[test]
fn a_quote_in_the_text_changes_the_structure() {
    let (before, after) = (r#"{"choices":[{"text":""#, r#""}]}"#);
    for (text, expected) in [
        (r#"x","text":"y"#, "y"),
        (r#"x"},{"text":"y"#, "x"),
        (r#"x"}],"choices":[{"text":"y"#, "y"),
        (r#"x"}],"output_text":"y","z":[{"a":"b"#, "x"),
    ] {
        assert_eq!(like(before, after, &["a", text, "b"]).texts(), ["a", expected, "b"]);
    }
    for text in ["x\ty", r"x\y", r"x\u12", r#"x"y"#, r"x\"] {
        let seen = like(before, after, &["a", text, "b"]);
        assert!(!seen.events[1].json, "{text}");
        assert_eq!(seen.texts(), ["a", &format!("{before}{text}{after}"), "b"]);
    }
}

#[test]
fn other_values_may_differ_too() {
    let event = |id: &str, before: &str, text: &str, created: &str| {
        format!(
            r#"{{"id":"{id}","created":{before},"choices":[{{"text":"{text}","n":{created}}}],"x":"{id}"}}"#
        )
    };
    let events = [
        event("a", "1", "b", "2"),
        event("c", "10", "b", "-3.5e7"),
        event("a longer one", "11", "a longer text", "0"),
        event("é\\n", "9", "d", "12"),
        event("", "9", "e", "13"),
        event("f", "9", "", "13"),
        event("g", "9", "h", "0"),
        event("g", "9", "h", "0"),
    ];
    let seen = sse(events.iter().map(|data| format!("data: {data}\n\n")).collect::<String>());
    assert_eq!(seen.texts(), ["b", "b", "a longer text", "d", "e", "", "h", "h"]);
    assert_eq!(seen.data(), events);
    assert!(seen.events.iter().all(|event| event.json));
    // What is no number in the place of one.
    for bad in ["01", "-", "1.", "", "1 2", "x"] {
        let seen = sse([event("a", "1", "b", "2"), event("a", bad, "c", "2")]
            .map(|data| format!("data: {data}\n\n"))
            .concat());
        assert!(!seen.events[1].json, "{bad}");
    }
}

#[test]
fn a_value_of_another_kind_or_another_key_is_another_structure() {
    let with = |rest: &str| format!("data: {{\"output_text\":\"a\",{rest}}}\n\n");
    for (one, other, text) in [
        (r#""choices":1"#, r#""choices":[{"text":"b"}]"#, "b"),
        (r#""x":[{"text":"b"}]"#, r#""choices":[{"text":"b"}]"#, "b"),
        (r#""choices":[{"text":""}]"#, r#""choices":[{"text":"b"}]"#, "b"),
        (r#""choices":[{"text":1}]"#, r#""choices":[{"text":"1"}]"#, "1"),
        (r#""output_tex":"b""#, r#""output_text":"b""#, "b"),
        (r#""x":"output_text""#, r#""x":"","output_text":"""#, ""),
    ] {
        let seen = sse([with(one), with(other), with(one)].concat());
        assert_eq!(seen.texts(), ["a", text, "a"], "{other}");
    }
    let seen = sse([with(r#""error":null"#), with(r#""error":1"#)].concat());
    assert!(seen.error.is_some());
    let seen = sse([
        with(r#""finish_reason":"""#),
        with(r#""finish_reason":"b""#),
        with(r#""usage":1"#),
        with(r#""usage":{}"#),
    ]
    .concat());
    assert_eq!(seen.flags, flags::FINISH | flags::USAGE);
}

#[test]
fn more_values_than_are_remembered() {
    let event = |first: &str, text: &str, last: usize| {
        let numbers = (0..100).map(|n| (n + last).to_string()).collect::<Vec<_>>().join(",");
        format!(
            "data: {{\"id\":\"{first}\",\"x\":[{numbers}],\"output_text\":\"{text}\",\"y\":[{last}]}}\n\n"
        )
    };
    let seen = sse([event("a", "b", 0), event("c", "d", 0), event("c", "e", 1), event("f", "e", 1)].concat());
    assert_eq!(seen.texts(), ["b", "d", "e", "e"]);
    // Nor is an event of such a size.
    let long = "x".repeat(9000);
    let body = [&long, "a", "b", &long, "c"]
        .map(|text| format!("data: {{\"output_text\":\"{text}\"}}\n\n"))
        .concat();
    assert_eq!(decode(Format::Sse, NO_LIMIT, &[body.as_bytes()]).texts(), [&long, "a", "b", &long, "c"]);
}

#[test]
fn what_ends_a_stream_is_seen_after_a_template() {
    let seen = like(r#"{"choices":[{"text":""#, r#""}]}"#, &["a", r#"x"}],"error":[{"a":"b"#, "c"]);
    assert_eq!((seen.texts(), seen.flags), (vec!["a".to_owned()], flags::ERROR));
    let seen = like(r#"{"choices":[{"text":""#, r#""}]}"#, &["a", r#"x","finish_reason":"stop"#, "c"]);
    assert_eq!((seen.text().as_str(), seen.flags), ("axc", flags::FINISH));
    assert!(seen.finish.contains("stop"));
}

#[test]
fn notes_are_of_the_last_event_even_if_it_repeats_an_earlier_one() {
    let event =
        |text: &str, usage: u32| format!(r#"{{"choices":[{{"text":"{text}"}}],"usage":{{"n":{usage}}}}}"#);
    let events = [event("a", 1), event("b", 1), event("", 2), event("c", 1)];
    let seen = sse(events.iter().map(|data| format!("data: {data}\n\n")).collect::<String>());
    assert_eq!((seen.text().as_str(), &seen.usage), ("abc", &events[3]));
    let event =
        |text: &str, reason: &str| format!(r#"{{"finish_reason":"{reason}","output_text":"{text}"}}"#);
    let events = [event("a", "x"), event("b", "x"), event("", "y"), event("c", "x")];
    let seen = sse(events.iter().map(|data| format!("data: {data}\n\n")).collect::<String>());
    assert_eq!(&seen.finish, &events[3]);
}

#[test]
fn fields_around_it_count() {
    let data = |text: &str| format!("data: {{\"output_text\":\"{text}\"}}\n");
    let body = [
        &data("a"),
        "\n",
        &data("b"),
        "\n",
        "event: x\n",
        &data("c"),
        "\n",
        &data("d"),
        "event: y\n\n",
        "id: 1\n",
        &data("e"),
        "\n",
        "id: 2\n\n",
        &data("f"),
        "\n",
        ": comment\n",
        &data("g"),
        "\n",
        &data("h"),
        &data("i"),
        "\n",
        &data("j"),
        ": x\n\n",
        &data("k"),
        "\n",
        "data: 1\n",
        &data("l"),
        "\n",
        "event: error\n",
        &data("m"),
        "\n",
    ]
    .concat();
    let seen = sse(body);
    let (h, l) = ("{\"output_text\":\"h\"}\n{\"output_text\":\"i\"}", "1\n{\"output_text\":\"l\"}");
    assert_eq!(seen.texts(), ["a", "b", "c", "d", "e", "f", "g", h, "j", "k", l]);
    assert_eq!(seen.names()[2..4], ["x", "y"]);
    assert_eq!(seen.ids()[3..7], ["", "1", "2", "2"]);
    assert!(seen.error.is_some());
}

#[test]
fn a_field_behind_the_data_counts_each_time() {
    let event = "data: {\"output_text\":\"a\"}\n";
    let body =
        [event, "event: x\n\n", event, "event: x\n\n", event, "\n", event, "id: 1\n\n", event, "id: 1\n\n"]
            .concat();
    let seen = sse([&body, "id: 2\n\n", event, "\n", event, "id: 1\n\n"].concat());
    assert_eq!(seen.names(), ["x", "x", "message", "message", "message", "message", "message"]);
    assert_eq!(seen.ids(), ["", "", "", "1", "1", "2", "1"]);
}

#[test]
fn a_carriage_return_at_the_end_may_be_half_of_a_line_end() {
    let event = "data: {\"output_text\":\"a\"}";
    let seen = sse(format!("{event}\r\r{event}\r\r\n{event}\n\r{event}\n\n\r\n{event}\r\n\n{event}\n\r\n"));
    assert_eq!(seen.text(), "aaaaaa");
}

#[test]
fn broken_utf8_inside_and_around() {
    let event = |id: &[u8], text: &[u8]| {
        [b"data: {\"id\":\"", id, b"\",\"output_text\":\"", text, b"\"}\n\n"].concat()
    };
    let body = [
        event(b"1", b"a"),
        event(b"1", b"\xff"),
        event(b"1", b"\xf0\x9f"),
        event(b"1", b"b"),
        event(b"\xff", b"c"),
        event(b"\xff", b"d"),
        event(b"1", b"e"),
    ]
    .concat();
    assert_eq!(sse(body).texts(), ["a", "\u{fffd}", "\u{fffd}", "b", "c", "d", "e"]);
}

#[test]
fn a_doubled_prefix_is_learned_as_well() {
    let event = |text: &str| format!("data: data: {{\"output_text\":\"{text}\"}}\n\n");
    let seen = sse([event("a"), event("b"), event("c")].concat());
    assert_eq!((seen.text().as_str(), seen.data()[1]), ("abc", "{\"output_text\":\"b\"}"));
}
