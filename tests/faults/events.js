// Faults of the bytes of a stream: its text is well, and its form is what few clients expect.

/** An event of a deployment's stream, as the wire has it. */
export function delta(text, finishReason = null) {
  return `data: ${JSON.stringify({ choices: [{ text, finish_reason: finishReason }] })}\n\n`;
}

export const DONE = "data: [DONE]\n\n";

/** A server that sends these pieces of a body, each in a packet of its own where the network lets it. */
const sending = (pieces) => async (exchange) => {
  await exchange.head();
  for (const piece of pieces) {
    await exchange.body(piece);
    await exchange.pause(1);
  }
  await exchange.end();
};

/** Each byte by itself. */
const byByte = (text) => Array.from(new TextEncoder().encode(text), (byte) => Uint8Array.of(byte));

const STORM = 100_000;

export const events = [
  {
    fault: "Emoji and CJK characters arrive byte by byte",
    gets: "the text, without a `U+FFFD` in it",
    answer: sending(byByte(delta("日本語 ") + delta("👩‍💻🇯🇵") + delta(" 한") + DONE)),
    outcome: { text: "日本語 👩‍💻🇯🇵 한" },
  },
  {
    fault: "Bytes are no UTF-8",
    gets: "`U+FFFD` in their place, as the rules of event streams say, and the rest as it is",
    answer: sending(["data: one ", Uint8Array.of(0xff, 0xc3), "\n\n", delta("two"), DONE]),
    outcome: { text: "one \u{fffd}\u{fffd}two" },
  },
  {
    fault: "A CRLF is split across chunks, everywhere",
    gets: "the text; no line is seen twice",
    answer: sending(
      (delta("one ") + delta("two ") + "data: a\ndata: b\n\n" + DONE).split("\n").join("\r|\n").split("|"),
    ),
    outcome: { text: "one two a\nb" },
  },
  {
    fault: "U+2028 and U+2029 stand in the JSON",
    gets: "the text with them: they end no line",
    answer: sending([delta("one\u2028two\u2029three") + DONE]),
    outcome: { text: "one\u2028two\u2029three" },
  },
  {
    fault: "A byte order mark comes first",
    gets: "the text, from the first event on",
    answer: sending([`\u{feff}${delta("one")}`, DONE]),
    outcome: { text: "one" },
  },
  {
    fault: "An event has several `data:` lines",
    gets: "one event, its lines joined",
    answer: sending(['data: {"choices":[{"text":\ndata: "one"}]}\n\n', "data: two\ndata: lines\n\n", DONE]),
    outcome: { text: "onetwo\nlines" },
  },
  {
    fault: "`event:`, `id:`, `retry:` and comment lines stand between the data",
    gets: "the text without them; `event.event` and `event.id` have theirs",
    answer: sending([
      `: hello\nevent: delta\nid: 7\nretry: 10\n${delta("one")}`,
      `:\n\n${delta("two")}`,
      DONE,
    ]),
    async ask({ client }) {
      const seen = [];
      for await (const { event, id, text } of client.deployments.stream("a", { prompt: "Hi." })) {
        seen.push([event, id, text].join(" "));
      }
      return { seen };
    },
    outcome: { seen: ["delta 7 one", "message 7 two"] },
  },
  {
    fault: "The prefix is doubled: `data: data: {…}`",
    gets: "the text",
    answer: sending([`data: ${delta("one ")}`, `data: ${delta("two")}`, `data: ${DONE}`]),
    outcome: { text: "one two" },
  },
  {
    fault: "A storm of 100,000 tiny events",
    gets: "all of them",
    answer: sending([delta("x").repeat(STORM) + DONE]),
    outcome: { text: (text) => text === "x".repeat(STORM) },
  },
];
