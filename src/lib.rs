//! PureRouter for browsers and the edge.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod core;
#[cfg(target_family = "wasm")]
pub mod js;
