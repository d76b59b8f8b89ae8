//! The boundary: every JavaScript value of the crate lives here, and every effect.
//!
//! `client` and `combinators` have the exported classes, which the npm package alone has (feature `npm`), `call` one call's attempts, `fetch` the one place that sends, `stream` the wasm
//! half of a stream, whose other half reads the body in JavaScript (`session.js`, `lane.js`). What is decided on the way is the
//! core's.

// What is exported to JavaScript must be `pub`, though no Rust outside reaches it.
#![allow(unreachable_pub)]
// Some of it only the classes call, which the npm package alone has.
#![cfg_attr(not(feature = "npm"), allow(dead_code))]

mod attempt;
mod beacon;
pub(crate) mod call;
mod cancel;
#[cfg(feature = "npm")]
mod client;
#[cfg(feature = "npm")]
mod combinators;
mod completion;
pub(crate) mod decoders;
pub(crate) mod error;
#[cfg(feature = "npm")]
mod exports;
mod failure;
mod fetch;
mod headers;
pub(crate) mod options;
mod plan;
#[cfg(feature = "npm")]
mod price;
mod question;
pub(crate) mod race;
pub(crate) mod request;
mod runtime;
pub(crate) mod stream;
pub(crate) mod target;
pub(crate) mod value;
mod wait;

#[cfg(feature = "npm")]
pub use client::{Deployments, PureRouter, Router};
#[cfg(feature = "npm")]
pub use combinators::{Comparisons, Lineup};
pub use stream::{CompletionStream, StreamCall};
pub use target::Target;
