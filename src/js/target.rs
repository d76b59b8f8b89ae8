//! Targets: a deployment, a profile, or several of them combined, behind one interface.
//!
//! A target says whom to ask, and is asked as often as one likes; what a call of several does is the `plan`'s.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use super::call::{Asked, Call, Client, Frame};
use super::cancel::Cancellation;
use super::completion::whole;
use super::error::{range_error, type_error};
use super::options::{check_names, function};
use super::plan::Plan;
use super::question::{question, wire};
use super::race::promise;
use super::request::deployment_path;
use super::stream::{CompletionStream, StreamCall};
use super::value::{call, get, is_array, kind, method, set};
use crate::core::fallback::MidStream;
use crate::core::path;
use crate::core::price::{INSTANCES, find};

#[wasm_bindgen(module = "/src/js/compare.js")]
extern "C" {
    /// What `compare` returns.
    pub type Comparisons;
    #[wasm_bindgen(constructor)]
    fn new(labels: &Array, streams: &Array, signal: &JsValue, refused: &JsValue) -> Comparisons;
}

/// Whom a call asks.
pub(crate) enum Node {
    Leaf(Leaf),
    Fallback(Fallback),
    Hedge(Hedge),
}

/// One deployment or profile, asked through a client of its own: those of several clients can be combined.
pub(crate) struct Leaf {
    pub(crate) client: Rc<Client>,
    pub(crate) asked: Asked,
    pub(crate) path: String,
    pub(crate) profile: Option<String>,
}

/// One after the other.
pub(crate) struct Fallback {
    pub(crate) targets: Vec<Rc<Node>>,
    pub(crate) mid_stream: MidStream,
    pub(crate) should_fall_back: Option<Function>,
}

/// The next one where those before are slow.
pub(crate) struct Hedge {
    pub(crate) targets: Vec<Rc<Node>>,
    /// Milliseconds.
    pub(crate) delay: f64,
}

impl Node {
    pub(crate) fn label(&self) -> String {
        self.spelled(&|leaf| leaf.asked.label.clone())
    }

    /// Its name among the circuit breakers: two clients may have deployments of the same id, at different addresses.
    pub(crate) fn circuit(&self) -> String {
        self.spelled(&|leaf| [leaf.client.options.base_url.as_str(), " ", &leaf.asked.label].concat())
    }

    fn spelled(&self, leaf_name: &dyn Fn(&Leaf) -> String) -> String {
        let (name, targets) = match self {
            Self::Leaf(leaf) => return leaf_name(leaf),
            Self::Fallback(fallback) => ("fallback(", &fallback.targets),
            Self::Hedge(hedge) => ("hedge(", &hedge.targets),
        };
        let labels: Vec<String> = targets.iter().map(|target| target.spelled(leaf_name)).collect();
        [name, &labels.join(", "), ")"].concat()
    }

    /// Whether an answer may consist of several bodies.
    pub(crate) fn changes_bodies(&self) -> bool {
        let (changes, targets) = match self {
            Self::Leaf(_) => return false,
            Self::Fallback(fallback) => (fallback.mid_stream != MidStream::Fail, &fallback.targets),
            Self::Hedge(hedge) => (false, &hedge.targets),
        };
        changes || targets.iter().any(|target| target.changes_bodies())
    }
}

/// Whom a call asks: made by the client's `deployment`, `profile`, `fallback` and `hedge`.
#[wasm_bindgen(skip_typescript)]
pub struct Target {
    client: Rc<Client>,
    node: Rc<Node>,
}

/// The targets of a combinator, as they are collected from what it was given.
#[wasm_bindgen(skip_typescript)]
#[derive(Clone, Default)]
pub struct Lineup {
    nodes: Rc<RefCell<Vec<Rc<Node>>>>,
}

