//! What is asked of a model, and how this one call is made.

use js_sys::Object;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::error::Error;
use super::options::{Options, common_options, put};

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

/// One message of a conversation, as text. With `serde` it is what the wire has: `{"role": "user", "content": "Hi."}`.
///
/// Messages of another form (pictures, tools) are a type of yours that `serde` can write, given to
/// [`Request::messages`].
///
/// ```no_run
/// use purerouter::{Message, Request, Role};
///
/// let mut conversation = vec![Message::system("Be brief."), Message::user("Why is the sky blue?")];
/// let request = Request::messages(&conversation);
/// // … and once the answer is there:
/// conversation.push(Message::assistant("Blue light scatters most."));
/// assert_eq!(conversation[2].role(), Role::Assistant);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    role: Role,
    content: String,
}

/// Who says a [`Message`].
///
/// ```no_run
/// use purerouter::{Message, Role};
///
/// let css_class = |message: &Message| if message.role() == Role::User { "mine" } else { "theirs" };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

    /// Who says it.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// What is said.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }
}

impl Request {
    fn of(name: &str, value: impl Serialize) -> Self {
        Self { fields: Vec::new(), options: Options::default(), refused: None }.field(name, value)
    }

    /// A text to go on from.
    pub fn prompt(prompt: &str) -> Self {
        Self::of("prompt", prompt)
    }

    /// A conversation: [`Message`]s, or whatever else the deployment takes as one.
    pub fn messages(messages: impl IntoIterator<Item = impl Serialize>) -> Self {
        Self::of("messages", messages.into_iter().collect::<Vec<_>>())
    }

    /// Whatever the deployment takes as `input`.
    pub fn input(input: impl Serialize) -> Self {
        Self::of("input", input)
    }

    /// Whatever the deployment takes as `inputs`.
    pub fn inputs(inputs: impl Serialize) -> Self {
        Self::of("inputs", inputs)
    }

    /// How many tokens the answer may have, from 1 up.
    pub fn max_tokens(self, tokens: u32) -> Self {
        self.with("max_tokens", tokens.into())
    }

    /// How much chance there is in the answer, from 0 (none) up.
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
