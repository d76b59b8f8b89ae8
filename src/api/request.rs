//! What is asked of a model, and how this one call is made.

use js_sys::Object;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::error::Error;
use super::options::{Options, common_options, put};
use crate::js::value::set;

/// What is asked of a model, with the options of this one call; those replace the client's.
///
/// Fields go to the service under the wire's own names. Those that have no method here are set with
/// [`field`](Self::field).
///
/// ```no_run
/// use purerouter::{Message, Request};
/// use std::time::Duration;
///
/// let request = Request::messages([Message::system("Be brief."), Message::user("Why is the sky blue?")])
///     .max_tokens(64)
///     .temperature(0.2)
///     .field("seed", 7)
///     .timeout(Duration::from_secs(20));
/// ```
#[derive(Clone, Debug)]
#[must_use = "it asks nothing before it is given to a target"]
pub struct Request {
    fields: Vec<(String, JsValue)>,
    pub(super) options: Options,
    /// A field that could not be written, told by the call.
    refused: Option<Error>,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    role: Role,
    content: String,
}

/// Who says a [`Message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// What the model is told to be.
    System,
    /// Who asks.
    User,
    /// The model.
    Assistant,
}

impl Message {
    /// What `role` says.
    #[must_use]
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }

    /// What the model is told to be.
    #[must_use]
    pub fn system(content: impl Into<String>) -> Self {
        Self::new(Role::System, content)
    }

    /// What the user says.
    #[must_use]
    pub fn user(content: impl Into<String>) -> Self {
        Self::new(Role::User, content)
    }

    /// What the model has said.
    #[must_use]
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new(Role::Assistant, content)
    }

    fn to_js(&self) -> JsValue {
        let role = match self.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let message = Object::new();
        set(&message, "role", &JsValue::from_str(role));
        set(&message, "content", &JsValue::from_str(&self.content));
        message.into()
    }
}

impl Request {
    fn of(name: &str, value: JsValue) -> Self {
        Self { fields: vec![(name.to_owned(), value)], options: Options::default(), refused: None }
    }

    /// A text to go on from.
    pub fn prompt(prompt: &str) -> Self {
        Self::of("prompt", JsValue::from_str(prompt))
    }

    /// A conversation.
    pub fn messages(messages: impl IntoIterator<Item = Message>) -> Self {
        let messages: js_sys::Array = messages.into_iter().map(|message| message.to_js()).collect();
        Self::of("messages", messages.into())
    }

    /// Whatever the deployment takes as `input`.
    pub fn input(input: impl Serialize) -> Self {
        Self { fields: Vec::new(), options: Options::default(), refused: None }.field("input", input)
    }

    /// Whatever the deployment takes as `inputs`.
    pub fn inputs(inputs: impl Serialize) -> Self {
        Self { fields: Vec::new(), options: Options::default(), refused: None }.field("inputs", inputs)
    }

    /// How many tokens the answer may have.
    pub fn max_tokens(self, tokens: u32) -> Self {
        self.with("max_tokens", tokens.into())
    }

    /// How much chance there is in the answer: 0 for none.
    pub fn temperature(self, temperature: f64) -> Self {
        self.with("temperature", temperature.into())
    }

    /// From how much of the probability the next token is drawn: from 0 to 1.
    pub fn top_p(self, top_p: f64) -> Self {
        self.with("top_p", top_p.into())
    }

    /// The model's own parameters.
    pub fn parameters(self, parameters: impl Serialize) -> Self {
        self.field("parameters", parameters)
    }

    /// A field of the wire that has no method here. It passes through untouched.
    ///
    /// A value that cannot be written is told by the call.
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        match value.serialize(&Serializer::json_compatible()) {
            Ok(value) => self.with(name, value),
            Err(error) => {
                let why = error.to_string();
                let refused = || Error::invalid(&["request.", name, ": it cannot be written: ", &why]);
                self.refused.get_or_insert_with(refused);
                self
            }
        }
    }

    common_options!();

    fn with(mut self, name: &str, value: JsValue) -> Self {
        self.fields.push((name.to_owned(), value));
        self
    }

    /// The request, and the options of its call.
    pub(super) fn to_js(&self) -> Result<(Object, Object), Error> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        let request = Object::new();
        for (name, value) in &self.fields {
            put(&request, name, value);
        }
        Ok((request, self.options.to_js()))
    }
}

/// A prompt.
impl From<&str> for Request {
    fn from(prompt: &str) -> Self {
        Self::prompt(prompt)
    }
}

/// A prompt.
impl From<String> for Request {
    fn from(prompt: String) -> Self {
        Self::prompt(&prompt)
    }
}
