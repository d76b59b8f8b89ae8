//! The stream decoder, from outside: its rules one by one, arbitrary streams against a slow reference, and the answers
//! of a real server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

mod bodies;
mod bounds;
mod captures;
mod drive;
mod endings;
mod fields;
mod json;
mod parse;
mod reference;
mod streams;
mod templates;
mod texts;
