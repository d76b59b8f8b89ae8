//! PureRouter for browsers and the edge: language models behind one API, streamed through WebAssembly.
//!
//! This crate is for Rust that is compiled to `wasm32-unknown-unknown` and runs in a page (Leptos, Yew, Dioxus) or in a
//! Worker (workers-rs). The npm package `purerouter` is the same code behind JavaScript classes. A request is retried,
//! timed, redacted and decoded in the same way from both.
//!
#![cfg_attr(all(target_family = "wasm", feature = "client"), doc = "```no_run")]
#![cfg_attr(not(all(target_family = "wasm", feature = "client")), doc = "```ignore")]
//! use purerouter::{Client, Error, Request};
//!
//! async fn answer(show: impl Fn(&str)) -> Result<(), Error> {
//!     // A page asks its own server, which adds the key: no key belongs in a page.
//!     let client = Client::builder().base_url("/").build()?;
//!     let request = Request::prompt("Write a limerick about crabs.").max_tokens(80);
//!     let mut stream = client.deployment("my-deployment").stream(request);
//!     while let Some(event) = stream.next().await {
//!         show(event?.text());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Where to go from here:
//!
//! * [`Client`] makes everything else; [`ClientBuilder`] has its options.
//! * [`Deployment`], [`Router`], [`Fallback`] and [`Hedge`] are whom one asks; each has `invoke` for a whole answer, a
//!   [`Completion`], and `stream` for one that is read as it comes.
//! * [`Request`] is what one asks, with the options of one call (timeouts, retries, headers).
//! * [`CompletionStream`] is a [`futures` stream](https://docs.rs/futures-core) of [`Event`]s. Dropped, it cancels its
//!   request, and so does the future of `invoke`.
//! * [`Error`] is the one error, with `is_…` predicates, the service's status and what had arrived.
//!
//! Times are [`std::time::Duration`]s, sizes are bytes, money is US dollars.
//!
//! Answers and errors are plain data, `Send` and `Sync`. Clients, targets, requests, streams and futures are not, since they
//! hold JavaScript values: spawn with `wasm_bindgen_futures::spawn_local`, or your framework's own.
//!
//! # Features
//!
//! * `client` (default): the Rust API.
//! * `npm`: what the npm package is built with, and nothing for a Rust program: it exports JavaScript classes and sets the
//!   allocator.
//!
//! On other targets than wasm the crate compiles, and is empty. A program that also renders on a server keeps what
//! calls PureRouter behind `#[cfg(target_family = "wasm")]`.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Where there is no Rust API, the links to it lead nowhere.
#![cfg_attr(not(all(target_family = "wasm", feature = "client")), allow(rustdoc::broken_intra_doc_links))]

// The README's example is compiled as well, and the guide's.
#[cfg(all(doctest, target_family = "wasm", feature = "client"))]
#[doc = include_str!("../README.md")]
struct Readme;
#[cfg(all(doctest, target_family = "wasm", feature = "client"))]
#[doc = include_str!("../docs/rust.md")]
struct Guide;

#[doc(hidden)]
pub mod core;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod js;

#[cfg(all(target_family = "wasm", feature = "client"))]
mod api;
#[cfg(all(target_family = "wasm", feature = "client"))]
pub use api::{
    Attempt, Client, ClientBuilder, Completion, CompletionStream, Deployment, Error, ErrorKind, Event,
    Fallback, Head, Hedge, INSTANCES, Instance, Message, MidStream, Request, Role, Router, Target,
    TextStream, TimeoutPhase, Timing, Usage,
};

// A browser downloads what allocates: std's is six times as large, and streams are no faster with it. Of the npm package
// alone: a Rust program has one allocator, which is its own to choose.
#[cfg(all(target_family = "wasm", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
