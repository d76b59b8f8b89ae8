//! Classes written in JavaScript that the package exports as they are.
//!
//! Rust makes none of them through these types; they are here so that the generated module hands them on, and every
//! entry of the package takes all its exports from that one module.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/errors.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    pub type PureRouterError;
    #[wasm_bindgen(reexport)]
    pub type APIError;
    #[wasm_bindgen(reexport)]
    pub type BadRequestError;
    #[wasm_bindgen(reexport)]
    pub type AuthenticationError;
    #[wasm_bindgen(reexport)]
    pub type PermissionDeniedError;
    #[wasm_bindgen(reexport)]
    pub type NotFoundError;
    #[wasm_bindgen(reexport)]
    pub type ConflictError;
    #[wasm_bindgen(reexport)]
    pub type UnprocessableEntityError;
    #[wasm_bindgen(reexport)]
    pub type RateLimitError;
    #[wasm_bindgen(reexport)]
    pub type InternalServerError;
    #[wasm_bindgen(reexport)]
    pub type APIConnectionError;
    #[wasm_bindgen(reexport)]
    pub type APITimeoutError;
    #[wasm_bindgen(reexport)]
    pub type StreamError;
    #[wasm_bindgen(reexport)]
    pub type TruncatedStreamError;
    #[wasm_bindgen(reexport)]
    pub type ResponseFormatError;
    #[wasm_bindgen(reexport)]
    pub type FallbackError;
}

#[wasm_bindgen(module = "/src/js/stream.js")]
extern "C" {
    #[wasm_bindgen(reexport)]
    pub type CompletionStream;
}

// What the stream imports in turn; naming a file is what ships it.
#[wasm_bindgen(module = "/src/js/lane.js")]
extern "C" {
    type Lane;
}
#[wasm_bindgen(module = "/src/js/queue.js")]
extern "C" {
    type Queue;
}
#[wasm_bindgen(module = "/src/js/clock.js")]
extern "C" {
    type Clock;
}
#[wasm_bindgen(module = "/src/js/handover.js")]
extern "C" {
    #[allow(dead_code)]
    fn split();
}
