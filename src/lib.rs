//! PureRouter for browsers and the edge.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod core;
#[cfg(target_family = "wasm")]
pub mod js;

// A browser downloads what allocates: std's is six times as large, and streams are no faster with it. Of the npm package
// alone: a Rust program has one allocator, which is its own to choose.
#[cfg(all(target_family = "wasm", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
