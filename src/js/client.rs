//! The classes that JavaScript sees: they parse, call and convert, and decide nothing.
//!
//! Methods take `&self` and return a Promise made of a cloned `Rc`: a borrow that lived across an await would make a
//! second call, or `free()`, throw.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;

use super::call::{Asked, Call, Client, Wire};
use super::combinators::Comparisons;
use super::options::ClientOptions;
use super::race::promise;
use super::request::{to_deployment, to_health, to_router};
use super::stream::{CompletionStream, StreamCall};
use super::target::Target;
use super::value::set;
use crate::core::retry::Budget;

/// The client.
#[wasm_bindgen(skip_typescript)]
pub struct PureRouter {
    client: Rc<Client>,
    deployments: JsValue,
    router: JsValue,
}

/// Calls of deployments by id.
#[wasm_bindgen(skip_typescript)]
pub struct Deployments {
    client: Rc<Client>,
}

/// Calls of automatic routing.
#[wasm_bindgen(skip_typescript)]
pub struct Router {
    client: Rc<Client>,
}

type Prepared = Result<(Wire, String), JsValue>;

fn call(client: &Rc<Client>, prepared: Prepared, options: &JsValue) -> Result<Rc<Call>, JsValue> {
    let (wire, target) = prepared?;
    let options = client.options.call.for_call(options, client.options.allow_browser)?;
    let asked = Asked { label: target, instance: None };
    Ok(Call::alone(client, options, wire, asked))
}

fn once(client: &Rc<Client>, prepared: Prepared, options: &JsValue, object: bool) -> Promise {
    match call(client, prepared, options) {
        Ok(call) => promise(call.frame.lost(), async move { call.answer(object).await }),
        Err(refused) => Promise::reject(&refused),
    }
}

fn stream(client: &Rc<Client>, prepared: Prepared, options: &JsValue) -> CompletionStream {
    CompletionStream::new(StreamCall::of(call(client, prepared, options)))
}

#[wasm_bindgen]
impl PureRouter {
    /// Throws a `TypeError` or `RangeError` that names the option that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<PureRouter, JsValue> {
        let options = ClientOptions::read(options)?;
        let client =
            Rc::new(Client { options, budget: RefCell::new(Budget::new()), breakers: RefCell::default() });
        Ok(PureRouter {
            deployments: Deployments { client: Rc::clone(&client) }.into(),
            router: Router { client: Rc::clone(&client) }.into(),
            client,
        })
    }

    /// The same object at each read.
    #[wasm_bindgen(getter)]
    pub fn deployments(&self) -> JsValue {
        self.deployments.clone()
    }

    /// The same object at each read.
    #[wasm_bindgen(getter)]
    pub fn router(&self) -> JsValue {
        self.router.clone()
    }

    /// The service's health, as it tells it.
    pub fn health(&self, options: &JsValue) -> Promise {
        once(&self.client, Ok(to_health()), options, false)
    }

    /// The deployment `id` as a target; `instance` in `options` names what it runs on.
    pub fn deployment(&self, id: &JsValue, options: &JsValue) -> Result<Target, JsValue> {
        Target::deployment(&self.client, id, options)
    }

    /// Automatic routing by a profile as a target.
    pub fn profile(&self, name: &JsValue) -> Result<Target, JsValue> {
        Target::profile(&self.client, name)
    }

    /// The first of several targets to answer, asked one after the other.
    pub fn fallback(&self, targets: &JsValue, options: &JsValue) -> Result<Target, JsValue> {
        Target::fallback(&self.client, targets, options)
    }

    /// The first of several targets to answer, each asked where those before are slow.
    pub fn hedge(&self, targets: &JsValue, options: &JsValue) -> Result<Target, JsValue> {
        Target::hedge(&self.client, targets, options)
    }

    /// All of several targets at once.
    pub fn compare(&self, targets: &JsValue, request: &JsValue, options: &JsValue) -> Comparisons {
        Target::compare(&self.client, targets, request, options)
    }

    /// What a log may show: no key.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> Object {
        let shown = Object::new();
        set(&shown, "baseUrl", &JsValue::from_str(&self.client.options.base_url));
        shown
    }
}

#[wasm_bindgen]
impl Deployments {
    /// The answer as the wire has it.
    pub fn invoke(&self, id: &JsValue, request: &JsValue, options: &JsValue) -> Promise {
        once(&self.client, to_deployment(id, request, false), options, true)
    }

    /// The answer as it comes.
    pub fn stream(&self, id: &JsValue, request: &JsValue, options: &JsValue) -> CompletionStream {
        stream(&self.client, to_deployment(id, request, true), options)
    }
}

#[wasm_bindgen]
impl Router {
    /// The answer as the wire has it.
    pub fn infer(&self, request: &JsValue, options: &JsValue) -> Promise {
        once(&self.client, to_router(request, false), options, true)
    }

    /// The answer as it comes.
    pub fn stream(&self, request: &JsValue, options: &JsValue) -> CompletionStream {
        stream(&self.client, to_router(request, true), options)
    }
}
