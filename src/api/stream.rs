//! A stream of events, over the reading half that JavaScript has.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::completion::Completion;
use super::error::{Error, find, pairs};
use super::event::Event;
use crate::js;
use crate::js::error::aborted;
use crate::js::value::{get, get_string};

#[wasm_bindgen]
extern "C" {
    /// What `stream.js` and the generator of its text have in common.
    #[derive(Clone)]
    type Reader;
    #[wasm_bindgen(method)]
    fn next(this: &Reader) -> Promise;
    #[wasm_bindgen(method, catch, js_name = textStream)]
    fn text_stream(this: &Reader) -> Result<Reader, JsValue>;
    #[wasm_bindgen(method)]
    fn completion(this: &Reader) -> Promise;
    #[wasm_bindgen(method, getter)]
    fn response(this: &Reader) -> Promise;
    #[wasm_bindgen(method, js_name = toResponse)]
    fn to_response(this: &Reader) -> Promise;
    #[wasm_bindgen(method, catch)]
    fn tee(this: &Reader) -> Result<Array, JsValue>;
    #[wasm_bindgen(method)]
    fn abort(this: &Reader, reason: &JsValue);
}

/// An answer as it comes: a stream of [`Event`]s.
///
/// It ends after the answer's last event, and fails with an [`Error`] where the answer is not whole: an error has what
/// came before it in [`Error::partial_text`]. After an error it has ended. Dropped before its end, it cancels its request,
/// and the server sees its connection close. A slow reader holds the server back.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let mut stream = client.deployment("my-deployment").stream("Tell me a story.");
/// while let Some(event) = stream.next().await {
///     print!("{}", event?.text());
/// }
/// println!("{:?}", stream.completion().await?.timing);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropped, it cancels its request"]
pub struct CompletionStream {
    /// Or why there is none, which the first read tells.
    reader: Result<Reader, Error>,
    items: Items,
    /// Whether dropping it leaves nobody who wants the answer.
    wanted: bool,
}

/// The text of an answer as it comes, without the events around it: see [`CompletionStream::into_text_stream`].
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let mut text = client.deployment("my-deployment").stream("Tell me a story.").into_text_stream();
/// while let Some(delta) = text.next().await {
///     print!("{}", delta?);
/// }
/// println!("{:?}", text.completion().await?.usage);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropped, it cancels its request"]
pub struct TextStream {
    // Dropped, it cancels.
    of: CompletionStream,
    text: Result<Reader, Error>,
    items: Items,
}

/// The head of a stream's response.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// let stream = client.deployment("my-deployment").stream("Tell me a story.");
/// let head = stream.head().await?;
/// println!("{} {:?} {:?}", head.status, head.request_id, head.header("content-type"));
/// println!("{}", stream.text().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The service's name for this request: what its support asks for.
    pub request_id: Option<String>,
    headers: Vec<(String, String)>,
}

impl Head {
    /// A header, as far as the runtime shows it: a page sees few of another origin's.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// Where a reader has come to.
enum Items {
    Ready,
    Awaited(JsFuture),
    Ended,
}

impl Items {
    fn poll(
        &mut self,
        reader: &Result<Reader, Error>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<JsValue, Error>>> {
        loop {
            match self {
                Self::Ended => return Poll::Ready(None),
                Self::Ready => match reader {
                    Ok(reader) => *self = Self::Awaited(JsFuture::from(reader.next())),
                    Err(error) => {
                        *self = Self::Ended;
                        return Poll::Ready(Some(Err(error.clone())));
                    }
                },
                Self::Awaited(next) => {
                    let Poll::Ready(item) = Pin::new(next).poll(context) else { return Poll::Pending };
                    let (state, item) = match item {
                        Ok(item) if get(&item, "done").is_truthy() => (Self::Ended, None),
                        Ok(item) => (Self::Ready, Some(Ok(get(&item, "value")))),
                        Err(error) => (Self::Ended, Some(Err(Error::from_js(error)))),
                    };
                    *self = state;
                    return Poll::Ready(item);
                }
            }
        }
    }
}

impl CompletionStream {
    pub(super) fn new(opened: Result<js::CompletionStream, Error>) -> Self {
        Self::reading(opened.map(|stream| JsValue::from(stream).unchecked_into()))
    }

