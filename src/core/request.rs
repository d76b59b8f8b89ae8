//! What a request may be, checked before anything is sent.
//!
//! Only what is wrong on its face: a field of a type that the wire does not know, a number that is none. Which values
//! a model takes is the service's to say, and fields unknown here pass through untouched.

/// What kind of value a field holds, as far as these checks look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Not there, or `undefined`.
    Missing,
    /// `null`, which is sent as it is.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number, NaN and the infinities included.
    Number(f64),
    /// A string.
    Text,
    /// An array of so many elements.
    Array(u32),
    /// Any other object.
    Object,
    /// What JSON has no form for: a function, a symbol, a bigint.
    Other,
}

/// Why a request or an option was refused; the message names the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// A value of the wrong type: JavaScript's `TypeError`.
    Type(String),
    /// A value of the right type that cannot be: `RangeError`.
    Range(String),
}

fn wrong_type<T>(parts: &[&str]) -> Result<T, Invalid> {
    Err(Invalid::Type(parts.concat()))
}

fn out_of_range<T>(parts: &[&str]) -> Result<T, Invalid> {
    Err(Invalid::Range(parts.concat()))
}

/// The fields that hold what a model is asked, one of which a request must have.
pub const PROMPTS: [&str; 4] = ["prompt", "messages", "input", "inputs"];

