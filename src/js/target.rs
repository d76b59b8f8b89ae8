//! Targets: a deployment, a profile, or several of them combined, behind one interface.
//!
//! A target says whom to ask, and is asked as often as one likes; what a call of several does is the `plan`'s.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::call::{Asked, Call, Client, Frame};
use super::completion::whole;
use super::error::{listed, range_error, type_error};
use super::options::check_names;
use super::plan::Plan;
use super::question::{question, wire};
use super::race::promise;
use super::request::deployment_path;
use super::stream::{CompletionStream, StreamCall};
use super::value::{get, kind};
use crate::core::fallback::MidStream;
use crate::core::path;
use crate::core::price::{INSTANCES, find};

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
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        [name, &listed(&labels, ", "), ")"].concat()
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
#[derive(Clone)]
#[cfg_attr(feature = "npm", wasm_bindgen(skip_typescript))]
pub struct Target {
    pub(crate) client: Rc<Client>,
    pub(crate) node: Rc<Node>,
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

    pub(crate) fn leaf(client: &Rc<Client>, asked: Asked, path: String, profile: Option<String>) -> Self {
        let leaf = Leaf { client: Rc::clone(client), asked, path, profile };
        Self { client: Rc::clone(client), node: Rc::new(Node::Leaf(leaf)) }
    }

    fn plan(&self, request: &JsValue, options: &JsValue, streaming: bool) -> Result<Plan, JsValue> {
        let request = question(request, streaming)?;
        let allowed = &self.client.options;
        let read = allowed.call.for_call(options, allowed.allow_browser)?;
        Ok(Plan {
            client: Rc::clone(&self.client),
            node: Rc::clone(&self.node),
            options: options.clone(),
            request,
            frame: Frame::new(&read, streaming),
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

    /// The `Completion` of an answer that comes whole.
    pub(crate) fn once(&self, request: &JsValue, options: &JsValue) -> Promise {
        let prepared = match &*self.node {
            Node::Leaf(leaf) => self.call(leaf, request, options, false).map(|call| {
                promise(call.frame.lost(), async move { Ok(whole(call.answer(true).await?, &call)) })
            }),
            _ => self
                .plan(request, options, false)
                .map(|plan| promise(plan.frame.lost(), async move { plan.once().await })),
        };
        prepared.unwrap_or_else(|refused| Promise::reject(&refused))
    }

    /// The answer as it comes.
    pub(crate) fn opened(&self, request: &JsValue, options: &JsValue) -> CompletionStream {
        let call = self.streamed(request, options).unwrap_or_else(|refused| StreamCall::of(Err(refused)));
        CompletionStream::new(call)
    }

    fn streamed(&self, request: &JsValue, options: &JsValue) -> Result<StreamCall, JsValue> {
        match &*self.node {
            Node::Leaf(leaf) => Ok(StreamCall::of(Ok(self.call(leaf, request, options, true)?))),
            _ => Ok(StreamCall::over(self.plan(request, options, true)?)),
        }
    }
}

/// The instance that `named` names.
pub(crate) fn instance(named: &JsValue) -> Result<&'static crate::core::price::Instance, JsValue> {
    named.as_string().and_then(|id| find(&id)).ok_or_else(|| {
        let known: Vec<&str> = INSTANCES.iter().map(|instance| instance.id).collect();
        let came = named.as_string().unwrap_or_else(|| kind(named).to_owned());
        range_error(&["instance: one of ", &listed(&known, ", "), " belongs here, and ", &came, " came"])
    })
}
