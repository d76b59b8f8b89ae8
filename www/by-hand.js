// A streamed answer as one reads it with fetch alone: the status is looked at, lines are put together from chunks, and
// the text is taken out of each. It is here to be compared with, and does what such loops do: the end of the body is
// taken for the end of the answer.

/**
 * @param {typeof fetch} fetch
 * @param {string} url
 * @param {object} body
 * @param {AbortSignal} signal
 */
export async function* byHand(fetch, url, body, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-router-key": "key-of-the-service-in-this-page" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += decoder.decode(value, { stream: true });
    const lines = buffer.split("\n");
    buffer = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data: ") && line !== "data: [DONE]") {
        yield JSON.parse(line.slice(6)).choices[0].text;
      }
    }
  }
}
