//! PureRouter for browsers and the edge.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod core;
#[cfg(target_family = "wasm")]
pub mod js;

// A browser downloads what allocates: std's is six times as large, and streams are no faster with it.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
