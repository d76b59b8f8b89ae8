//! Whom a call asks: a deployment, automatic routing, or several of them combined.
//!
//! Each is cheap to make and to clone, and asked as often as one likes. A wrong id or an empty list is kept until the
//! call, which tells it before anything is sent: one place to handle errors instead of two.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::cancel::CancelOnDrop;
use super::completion::Completion;
use super::error::Error;
use super::mid_stream::MidStream;
use super::options::milliseconds;
use super::request::Request;
use super::stream::CompletionStream;
use crate::core::path;
use crate::js::call::{Asked, Client};
use crate::js::error::range_error;
use crate::js::target::{self, Node};
use crate::js::value::set;

/// Anything that can be asked, for lists of them: a [`Deployment`], a [`Router`], a [`Fallback`] or a [`Hedge`].
///
/// ```no_run
/// # fn combine(client: purerouter::Client) {
/// use purerouter::Target;
///
/// let targets: Vec<Target> = ["primary", "backup"].map(|id| client.deployment(id).into()).into();
/// assert_eq!(Target::from(client.fallback(targets)).label(), "fallback(primary, backup)");
/// # }
/// ```
#[derive(Clone)]
pub struct Target(Result<target::Target, Error>);

/// A deployment of yours, by its id.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let deployment = client.deployment("my-deployment").instance("a10g-medium");
/// let completion = deployment.invoke("Hi.").await?;
/// println!("{} for about {:?} dollars", completion.text, completion.cost_usd);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Deployment {
    client: Shown,
    id: String,
    instance: Option<String>,
}

/// Automatic routing: the service chooses the model.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let completion = client.profile("balanced").invoke("Hi.").await?;
/// println!("{} answered: {}", completion.model.unwrap_or_default(), completion.text);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Router {
    client: Shown,
    profile: Option<String>,
}

/// The first of several targets to answer, asked one after the other.
///
/// One that failed for good is left out for 30 seconds, and then tried again.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let targets = [client.deployment("primary").into(), client.profile("balanced").into()];
/// let chain = client.fallback(targets).should_fall_back(|error| !error.is_bad_request());
/// println!("{}", chain.invoke("Why is the sky blue?").await?.text);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Fallback {
    client: Shown,
    targets: Vec<Target>,
    mid_stream: MidStream,
    should_fall_back: Option<js_sys::Function>,
}

/// The first of several targets to answer, each asked where those before are slow. The others' requests are cancelled.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// use std::time::Duration;
///
/// let copies = ["east", "west"].map(|id| client.deployment(id).into());
/// let mut text = client.hedge(copies, Duration::from_millis(800)).stream("Hi.").into_text_stream();
/// while let Some(delta) = text.next().await {
///     print!("{}", delta?);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Hedge {
    client: Shown,
    targets: Vec<Target>,
    delay: Duration,
}

/// A client within something whose `Debug` is derived: its address is shown, and no key.
#[derive(Clone)]
struct Shown(Rc<Client>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.options.base_url)
    }
}

impl Target {
    fn of(client: &Rc<Client>, node: Node) -> Self {
        Self(Ok(target::Target { client: Rc::clone(client), node: Rc::new(node) }))
    }

    /// A combination of `targets`, of which each has to be in order.
    fn several(
        client: &Rc<Client>,
        targets: &[Self],
        of: &str,
        combined: impl FnOnce(Vec<Rc<Node>>) -> Node,
    ) -> Self {
        if targets.is_empty() {
            return Self(Err(Error::from_js(range_error(&[of, ": an empty list has nobody to ask"]))));
        }
        let nodes: Result<Vec<_>, Error> = targets
            .iter()
            .map(|target| Ok(Rc::clone(&target.0.as_ref().map_err(Error::clone)?.node)))
            .collect();
        match nodes {
            Ok(nodes) => Self::of(client, combined(nodes)),
            Err(error) => Self(Err(error)),
        }
    }

    /// Its name in [`Completion::target`] and in attempts: the deployment's id, `profile:NAME`, or like `fallback(a, b)`.
    #[must_use]
    pub fn label(&self) -> String {
        self.0.as_ref().map(|target| target.node.label()).unwrap_or_default()
    }

    async fn ask(self, request: Request) -> Result<Completion, Error> {
        let target = self.0?;
        let (request, options) = request.to_js()?;
        let cancel = CancelOnDrop::into_options(&options)?;
        let answer = cancel.result_of(target.once(&request, &options)).await?;
        Ok(Completion::from_js(&answer))
    }

