//! The Rust API: builders and types over the calls that the JavaScript classes make too.
//!
//! It says what a call is in Rust's terms (durations, `Option`, one error) and decides nothing: retries, timeouts, fallback
//! and decoding are those of `js` and `core`, and a promise that holds for the npm package holds here. What is taken and
//! given are Rust values; where a JavaScript one is wanted, the method's name says so.

mod attempt;
mod cancel;
mod client;
mod completion;
mod error;
mod event;
mod options;
mod request;
mod ships;
mod stream;
mod targets;

pub use crate::core::fallback::MidStream;
pub use crate::core::price::{INSTANCES, Instance};
pub use attempt::Attempt;
pub use client::{Client, ClientBuilder};
pub use completion::{Completion, Timing, Usage};
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use request::{Message, Request, Role};
pub use stream::{CompletionStream, Head, TextStream};
pub use targets::{Deployment, Fallback, Hedge, Router, Target};
