//! One event of a stream. It stays where JavaScript has made it, and gives what it is asked for: most readers want the text.

use std::fmt;

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::error::{Error, value_as};
use crate::js::value::{get, get_string};

/// One event of a stream, as the service sent it.
///
/// ```no_run
/// # fn show(event: purerouter::Event) -> Result<(), purerouter::Error> {
/// #[derive(serde::Deserialize)]
/// struct Logged {
///     logprobs: Option<Vec<f64>>,
/// }
/// print!("{}", event.text());
/// println!(" {:?}", event.json_as::<Logged>()?.logprobs);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Event {
    text: String,
    // Most readers want the text alone; the rest is fetched where it is asked for.
    js: JsValue,
}

impl Event {
    pub(super) fn from_js(js: JsValue) -> Self {
        Self { text: get_string(&js, "text").unwrap_or_default(), js }
    }

    /// The text that it adds to the answer; often empty, as in an event that tells the usage.
    ///
    /// A lone surrogate, which Rust's strings cannot hold, is U+FFFD here.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its data as it came.
    #[must_use]
    pub fn data(&self) -> String {
        get_string(&self.js, "data").unwrap_or_default()
    }

    /// Its type: `"message"` where the service named none, `"restart"` where another target starts the answer over (see
    /// [`MidStream::Restart`](crate::MidStream::Restart)).
    #[must_use]
    pub fn event_type(&self) -> String {
        get_string(&self.js, "event").unwrap_or_default()
    }

    /// The last id that the stream has named.
    #[must_use]
    pub fn id(&self) -> String {
        get_string(&self.js, "id").unwrap_or_default()
    }

    /// Its data as a type of yours.
    ///
    /// # Errors
    /// Where the data is no JSON of this form: [`Error::is_decode`].
    pub fn json_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        value_as(get(&self.js, "json"), "The event's data")
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("event_type", &self.event_type())
            .field("id", &self.id())
            .field("data", &self.data())
            .finish()
    }
}