    fn reading(reader: Result<Reader, Error>) -> Self {
        Self { reader, items: Items::Ready, wanted: true }
    }

    /// The next event; `None` at the end. The same as `StreamExt::next`, for whoever has no use for that trait.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The answer's text as it comes. Deltas that arrived together may come joined, so this is the fastest way to show one.
    pub fn into_text_stream(self) -> TextStream {
        let text = self.reader.clone().and_then(|reader| reader.text_stream().map_err(Error::from_js));
        TextStream { of: self, text, items: Items::Ready }
    }

    /// The answer as a whole, once it has ended. Where nobody reads events, this does.
    ///
    /// # Errors
    /// What ended the stream.
    pub async fn completion(&self) -> Result<Completion, Error> {
        let reader = self.reader.as_ref().map_err(Error::clone)?;
        let completion = JsFuture::from(reader.completion()).await.map_err(Error::from_js)?;
        Ok(Completion::from_js(&completion))
    }

    /// The whole text, once the stream has ended. Where nobody reads events, this does.
    ///
    /// # Errors
    /// What ended the stream.
    pub async fn text(&self) -> Result<String, Error> {
        Ok(self.completion().await?.text)
    }

    /// The head of the response, once it is in.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn head(&self) -> Result<Head, Error> {
        let reader = self.reader.as_ref().map_err(Error::clone)?;
        let head = JsFuture::from(reader.response()).await.map_err(Error::from_js)?;
        Ok(Head {
            status: get(&head, "status").as_f64().unwrap_or_default() as u16,
            request_id: get_string(&head, "requestId"),
            headers: pairs(&get(&head, "headers")),
        })
    }

    /// Two streams of the same answer. What one has read and the other has not is kept; the request is cancelled when both
    /// are dropped.
    ///
    /// # Errors
    /// Where this one has been read from.
    pub fn tee(mut self) -> Result<(Self, Self), Error> {
        let reader = self.reader.as_ref().map_err(Error::clone)?;
        let branches = reader.tee().map_err(Error::from_js)?;
        self.wanted = false;
        let branch = |at| Self::reading(Ok(branches.get(at).unchecked_into()));
        Ok((branch(0), branch(1)))
    }

    /// The response for a Worker to pass on: the body's own bytes, undecoded, with back-pressure. A JavaScript object.
    ///
    /// # Errors
    /// Where there is no response, or this has been read from.
    pub async fn into_response(mut self) -> Result<web_sys::Response, Error> {
        let reader = self.reader.as_ref().map_err(Error::clone)?;
        let response = JsFuture::from(reader.to_response()).await.map_err(Error::from_js)?;
        // From here on, whoever reads the response says whether it is wanted.
        self.wanted = false;
        Ok(response.unchecked_into())
    }
}

impl Stream for CompletionStream {
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.items.poll(&this.reader, context).map(|item| item.map(|event| event.map(Event::from_js)))
    }
}

impl FusedStream for CompletionStream {
    fn is_terminated(&self) -> bool {
        matches!(self.items, Items::Ended)
    }
}

impl Drop for CompletionStream {
    fn drop(&mut self) {
        if let (true, Ok(reader)) = (self.wanted, &self.reader) {
            reader.abort(&aborted("The stream was dropped before its end"));
        }
    }
}

impl fmt::Debug for CompletionStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionStream").finish_non_exhaustive()
    }
}

impl TextStream {
    /// The next piece of text, never an empty one; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The answer as a whole, once it has ended.
    ///
    /// # Errors
    /// What ended the stream.
    pub async fn completion(&self) -> Result<Completion, Error> {
        self.of.completion().await
    }
}

impl Stream for TextStream {
    type Item = Result<String, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let item = this.items.poll(&this.text, context);
        item.map(|item| item.map(|text| text.map(|text| text.as_string().unwrap_or_default())))
    }
}

impl FusedStream for TextStream {
    fn is_terminated(&self) -> bool {
        matches!(self.items, Items::Ended)
    }
}

impl fmt::Debug for TextStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextStream").finish_non_exhaustive()
    }
}
