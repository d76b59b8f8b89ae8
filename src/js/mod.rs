//! The boundary: every JavaScript value of the crate lives here, and every effect.
//!
//! `client` has the exported classes, `call` one call's attempts, `fetch` the one place that sends, `stream` the wasm
//! half of a stream, whose other half reads the body in JavaScript (`session.js`, `lane.js`). What is decided on the way is the
//! core's.

// What is exported to JavaScript must be `pub`, though no Rust outside reaches it.
#![allow(unreachable_pub)]

mod attempt;
mod call;
mod cancel;
mod client;
mod completion;
mod decoders;
mod error;
mod exports;
mod failure;
mod fetch;
mod headers;
mod options;
mod plan;
mod price;
mod question;
mod race;
mod request;
mod runtime;
mod stream;
mod target;
mod value;

pub use client::{Deployments, PureRouter, Router};
pub use stream::{CompletionStream, StreamCall};
pub use target::{Lineup, Target};
