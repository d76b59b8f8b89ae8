//! Where an event's text is, and what it is: what `JSON.parse` would give.

use purerouter::core::decoder::{Format, flags};

use crate::drive::{Drive, NO_LIMIT, Seen, sse};

fn event(data: &str) -> Seen {
    let seen = sse(format!("data: {data}\n\n"));
    assert_eq!(seen.events.len(), 1);
    assert_eq!(seen.data(), [data]);
    seen
}

#[test]
fn the_first_place_that_has_text() {
    for (data, text) in [
        (r#"{"choices":[{"text":"a"}]}"#, "a"),
        (r#"{"choices":[{"delta":{"content":"a"}}]}"#, "a"),
        (r#"{"choices":[{"message":{"role":"assistant","content":"a"}}]}"#, "a"),
        (r#"{"output_text":"a"}"#, "a"),
        (
            r#"{"output_text":"d","choices":[{"message":{"content":"c"},"delta":{"content":"b"},"text":"a"}]}"#,
            "a",
        ),
        (
            r#"{"output_text":"d","choices":[{"message":{"content":"c"},"delta":{"content":"b"},"text":""}]}"#,
            "b",
        ),
        (r#"{"output_text":"d","choices":[{"message":{"content":"c"},"delta":{"content":null}}]}"#, "c"),
        (r#"{"output_text":"d","choices":[{"message":{"content":["c"]},"delta":{},"text":7}]}"#, "d"),
        (r#"{"output_text":"d","choices":[]}"#, "d"),
        (r#"{"choices":[{"index":0},{"text":"b"}]}"#, ""),
        (r#"{"choices":[{"text":"a"},{"text":"b"}]}"#, "a"),
        (r#"{"choices":[null,{"text":"b"}]}"#, ""),
        (r#"{"choices":[[{"text":"b"}]]}"#, ""),
        (r#"{"choices":{"0":{"text":"b"},"text":"b"}}"#, ""),
        (r#"{"choices":"text","text":"b","content":"c"}"#, ""),
        (r#"{"choices":[{"delta":"a","message":[{"content":"b"}]}]}"#, ""),
        (r#"{"a":{"choices":[{"text":"b"}],"output_text":"c"}}"#, ""),
        (r#"{"a":[{"output_text":"c"},{}],"b":{"c":[]},"output_text":"a","z":[1,[2,{"y":"x"}]]}"#, "a"),
        (r#"[{"output_text":"a"}]"#, ""),
        (r#"{"output_text":{"output_text":"a"}}"#, ""),
        ("{}", ""),
        ("\"a\"", ""),
        ("17", ""),
        ("null", ""),
        (r#"{"error":null}"#, ""),
        (" \t{ \"choices\" :\t[ { \"text\" : \"a\" , \"b\":[ ] } , 1 ] } \t", "a"),
    ] {
        let seen = event(data);
        assert_eq!((seen.text().as_str(), seen.events[0].json), (text, true), "{data}");
        assert_eq!(seen.deltas, u32::from(!text.is_empty()));
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    for (data, text) in [
        (r#"{"output_text":"a","output_text":"b"}"#, "b"),
        (r#"{"output_text":"a","output_text":null}"#, ""),
        (r#"{"output_text":"a","output_text":""}"#, ""),
        (r#"{"choices":[{"text":"a"}],"choices":[]}"#, ""),
        (r#"{"choices":[{"text":"a"}],"choices":null,"output_text":"b"}"#, "b"),
        (r#"{"choices":[{"text":"a"}],"choices":[{"delta":{"content":"b"}}]}"#, "b"),
        (r#"{"choices":[{"text":"a"}],"choices":[{"message":{"content":"b"}}]}"#, "b"),
        (r#"{"choices":[{"text":"a","text":"b","text":1,"delta":{"content":"c"}}]}"#, "c"),
        (r#"{"choices":[{"delta":{"content":"a"},"delta":{}}]}"#, ""),
        (r#"{"choices":[{"delta":{"content":"a"},"delta":"b"}]}"#, ""),
        (r#"{"choices":[{"delta":{"content":"a","content":"b"}}]}"#, "b"),
        (r#"{"choices":[{"message":{"content":"a"},"message":null}]}"#, ""),
        (r#"{"output_text":"a","\u006futput_text":"b"}"#, "b"),
        (r#"{"choices":[{"text":"a","t\u0065xt":"b"}]}"#, "b"),
    ] {
        assert_eq!(event(data).text(), text, "{data}");
    }
}

#[test]
fn keys_may_be_written_with_escapes() {
    for (key, is_it) in [
        (r"\u006futput_text", true),
        (r"\u006Futput\u005ftext", true),
        (r"\u006f\u0075\u0074\u0070\u0075\u0074\u005f\u0074\u0065\u0078\u0074", true),
        (r"\\u006futput_text", false),
        (r"output_text\u0000", false),
        (r"output\/text", false),
        (r"output_text\n", false),
        (r"\ud83d\ude00output_text", false),
        (r"output_te\u0178t", false),
        (r"output_text\u006foutput_text", false),
    ] {
        assert_eq!(event(&format!(r#"{{"{key}":"a"}}"#)).text(), if is_it { "a" } else { "" }, "{key}");
    }
}

#[test]
fn escapes() {
    for (string, text) in [
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r"\u0041\u00e9\u00E9\u65e5\u0000", "Aéé日\0"),
        (r"a\ud83d\ude00b", "a😀b"),
        (r"\uD83D\uDE00\uFEFF", "😀\u{feff}"),
        ("日本\u{7f}é😀", "日本\u{7f}é😀"),
        (r"\\ud83d \\\\n", r"\ud83d \\n"),
        (r"\udbff\udfff\ud800\udc00", "\u{10ffff}\u{10000}"),
    ] {
        let seen = event(&format!(r#"{{"output_text":"{string}"}}"#));
        assert_eq!(seen.text(), text, "{string}");
    }
}

#[test]
fn lone_surrogates_are_kept() {
    for (string, units) in [
        (r"\ud83d", &[0xd83d][..]),
        (r"\ude00", &[0xde00]),
        (r"a\ud83db", &[0x61, 0xd83d, 0x62]),
        (r"\ud83d\u0041", &[0xd83d, 0x41]),
        (r"\ud83d\n", &[0xd83d, 0x0a]),
        (r"\ud83d\ud83d\ude00", &[0xd83d, 0xd83d, 0xde00]),
        (r"\ude00\ud83d", &[0xde00, 0xd83d]),
        (r"é日😀\udfff", &[0xe9, 0x65e5, 0xd83d, 0xde00, 0xdfff]),
    ] {
        // The texts around it keep their places, and a templated event is one as well.
        let body = [r"x", string, r"é", string]
            .map(|string| format!("data: {{\"choices\":[{{\"text\":\"{string}\"}}]}}\n\n"))
            .concat();
        let seen = sse(body);
        let texts: Vec<&[u16]> = seen.events.iter().map(|event| event.text.as_slice()).collect();
        assert_eq!(texts, [&[0x78][..], units, &[0xe9], units], "{string}");
    }
}

#[test]
fn a_lone_surrogate_makes_one_push_wide() {
    let mut drive = Drive::new(Format::Sse, NO_LIMIT);
    drive.push(b"data: {\"output_text\":\"a\"}\n\ndata: {\"output_text\":\"\\ud83d\"}\n\n");
    assert_eq!(drive.flags, flags::WIDE);
    assert_eq!(drive.decoder.text(), [0x61, 0, 0x3d, 0xd8]);
    // The other half in a text of its own: for JavaScript, joining the two gives the character.
    drive.push(b"data: {\"output_text\":\"\\ud83d\"}\n\ndata: {\"output_text\":\"\\ude00\"}\n\n");
    assert_eq!(drive.decoder.text(), [0x3d, 0xd8, 0, 0xde]);
    drive.push(b"data: {\"output_text\":\"\\ud83d\\ude00\"}\n\n");
    assert_eq!((drive.flags, drive.decoder.text()), (0, "😀".as_bytes()));
    drive.push(b"data: {\"output_text\":\"a\"}\n\n");
    assert_eq!((drive.flags, drive.decoder.text()), (flags::ASCII, b"a".as_slice()));
}

#[test]
fn data_that_is_not_json_is_the_text() {
    for data in
        ["Hello", "{", "", "{\"output_text\":\"a\"}}", "{'a':1}", "nul", "data", "日本 \\n", "\u{feff}{}"]
    {
        let seen = event(data);
        assert_eq!((seen.text().as_str(), seen.events[0].json), (data, false), "{data}");
    }
    let seen =
        sse("data: {\ndata: \"output_text\":\ndata: \"a\"}\n\ndata: {\"output_text\":\"a\ndata: b\"}\n\n");
    assert_eq!(seen.texts(), ["a", "{\"output_text\":\"a\nb\"}"]);
}

#[test]
fn offsets_count_utf16_units() {
    let seen = sse("data: é\n\ndata: 😀\n\ndata: a\n\ndata: 日\u{fffd}\n\n");
    assert_eq!(seen.texts(), ["é", "😀", "a", "日\u{fffd}"]);
}
