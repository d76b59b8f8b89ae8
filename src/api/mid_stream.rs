//! What becomes of a stream that breaks after its first text, in a [`Fallback`](super::Fallback).

use crate::core::fallback;

/// What happens to a stream that breaks after its first text.
///
/// ```no_run
/// # async fn ask(client: purerouter::Client) -> Result<(), purerouter::Error> {
/// use purerouter::MidStream;
///
/// let targets = [client.deployment("primary").into(), client.deployment("backup").into()];
/// let mut stream = client.fallback(targets).mid_stream(MidStream::Restart).stream("Tell me a story.");
/// let mut shown = String::new();
/// while let Some(event) = stream.next().await {
///     let event = event?;
///     if event.event_type() == "restart" {
///         shown.clear();
///     }
///     shown.push_str(event.text());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MidStream {
    /// It fails with the error that broke it, which has [`partial_text`](crate::Error::partial_text).
    #[default]
    Fail,
    /// The next target goes on from where the text broke off; the reader sees one stream.
    Continue,
    /// The next target starts over, which an event of the type `"restart"` tells. A [`TextStream`](crate::TextStream),
    /// which cannot tell it, fails instead.
    Restart,
}

impl MidStream {
    pub(super) fn of_core(self) -> fallback::MidStream {
        match self {
            Self::Fail => fallback::MidStream::Fail,
            Self::Continue => fallback::MidStream::Continue,
            Self::Restart => fallback::MidStream::Restart,
        }
    }
}