    fn open(&self, request: &Request) -> CompletionStream {
        let opened = self.0.clone().and_then(|target| {
            let (request, options) = request.to_js()?;
            Ok(target.opened(&request, &options))
        });
        CompletionStream::new(opened)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(target) => f.debug_tuple("Target").field(&target.node.label()).finish(),
            Err(error) => f.debug_tuple("Target").field(error).finish(),
        }
    }
}

impl Deployment {
    pub(super) fn new(client: &Rc<Client>, id: &str) -> Self {
        Self { client: Shown(Rc::clone(client)), id: id.to_owned(), instance: None }
    }

    /// What it runs on, by its id in [`INSTANCES`](crate::INSTANCES): its answers then have an estimated cost.
    #[must_use]
    pub fn instance(mut self, id: &str) -> Self {
        self.instance = Some(id.to_owned());
        self
    }
}

impl From<Deployment> for Target {
    fn from(deployment: Deployment) -> Self {
        let options = Object::new();
        if let Some(instance) = &deployment.instance {
            set(&options, "instance", &JsValue::from_str(instance));
        }
        let id = JsValue::from_str(&deployment.id);
        Self(target::Target::deployment(&deployment.client.0, &id, &options).map_err(Error::from_js))
    }
}

impl Router {
    pub(super) fn new(client: &Rc<Client>, profile: Option<&str>) -> Self {
        Self { client: Shown(Rc::clone(client)), profile: profile.map(str::to_owned) }
    }
}

impl From<Router> for Target {
    fn from(router: Router) -> Self {
        let client = &router.client.0;
        Self(match &router.profile {
            Some(name) => target::Target::profile(client, &JsValue::from_str(name)).map_err(Error::from_js),
            None => {
                let asked = Asked { label: "router".to_owned(), instance: None };
                Ok(target::Target::leaf(client, asked, path::INFER.to_owned(), None))
            }
        })
    }
}

impl Fallback {
    pub(super) fn new(client: &Rc<Client>, targets: impl IntoIterator<Item = Target>) -> Self {
        Self {
            client: Shown(Rc::clone(client)),
            targets: targets.into_iter().collect(),
            mid_stream: MidStream::default(),
            should_fall_back: None,
        }
    }

    /// What happens to a stream that breaks after its first text: it fails, where nothing is set.
    #[must_use]
    pub fn mid_stream(mut self, mode: MidStream) -> Self {
        self.mid_stream = mode;
        self
    }

    /// Whether the next target is asked after this error. Where it says no, the error is the result.
    ///
    /// Not set, it says yes but to a cancelled call, a wrong argument and 401.
    #[must_use]
    pub fn should_fall_back(mut self, decide: impl Fn(Error) -> bool + 'static) -> Self {
        let decide = Closure::<dyn Fn(JsValue) -> bool>::new(move |error| decide(Error::from_js(error)));
        self.should_fall_back = Some(decide.into_js_value().unchecked_into());
        self
    }
}

impl From<Fallback> for Target {
    fn from(fallback: Fallback) -> Self {
        let Fallback { client, targets, mid_stream, should_fall_back } = fallback;
        Self::several(&client.0, &targets, "fallback()", |targets| {
            let mid_stream = mid_stream.of_core();
            Node::Fallback(target::Fallback { targets, mid_stream, should_fall_back })
        })
    }
}

impl Hedge {
    pub(super) fn new(
        client: &Rc<Client>,
        targets: impl IntoIterator<Item = Target>,
        delay: Duration,
    ) -> Self {
        Self { client: Shown(Rc::clone(client)), targets: targets.into_iter().collect(), delay }
    }
}

impl From<Hedge> for Target {
    fn from(hedge: Hedge) -> Self {
        let delay = milliseconds(hedge.delay);
        Self::several(&hedge.client.0, &hedge.targets, "hedge()", |targets| {
            Node::Hedge(target::Hedge { targets, delay })
        })
    }
}

/// The calls that every target has.
macro_rules! calls {
    ($($name:ident),+) => {$(
        impl $name {
            /// The answer, whole. Nothing is sent before the future is polled; dropped, it cancels the request.
            ///
            /// # Errors
            /// Whatever fails for good, after all retries. A wrong id, request or option is told before anything is
            /// sent.
            pub async fn invoke(&self, request: impl Into<Request>) -> Result<Completion, Error> {
                Target::from(self.clone()).ask(request.into()).await
            }

            /// The answer as it comes. The request is sent at once; dropped, the stream cancels it.
            ///
            /// Whatever is wrong, with the request or later, is told by the stream.
            pub fn stream(&self, request: impl Into<Request>) -> CompletionStream {
                Target::from(self.clone()).open(&request.into())
            }
        }
    )+};
}
calls!(Target, Deployment, Router, Fallback, Hedge);