impl Target {
    pub(crate) fn deployment(client: &Rc<Client>, id: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let (path, label) = deployment_path(id)?;
        check_names(options, "deployment()", &["instance"])?;
        let instance = match get(options, "instance") {
            none if none.is_undefined() || none.is_null() => None,
            named => Some(instance(&named)?),
        };
        Ok(Self::leaf(client, Asked { label, instance }, path, None))
    }

    pub(crate) fn profile(client: &Rc<Client>, name: &JsValue) -> Result<Self, JsValue> {
        let Some(name) = name.as_string().filter(|name| !name.is_empty()) else {
            return Err(type_error(&[
                "profile(): the name of a profile, such as \"balanced\", belongs here",
            ]));
        };
        let asked = Asked { label: ["profile:", &name].concat(), instance: None };
        Ok(Self::leaf(client, asked, path::INFER.to_owned(), Some(name)))
    }

    fn leaf(client: &Rc<Client>, asked: Asked, path: String, profile: Option<String>) -> Self {
        let leaf = Leaf { client: Rc::clone(client), asked, path, profile };
        Self { client: Rc::clone(client), node: Rc::new(Node::Leaf(leaf)) }
    }

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
                    &MidStream::NAMES.join("\", \""),
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
                    streams.push(&target.stream(request, options).into());
                }
                JsValue::UNDEFINED
            }
        };
        Comparisons::new(&labels, &streams, &get(options, "signal"), &refused)
    }

    fn plan(&self, request: &JsValue, options: &JsValue, streaming: bool) -> Result<Plan, JsValue> {
        let request = question(request, streaming)?;
        let allowed = &self.client.options;
        let read = allowed.call.for_call(options, allowed.allow_browser)?;
        let frame = Frame::new(&read, streaming);
        Ok(Plan {
            client: Rc::clone(&self.client),
            node: Rc::clone(&self.node),
            options: options.clone(),
            request,
            frame,
            cancellation: Cancellation::following(read.signal),
        })
    }

    fn call(
        &self,
        leaf: &Leaf,
        request: &JsValue,
        options: &JsValue,
        streaming: bool,
    ) -> Result<Rc<Call>, JsValue> {
        let wire = wire(leaf, &question(request, streaming)?, streaming)?;
        let allowed = &leaf.client.options;
        let options = allowed.call.for_call(options, allowed.allow_browser)?;
        Ok(Call::alone(&leaf.client, options, wire, leaf.asked.clone()))
    }

    fn streamed(&self, request: &JsValue, options: &JsValue) -> Result<StreamCall, JsValue> {
        match &*self.node {
            Node::Leaf(leaf) => Ok(StreamCall::of(Ok(self.call(leaf, request, options, true)?))),
            _ => Ok(StreamCall::over(self.plan(request, options, true)?)),
        }
    }
}

#[wasm_bindgen]
impl Target {
    /// The `Completion` of an answer that comes whole.
    pub fn invoke(&self, request: &JsValue, options: &JsValue) -> Promise {
        let prepared = match &*self.node {
            Node::Leaf(leaf) => self
                .call(leaf, request, options, false)
                .map(|call| promise(async move { Ok(whole(call.answer(true).await?, &call)) })),
            _ => self.plan(request, options, false).map(|plan| promise(async move { plan.once().await })),
        };
        prepared.unwrap_or_else(|refused| Promise::reject(&refused))
    }

    /// The answer as it comes.
    pub fn stream(&self, request: &JsValue, options: &JsValue) -> CompletionStream {
        let call = self.streamed(request, options).unwrap_or_else(|refused| StreamCall::of(Err(refused)));
        CompletionStream::new(call)
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

/// The instance that `named` names.
pub(crate) fn instance(named: &JsValue) -> Result<&'static crate::core::price::Instance, JsValue> {
    named.as_string().and_then(|id| find(&id)).ok_or_else(|| {
        let known: Vec<&str> = INSTANCES.iter().map(|instance| instance.id).collect();
        let came = named.as_string().unwrap_or_else(|| kind(named).to_owned());
        range_error(&["instance: one of ", &known.join(", "), " belongs here, and ", &came, " came"])
    })
}
