//! The client, which makes everything else, and the builder of its options. What is wrong with an option is found by the
//! boundary, in one place for Rust and JavaScript, when the client is built.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Function;
use serde::de::DeserializeOwned;

use super::cancel::CancelOnDrop;
use super::error::{Error, value_as};
use super::options::{Options, common_options};
use super::ships::make_ready;
use super::targets::{Deployment, Fallback, Hedge, Router, Target};
use crate::core::retry::Budget;
use crate::js::call::{Asked, Call, Client as Shared};
use crate::js::options::ClientOptions;
use crate::js::race::promise;
use crate::js::request::to_health;

/// A client of PureRouter. A clone is the same client: they share the retry budget and the circuit breakers.
///
/// ```no_run
/// # async fn ask() -> Result<(), purerouter::Error> {
/// let client = purerouter::Client::new("sk_…")?;
/// let completion = client.deployment("my-deployment").invoke("Why is the sky blue?").await?;
/// println!("{} ({:?} tokens)", completion.text, completion.usage);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Rc<Shared>);

/// The options of a [`Client`].
///
/// ```no_run
/// # fn make() -> Result<(), purerouter::Error> {
/// use purerouter::Client;
/// use std::time::Duration;
///
/// let client = Client::builder()
///     .base_url("https://gateway.example")
///     .max_retries(2)
///     .idle_timeout(Duration::from_secs(15))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it makes no client before build()"]
pub struct ClientBuilder {
    options: Options,
}

impl Client {
    /// A client with this key, of the hosted service.
    ///
    /// # Errors
    /// Where no header can carry the key, or this is a page, whose visitors could all read it.
    pub fn new(router_key: &str) -> Result<Self, Error> {
        Self::builder().router_key(router_key).build()
    }

    /// A client with options.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The deployment `id`.
    ///
    /// An id that cannot be one segment of a path is told by the call.
    #[must_use]
    pub fn deployment(&self, id: &str) -> Deployment {
        Deployment::new(&self.0, id)
    }

    /// Automatic routing: the service chooses the model.
    #[must_use]
    pub fn router(&self) -> Router {
        Router::new(&self.0, None)
    }

    /// Automatic routing by a profile, such as `"balanced"`.
    #[must_use]
    pub fn profile(&self, name: &str) -> Router {
        Router::new(&self.0, Some(name))
    }

    /// The first of several targets to answer, asked one after the other.
    ///
    /// ```no_run
    /// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
    /// use purerouter::MidStream;
    ///
    /// let targets = [client.deployment("primary").into(), client.profile("balanced").into()];
    /// let answer = client.fallback(targets).mid_stream(MidStream::Continue);
    /// let mut stream = answer.stream("Tell me a story.");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fallback(&self, targets: impl IntoIterator<Item = Target>) -> Fallback {
        Fallback::new(&self.0, targets)
    }

    /// The first of several targets to answer, each asked where those before have given nothing within `delay`.
    ///
    /// ```no_run
    /// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
    /// use std::time::Duration;
    ///
    /// let targets = [client.deployment("primary").into(), client.deployment("backup").into()];
    /// let completion = client.hedge(targets, Duration::from_millis(800)).invoke("Hi.").await?;
    /// println!("{} was first: {}", completion.target, completion.text);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn hedge(&self, targets: impl IntoIterator<Item = Target>, delay: Duration) -> Hedge {
        Hedge::new(&self.0, targets, delay)
    }

    /// The service's health, as a type of yours.
    ///
    /// ```no_run
    /// # async fn look(client: purerouter::Client) -> Result<(), purerouter::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Health {
    ///     status: String,
    /// }
    /// println!("{}", client.health::<Health>().await?.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Where the service gives none, or none of this form ([`Error::is_decode`]).
    pub async fn health<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let options = Options::default().to_js();
        let cancel = CancelOnDrop::into_options(&options)?;
        let allowed = &self.0.options;
        let read = allowed.call.for_call(&options, allowed.allow_browser).map_err(Error::from_js)?;
        let (wire, label) = to_health();
        let call = Call::alone(&self.0, read, wire, Asked { label, instance: None });
        let health = promise(call.frame.lost(), async move { call.answer(false).await });
        let health = cancel.result_of(health).await?;
        value_as(health, "The service's health")
    }
}

/// Its address, and no key.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.0.options.base_url).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    common_options!();

    /// Where the service is: the hosted one, where it is not set. In a page, a path such as `"/api"` is the page's own.
    pub fn base_url(mut self, url: &str) -> Self {
        self.options.set("baseUrl", url);
        self
    }

    /// The largest single event of a stream, in bytes: 8 MiB, where it is not set.
    pub fn max_event_bytes(mut self, bytes: u32) -> Self {
        self.options.set("maxEventBytes", bytes);
        self
    }

    /// Allows a [`router_key`](Self::router_key) in a page: for pages that are yours alone.
    pub fn dangerously_allow_browser(mut self, allow: bool) -> Self {
        self.options.set("dangerouslyAllowBrowser", allow);
        self
    }

    /// What sends the requests in place of the global `fetch`: a service binding, a proxy, a mock. A JavaScript function.
    pub fn fetch(mut self, fetch: Function) -> Self {
        self.options.set("fetch", fetch);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// Where an option is wrong: the error [`is_invalid`](Error::is_invalid) and names it.
    pub fn build(self) -> Result<Client, Error> {
        make_ready();
        let options = ClientOptions::read(&self.options.to_js()).map_err(Error::from_js)?;
        Ok(Client(Rc::new(Shared {
            options,
            budget: RefCell::new(Budget::new()),
            breakers: RefCell::default(),
        })))
    }
}
