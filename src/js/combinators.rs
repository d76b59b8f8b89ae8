//! Targets as JavaScript has them: the exported class, and the combinators, which take arrays of them.
//!
//! Of the npm package alone. A Rust program has its own (in `src/api`), and no class of ours among its exports.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;

use super::call::Client;
use super::error::{listed, range_error, type_error};
use super::options::{check_names, function};
use super::question::question;
use super::stream::CompletionStream;
use super::target::{Fallback, Hedge, Node, Target};
use super::value::{call, get, is_array, kind, method, set};
use crate::core::fallback::MidStream;

#[wasm_bindgen(module = "/src/js/compare.js")]
extern "C" {
    /// What `compare` returns.
    pub type Comparisons;
    #[wasm_bindgen(constructor)]
    fn new(labels: &Array, streams: &Array, signal: &JsValue, refused: &JsValue) -> Comparisons;
}

/// The targets of a combinator, as they are collected from what it was given.
#[wasm_bindgen(skip_typescript)]
#[derive(Clone, Default)]
pub struct Lineup {
    nodes: Rc<RefCell<Vec<Rc<Node>>>>,
}

impl Target {
    pub(crate) fn fallback(
        client: &Rc<Client>,
        targets: &JsValue,
        options: &JsValue,
    ) -> Result<Self, JsValue> {
        let targets = lineup(client, targets, "fallback()")?;
        check_names(options, "fallback()", &["midStream", "shouldFallback"])?;
        let mode = get(options, "midStream");
        let mid_stream = if mode.is_undefined() {
            MidStream::default()
        } else {
            mode.as_string().as_deref().and_then(MidStream::named).ok_or_else(|| {
                type_error(&[
                    "midStream: \"",
                    &listed(&MidStream::NAMES, "\", \""),
                    "\": one of these belongs here",
                ])
            })?
        };
        let should_fall_back = function(options, "shouldFallback")?;
        let node = Node::Fallback(Fallback { targets, mid_stream, should_fall_back });
        Ok(Self { client: Rc::clone(client), node: Rc::new(node) })
    }

    pub(crate) fn hedge(client: &Rc<Client>, targets: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let targets = lineup(client, targets, "hedge()")?;
        check_names(options, "hedge()", &["delay"])?;
        let delay = match get(options, "delay").as_f64() {
            Some(delay) if delay >= 0.0 => delay,
            Some(_) => return Err(range_error(&["delay: milliseconds from 0 up belong here"])),
            None => {
                return Err(type_error(&[
                    "delay: how many milliseconds to wait for an answer before the next target is asked too",
                ]));
            }
        };
        Ok(Self { client: Rc::clone(client), node: Rc::new(Node::Hedge(Hedge { targets, delay })) })
    }

    pub(crate) fn compare(
        client: &Rc<Client>,
        targets: &JsValue,
        request: &JsValue,
        options: &JsValue,
    ) -> Comparisons {
        let (labels, streams) = (Array::new(), Array::new());
        let prepared = lineup(client, targets, "compare()").and_then(|nodes| {
            question(request, true)?;
            client.options.call.for_call(options, client.options.allow_browser)?;
            Ok(nodes)
        });
        let refused = match prepared {
            Err(refused) => refused,
            Ok(nodes) => {
                for node in nodes {
                    let target = Self { client: Rc::clone(client), node };
                    labels.push(&target.label().into());
                    streams.push(&target.opened(request, options).into());
                }
                JsValue::UNDEFINED
            }
        };
        Comparisons::new(&labels, &streams, &get(options, "signal"), &refused)
    }
}

#[wasm_bindgen]
impl Target {
    /// The `Completion` of an answer that comes whole.
    pub fn invoke(&self, request: &JsValue, options: &JsValue) -> Promise {
        self.once(request, options)
    }

    /// The answer as it comes.
    pub fn stream(&self, request: &JsValue, options: &JsValue) -> CompletionStream {
        self.opened(request, options)
    }

    /// Its name in `attempts`: the deployment's id, `profile:NAME`, or like `fallback(a, b)`.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> String {
        self.node.label()
    }

    /// What a log may show.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> Object {
        let shown = Object::new();
        set(&shown, "label", &self.label().into());
        shown
    }

    /// Adds this target to those of a combinator. Called from here, through JavaScript: an array's elements are
    /// JavaScript objects, and only the generated glue knows which Rust value stands behind one.
    #[wasm_bindgen(js_name = __join)]
    pub fn join(&self, lineup: &Lineup) {
        lineup.nodes.borrow_mut().push(Rc::clone(&self.node));
    }
}

/// The targets in `given`, ids among them.
pub(crate) fn lineup(client: &Rc<Client>, given: &JsValue, of: &str) -> Result<Vec<Rc<Node>>, JsValue> {
    if !is_array(given) {
        return Err(type_error(&[of, ": a list of targets or ids belongs here, and ", kind(given), " came"]));
    }
    let given: &Array = given.unchecked_ref();
    if given.length() == 0 {
        return Err(range_error(&[of, ": an empty list has nobody to ask"]));
    }
    let lineup = Lineup::default();
    let collected: JsValue = lineup.clone().into();
    for target in given.iter() {
        let target = if target.is_string() {
            Target::deployment(client, &target, &JsValue::UNDEFINED)?.into()
        } else {
            target
        };
        if method(&target, "__join").is_none() || call(&target, "__join", &collected).is_err() {
            return Err(type_error(&[
                of,
                ": each target is an id, or made by deployment(), profile(), fallback() or hedge(), and ",
                kind(&target),
                " came",
            ]));
        }
    }
    let _ = call(&collected, "free", &JsValue::UNDEFINED);
    Ok(lineup.nodes.take())
}
