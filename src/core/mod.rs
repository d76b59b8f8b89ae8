//! The sans-IO half: decisions as pure functions, with time, randomness and bytes as arguments.
//!
//! Nothing here knows JavaScript, waits, or sends: every rule can be tested natively, fuzzed, and read on its own.
//! The other half, `js`, performs what is decided here.

pub mod breaker;
pub mod content_type;
pub mod decoder;
pub mod fallback;
pub mod header;
pub mod hedge;
pub mod path;
pub mod price;
pub mod redact;
pub mod request;
pub mod retry;
pub mod status;
pub mod suggest;
pub mod timing;
