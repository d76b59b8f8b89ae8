//! The Rust API: builders and types over the calls that the JavaScript classes make too.
//!
//! It says what a call is in Rust's terms (durations, `Option`, one error) and decides nothing: retries, timeouts, fallback
//! and decoding are those of `js` and `core`, and a promise that holds for the npm package holds here. What is taken and
//! given are Rust values, but for what exists to meet JavaScript: `ClientBuilder::fetch`, `CompletionStream::into_response`
//! and an error for `?`. Answers and errors are plain data; clients, targets, requests and streams hold JavaScript values.

mod attempt;
mod cancel;
mod client;
mod completion;
mod error;
mod event;
mod mid_stream;
mod options;
mod price;
mod request;
mod ships;
mod stream;
mod targets;

pub use attempt::Attempt;
pub use client::{Client, ClientBuilder};
pub use completion::{Completion, Timing, Usage};
pub use error::{Error, ErrorKind, TimeoutPhase};
pub use event::Event;
pub use mid_stream::MidStream;
pub use price::{INSTANCES, Instance};
pub use request::{Message, Request, Role};
pub use stream::{CompletionStream, Head, TextStream};
pub use targets::{Deployment, Fallback, Hedge, Router, Target};