/// Checks the fields of a request to a deployment. `streaming` tells `stream()` from `invoke()`.
///
/// # Errors
/// The first field that is wrong.
pub fn check_invoke(field: impl Fn(&'static str) -> Shape, streaming: bool) -> Result<(), Invalid> {
    check(&field, streaming, "deployments.invoke()", "deployments.stream()")
}

/// Checks the fields of a request to automatic routing.
///
/// # Errors
/// The first field that is wrong.
pub fn check_infer(field: impl Fn(&'static str) -> Shape, streaming: bool) -> Result<(), Invalid> {
    check(&field, streaming, "router.infer()", "router.stream()")?;
    match field("profile") {
        Shape::Missing | Shape::Null | Shape::Text => Ok(()),
        _ => wrong_type(&["request.profile: the name of a profile, such as \"balanced\", belongs here"]),
    }
}

// One instance for both, through `dyn`: it is the larger half of these checks.
fn check(
    field: &dyn Fn(&'static str) -> Shape,
    streaming: bool,
    once: &str,
    stream: &str,
) -> Result<(), Invalid> {
    if PROMPTS.iter().all(|name| matches!(field(name), Shape::Missing | Shape::Null)) {
        return wrong_type(&[
            "request: one of prompt, messages, input or inputs is needed, and none is there",
        ]);
    }
    match field("prompt") {
        Shape::Missing | Shape::Null | Shape::Text => {}
        Shape::Array(0) => return out_of_range(&["request.prompt: an empty list asks nothing"]),
        Shape::Array(_) => {}
        _ => return wrong_type(&["request.prompt: a string belongs here"]),
    }
    match field("messages") {
        Shape::Missing | Shape::Null => {}
        Shape::Array(0) => return out_of_range(&["request.messages: an empty list asks nothing"]),
        Shape::Array(_) => {}
        _ => {
            return wrong_type(&["request.messages: a list of messages like { role, content } belongs here"]);
        }
    }
    for name in ["input", "inputs"] {
        if field(name) == Shape::Other {
            return wrong_type(&["request.", name, ": JSON has no form for this value"]);
        }
    }
    match field("stream") {
        Shape::Missing | Shape::Null | Shape::Bool(false) => {}
        Shape::Bool(true) if streaming => {}
        Shape::Bool(true) => {
            return wrong_type(&["request.stream: ", once, " answers once; for a stream call ", stream]);
        }
        _ => return wrong_type(&["request.stream: true or false belongs here"]),
    }
    match field("max_tokens") {
        Shape::Missing | Shape::Null => {}
        Shape::Number(n) if n >= 1.0 && n.is_finite() && n.trunc() == n => {}
        Shape::Number(_) => {
            return out_of_range(&["request.max_tokens: a whole number from 1 up belongs here"]);
        }
        _ => return wrong_type(&["request.max_tokens: a number belongs here"]),
    }
    number(field("temperature"), "temperature", f64::MAX, "from 0 up")?;
    number(field("top_p"), "top_p", 1.0, "from 0 to 1")?;
    match field("parameters") {
        Shape::Missing | Shape::Null | Shape::Object => Ok(()),
        _ => wrong_type(&["request.parameters: an object belongs here"]),
    }
}

fn number(shape: Shape, name: &str, most: f64, range: &str) -> Result<(), Invalid> {
    match shape {
        Shape::Missing | Shape::Null => Ok(()),
        Shape::Number(n) if (0.0..=most).contains(&n) => Ok(()),
        Shape::Number(_) => out_of_range(&["request.", name, ": a number ", range, " belongs here"]),
        _ => wrong_type(&["request.", name, ": a number belongs here"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoke(fields: &[(&str, Shape)]) -> Result<(), Invalid> {
        check_invoke(|name| lookup(fields, name), false)
    }

    fn infer(fields: &[(&str, Shape)]) -> Result<(), Invalid> {
        check_infer(|name| lookup(fields, name), false)
    }

    fn lookup(fields: &[(&str, Shape)], name: &str) -> Shape {
        fields.iter().find(|(field, _)| *field == name).map_or(Shape::Missing, |(_, shape)| *shape)
    }

    fn names(result: Result<(), Invalid>, range: bool, field: &str) {
        match result {
            Err(Invalid::Type(message)) if !range => assert!(message.contains(field), "{message}"),
            Err(Invalid::Range(message)) if range => assert!(message.contains(field), "{message}"),
            other => assert!(other.is_err() && other.is_ok(), "{field}: {other:?}"),
        }
    }

    #[test]
    fn something_must_be_asked() {
        for name in PROMPTS {
            let shape = if name == "messages" { Shape::Array(1) } else { Shape::Text };
            assert_eq!(invoke(&[(name, shape)]), Ok(()));
            names(invoke(&[(name, Shape::Null)]), false, name);
        }
        names(invoke(&[]), false, "prompt");
        names(infer(&[]), false, "prompt");
    }

    #[test]
    fn numbers_are_numbers() {
        let with = |name, shape| invoke(&[("prompt", Shape::Text), (name, shape)]);
        for name in ["max_tokens", "temperature", "top_p"] {
            names(with(name, Shape::Text), false, name);
            names(with(name, Shape::Number(f64::NAN)), true, name);
            names(with(name, Shape::Number(f64::INFINITY)), true, name);
            names(with(name, Shape::Number(-1.0)), true, name);
            assert_eq!(with(name, Shape::Number(1.0)), Ok(()));
            assert_eq!(with(name, Shape::Null), Ok(()));
        }
        names(with("max_tokens", Shape::Number(1.5)), true, "max_tokens");
        names(with("max_tokens", Shape::Number(0.0)), true, "max_tokens");
        names(with("top_p", Shape::Number(1.1)), true, "top_p");
        assert_eq!(with("temperature", Shape::Number(1.8)), Ok(()));
    }

    #[test]
    fn wrong_kinds_are_named() {
        let with = |name, shape| invoke(&[("prompt", Shape::Text), (name, shape)]);
        names(with("messages", Shape::Text), false, "messages");
        names(with("messages", Shape::Array(0)), true, "messages");
        names(with("parameters", Shape::Array(1)), false, "parameters");
        names(with("input", Shape::Other), false, "input");
        names(with("stream", Shape::Text), false, "stream");
        names(invoke(&[("prompt", Shape::Number(1.0))]), false, "prompt");
        names(invoke(&[("prompt", Shape::Array(0))]), true, "prompt");
        names(infer(&[("prompt", Shape::Text), ("profile", Shape::Number(1.0))]), false, "profile");
    }

    #[test]
    fn a_stream_is_asked_for_by_its_own_call() {
        let fields = [("prompt", Shape::Text), ("stream", Shape::Bool(true))];
        names(invoke(&fields), false, "deployments.stream()");
        names(infer(&fields), false, "router.stream()");
        assert_eq!(check_invoke(|name| lookup(&fields, name), true), Ok(()));
    }
}
