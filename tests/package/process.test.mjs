// What a call leaves in the process once it is over: nothing. Programs of their own, since a test runner has timers,
// listeners and sockets of its own; an unhandled rejection ends them with an error.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import "./unhandled.mjs";
import { project } from "./install.mjs";
import { DONE, SSE, answering, delta, holding, http } from "./sockets.mjs";
import { settled, until } from "./waiting.mjs";

const run = promisify(execFile);
// Far shorter than any timeout of the package, so that a timer left behind is seen.
const LIFETIME_MS = 20_000;

const PRELUDE = `
  import { getEventListeners } from "node:events";
  import { PureRouter } from "purerouter";
  const client = new PureRouter({ baseUrl: process.argv.at(-1), routerKey: "sk_test" });
  const controller = new AbortController();
  const { signal } = controller;
  const request = { prompt: "Hi." };
  const open = (options) => client.deployments.stream("a", request, { signal, ...options });
  const failed = (promise) => promise.then(() => { throw new Error("It resolved"); }, (error) => error?.name ?? error);
  const listeners = () => getEventListeners(signal, "abort").length;
`;

const flags = (source, url) => ["--expose-gc", "--input-type=module", "--eval", PRELUDE + source, "--", url];

const servers = {
  stream: (t) => answering(t, SSE, delta("one "), delta("two", "stop"), DONE),
  finished: (t) => holding(t, SSE, delta("one", "stop")),
  done: (t) => holding(t, SSE, delta("one"), DONE),
  cut: (t) => answering(t, SSE, delta("one")),
  open: (t) => holding(t, SSE, delta("one")),
  json: (t) => answering(t, "application/json", '{"choices":[]}'),
  half: (t) => holding(t, "application/json", '{"choices":'),
  html: (t) => holding(t, "text/html", "<p>"),
  silent: (t) => http(t, () => {}),
  refusing: (t) => http(t, (_, response) => response.writeHead(404).end("{}")),
  busy: (t) => http(t, (_, response) => response.writeHead(503, { "retry-after": "120" }).end()),
};

/** What a program does, by what it has to do with; each prints what came of it. */
const programs = {
  "invoke()": [
    "json",
    'console.log(await client.deployments.invoke("a", request, { signal }))',
    "{ choices: [] }",
  ],
  "health()": ["json", "console.log(await client.health({ signal }))", "{ choices: [] }"],
  "text()": ["stream", "console.log(await open().text())", "one two"],
  "completion()": ["stream", "console.log((await open().completion()).text)", "one two"],
  "a loop": ["stream", "for await (const { text } of open()) console.log(text)", "one \ntwo"],
  "textStream()": [
    "stream",
    'let all = ""; for await (const t of open().textStream()) all += t; console.log(all)',
    "one two",
  ],
  "toResponse()": ["stream", "console.log((await (await open().toResponse()).text()).length > 9)", "true"],
  "tee()": [
    "stream",
    "console.log(await Promise.all(open().tee().map((s) => s.text())))",
    "[ 'one two', 'one two' ]",
  ],
  "[DONE] and a socket that stays open": ["done", "console.log(await open().text())", "one"],
  "a finish reason and a socket that stays open": ["finished", "console.log(await open().text())", "one"],
  "a refusal": ["refusing", "console.log(await failed(open().text()))", "NotFoundError"],
  "a refusal that nobody reads": ["refusing", 'open(); open().abort(); console.log("unread")', "unread"],
  "a stream that is cut": ["cut", "console.log(await failed(open().text()))", "TruncatedStreamError"],
  "an HTML page": ["html", "console.log(await failed(open().text()))", "ResponseFormatError"],
  "a bad request": ["json", "console.log(await failed(client.router.infer({}, { signal })))", "TypeError"],
  "a bad option of a stream that nobody reads": [
    "json",
    'open({ timeout: -1 }); console.log("unread")',
    "unread",
  ],
  headersTimeout: [
    "silent",
    "console.log(await failed(open({ headersTimeout: 200, maxRetries: 0 }).text()))",
    "APITimeoutError",
  ],
  idleTimeout: ["open", "console.log(await failed(open({ idleTimeout: 200 }).text()))", "APITimeoutError"],
  "timeout of a half answer": [
    "half",
    'console.log(await failed(client.deployments.invoke("a", request, { signal, timeout: 500 })))',
    "APITimeoutError",
  ],
  "abort() before the head": [
    "silent",
    "const s = open(); s.abort(); console.log(await failed(s.text()))",
    "AbortError",
  ],
  "abort() of a stream that nobody reads": ["silent", 'open().abort(); console.log("unread")', "unread"],
  "abort() in the middle": [
    "open",
    "const s = open(); await s.next(); s.abort(); console.log(await failed(s.next()))",
    "AbortError",
  ],
  "abort() of a step that waits": [
    "open",
    "const s = open(); await s.next(); const n = s.next(); s.abort(7); console.log(await failed(n))",
    "7",
  ],
  "the signal, before the head": [
    "silent",
    "const all = failed(open().text()); setTimeout(() => controller.abort(7), 100); console.log(await all)",
    "7",
  ],
  "the signal, in an answer that comes whole": [
    "half",
    "const all = failed(client.router.infer(request, { signal })); setTimeout(() => controller.abort(7), 300); console.log(await all)",
    "7",
  ],
  "the signal, in a wait between attempts": [
    "busy",
    "const all = failed(client.health({ signal, onAttempt: () => setTimeout(() => controller.abort(7), 50) })); console.log(await all)",
    "7",
  ],
  "abort() in a wait between attempts": [
    "busy",
    "const s = open({ onAttempt: () => setTimeout(() => s.abort(7), 50) }); console.log(await failed(s.text()))",
    "7",
  ],
  "a wait that is not begun": [
    "busy",
    "console.log(await failed(client.health({ signal, timeout: 60_000 })))",
    "InternalServerError",
  ],
  break: ["open", 'for await (const _ of open()) break; console.log("left")', "left"],
  "return() before the head": ["silent", 'await open().return(); console.log("left")', "left"],
  "cancel() of the body": [
    "open",
    'const body = open().toReadableStream(); await body.cancel(); console.log("left")',
    "left",
  ],
};

