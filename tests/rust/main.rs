//! The Rust API, as a Rust program uses it: in Node, against answers of the runtime's own making and a real socket.
//!
//! What JavaScript and Rust have in common is tested on the JavaScript side; here, that Rust gets all of it, in its own
//! types, and that dropping is cancelling.
#![cfg(target_family = "wasm")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod answers;
mod calls;
mod cancelling;
mod errors;
mod options;
mod streams;
mod targets;
