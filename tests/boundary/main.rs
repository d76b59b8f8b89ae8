//! The boundary between JavaScript and wasm, tested from both sides of it, in Node and in a browser.
//!
//! What only the boundary can get wrong: values of every make, which must never leave a Promise pending; borrows and
//! memory across it; what a runtime is taken for. The other side of `fetch` is a mock, since it is the boundary; what
//! needs sockets is tested on the built package. Each module's odd objects stand beside it in JavaScript.
// What is tested are the classes that the npm package exports.
#![cfg(all(target_family = "wasm", feature = "npm"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod caller;
mod errors;
mod fetches;
mod options;
mod ownership;
mod responses;
mod service;
mod signals;
mod streams;