describe("a program ends by itself after", { concurrency: 2 }, () => {
  for (const [what, [server, source, expected]] of Object.entries(programs)) {
    test(what, async (t) => {
      const { url } = await servers[server](t);
      const counted = `${source};
        for (let turns = 0; listeners() > 0 && turns < 500; turns++) await new Promise((turn) => setTimeout(turn, 10));
        console.log(listeners());`;
      const { stdout, stderr } = await run(process.execPath, flags(counted, url), {
        cwd: project,
        timeout: LIFETIME_MS,
      });
      assert.equal(stderr, "");
      assert.equal(stdout, `${expected}\n0\n`, "and no listener stays on the signal");
    });
  }
});

/** A program that keeps living: `lines` are what it has printed. */
function living(t, source, url) {
  const child = spawn(process.execPath, flags(source, url), {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const program = { lines: [], complaints: "", ended: false };
  createInterface(child.stdout).on("line", (line) => program.lines.push(line));
  child.stderr.on("data", (bytes) => (program.complaints += bytes));
  const exited = new Promise((resolve) => child.on("exit", resolve));
  exited.then(() => (program.ended = true));
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return program;
}

const drops = {
  "unread, once its head was there": "await open().response;",
  "read in part, as events": "await open().next();",
  "read in part, as text": "await open().textStream().next();",
  "read in part, as bytes": "await open().toReadableStream().getReader().read();",
};

describe("dropped and collected", { concurrency: 2 }, () => {
  for (const [how, source] of Object.entries(drops)) {
    test(`a stream ${how}: its connection closes, though a signal lives on`, async (t) => {
      const answers = [];
      const server = await http(t, (_, response) => {
        response.writeHead(200, { "content-type": SSE });
        response.write(delta("one "));
        answers.push(response);
      });
      const program = living(
        t,
        `
          const kept = open();
          await kept.next();
          const drop = async () => { ${source} };
          await drop();
          console.log("dropped", listeners());
          setInterval(() => { gc(); console.log("listeners", listeners()); }, 50);
          for await (const { text } of kept) console.log(text);
        `,
        server.url,
      );
      await until(() => program.lines.includes("dropped 2") || program.ended, "the stream is dropped");
      await until(() => server.closed === 1 || program.ended, "the connection is closed");
      await until(() => program.lines.at(-1) === "listeners 1" || program.ended, "the signal is let go");
      answers[0].write(delta("kept"));
      await until(() => program.lines.includes("kept") || program.ended, "the stream that is held goes on");
      assert.equal(server.closed, 1);
      assert.deepEqual([program.complaints, program.ended], ["", false]);
    });
  }

  for (const [how, source] of Object.entries({
    "text()": "open().text().then(console.log);",
    "a step": "const step = () => open().next().then(({ value }) => console.log(value.text)); step();",
    "a loop": "(async () => { for await (const { text } of open()) console.log(text); })();",
    "a loop over textStream()":
      "(async () => { for await (const text of open().textStream()) console.log(text); })();",
    "the body":
      "new Response(open().toReadableStream()).text().then((text) => console.log(text.slice(6, 16)));",
  })) {
    test(`a stream that only ${how} waits for is not`, async (t) => {
      let response;
      const server = await http(t, (_, answer) => {
        response = answer;
        answer.writeHead(200, { "content-type": SSE });
        answer.flushHeaders();
      });
      const program = living(
        t,
        `${source} let n = 0; setInterval(() => { gc(); console.log("collected", ++n); }, 20);`,
        server.url,
      );
      await until(
        () => response && program.lines.includes("collected 40"),
        "garbage was collected for a while",
      );
      assert.equal(server.closed, 0);
      response.end(delta("late", "stop") + DONE);
      const printed = how === "the body" ? '{"choices"' : "late";
      await until(() => program.lines.includes(printed) || program.ended, "what it waited for has come");
      assert.deepEqual([program.complaints, program.ended], ["", false]);
    });
  }
});

test("a stream under way keeps the process alive, until its end", async (t) => {
  let response;
  const server = await http(t, (_, answer) => {
    response = answer;
    answer.writeHead(200, { "content-type": SSE });
    answer.write(delta("one "));
  });
  const ended = run(process.execPath, flags("console.log(await open().text());", server.url), {
    cwd: project,
  });
  await until(() => response, "the request is there");
  response.end(delta("two") + DONE);
  assert.equal((await settled(ended)).stdout, "one two\n");
});
