//! `JSON.parse`, slowly: ECMA-404's grammar with one function a rule, strings in UTF-16 (so that half a surrogate pair is
//! one), and the last of several equal keys. Numbers keep no value: nothing of a stream's text depends on one.

/// A JSON value, as far as the decoder looks at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    Null,
    /// A number, `true` or `false`.
    Plain,
    String(Vec<u16>),
    Array(Vec<Value>),
    Object(Vec<(Vec<u16>, Value)>),
}

impl Value {
    /// The member `key`; null where there is none, and of what is no object.
    pub(crate) fn member(&self, key: &str) -> &Value {
        let Value::Object(members) = self else { return &Value::Null };
        let found = members.iter().rev().find(|(name, _)| name.iter().copied().eq(key.encode_utf16()));
        found.map_or(&Value::Null, |(_, value)| value)
    }

    /// The first element; null where there is none, and of what is no array.
    pub(crate) fn first(&self) -> &Value {
        let Value::Array(elements) = self else { return &Value::Null };
        elements.first().unwrap_or(&Value::Null)
    }

    /// A string's units, and none of anything else.
    pub(crate) fn units(&self) -> &[u16] {
        if let Value::String(units) = self { units } else { &[] }
    }
}

/// What `JSON.parse` gives for `text`; `None` where it throws.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut rest = text.as_bytes();
    let value = value(&mut rest)?;
    space(&mut rest);
    rest.is_empty().then_some(value)
}

fn space(rest: &mut &[u8]) {
    while let Some((b' ' | b'\t' | b'\n' | b'\r', after)) = rest.split_first() {
        *rest = after;
    }
}

fn take(rest: &mut &[u8], what: &[u8]) -> bool {
    let after = rest.strip_prefix(what);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

fn value(rest: &mut &[u8]) -> Option<Value> {
    space(rest);
    match rest.first()? {
        b'{' => object(rest),
        b'[' => array(rest),
        b'"' => string(rest).map(Value::String),
        b'-' | b'0'..=b'9' => number(rest).then_some(Value::Plain),
        _ if take(rest, b"null") => Some(Value::Null),
        _ => (take(rest, b"true") || take(rest, b"false")).then_some(Value::Plain),
    }
}

fn object(rest: &mut &[u8]) -> Option<Value> {
    let mut members = Vec::new();
    take(rest, b"{");
    space(rest);
    if take(rest, b"}") {
        return Some(Value::Object(members));
    }
    loop {
        space(rest);
        let name = string(rest)?;
        space(rest);
        if !take(rest, b":") {
            return None;
        }
        members.push((name, value(rest)?));
        space(rest);
        if take(rest, b"}") {
            return Some(Value::Object(members));
        }
        if !take(rest, b",") {
            return None;
        }
    }
}

fn array(rest: &mut &[u8]) -> Option<Value> {
    let mut elements = Vec::new();
    take(rest, b"[");
    space(rest);
    if take(rest, b"]") {
        return Some(Value::Array(elements));
    }
    loop {
        elements.push(value(rest)?);
        space(rest);
        if take(rest, b"]") {
            return Some(Value::Array(elements));
        }
        if !take(rest, b",") {
            return None;
        }
    }
}

fn digits(rest: &mut &[u8]) -> bool {
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    *rest = &rest[length..];
    length > 0
}

fn number(rest: &mut &[u8]) -> bool {
    take(rest, b"-");
    let whole = take(rest, b"0") || digits(rest);
    let fraction = !take(rest, b".") || digits(rest);
    let exponent = if take(rest, b"e") || take(rest, b"E") {
        let _ = take(rest, b"+") || take(rest, b"-");
        digits(rest)
    } else {
        true
    };
    whole && fraction && exponent
}

fn string(rest: &mut &[u8]) -> Option<Vec<u16>> {
    if !take(rest, b"\"") {
        return None;
    }
    let mut units = Vec::new();
    // What is not escaped, from here on.
    loop {
        let plain = rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)?;
        let (before, after) = rest.split_at(plain);
        units.extend(std::str::from_utf8(before).ok()?.encode_utf16());
        *rest = after;
        if take(rest, b"\"") {
            return Some(units);
        }
        if !take(rest, b"\\") {
            return None;
        }
        let (&escape, after) = rest.split_first()?;
        *rest = after;
        units.push(match escape {
            b'"' | b'\\' | b'/' => escape.into(),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let (hex, after) = rest.split_at_checked(4)?;
                *rest = after;
                let hex = std::str::from_utf8(hex).ok().filter(|hex| !hex.starts_with('+'))?;
                u16::from_str_radix(hex, 16).ok()?
            }
            _ => return None,
        });
    }
}
