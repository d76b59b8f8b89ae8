// Targets, their combinations and prices, as users write them. Never run, only compiled: an unused `@ts-expect-error`
// is an error too.

import { PureRouter, estimateCost, instanceTypes } from "purerouter";
import type {
  Comparison,
  Completion,
  CompletionStream,
  FallbackOptions,
  HedgeOptions,
  InstanceType,
  StreamEvent,
  Target,
  Timing,
} from "purerouter";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const client = new PureRouter();
const controller = new AbortController();

// Whom a call asks

const primary: Target = client.deployment("primary-id", { instance: "a10g-medium" });
const backup: Target = client.deployment("backup-id");
const anything: Target = client.profile("balanced");
const label: string = primary.label;
client.deployment("a", {});
client.deployment("a", { instance: undefined });
client.deployment("a", { instance: null });

// @ts-expect-error: an id belongs here
client.deployment();
// @ts-expect-error: an id is a string
client.deployment(1);
// @ts-expect-error: an unknown option
client.deployment("a", { instanceType: "a10g-medium" });
// @ts-expect-error: an instance is named by its id
client.deployment("a", { instance: instanceTypes[0] });
// @ts-expect-error: a name belongs here
client.profile();
// @ts-expect-error: a profile has no options
client.profile("balanced", { instance: "a10g-medium" });
// @ts-expect-error: a label stays what it is
primary.label = "b";

// Asking

const completion: Completion = await primary.invoke({ prompt: "Hi.", max_tokens: 5 });
const stream: CompletionStream = anything.stream({ messages: [{ role: "user", content: "Hi." }] });
await primary.invoke({ prompt: "Hi." }, { signal: controller.signal, timeout: 5, onAttempt: () => {} });
const price: number | null = completion.costUsd;
for await (const event of primary.stream({ prompt: "Hi." })) event satisfies StreamEvent;

// @ts-expect-error: a target knows whom it asks
await primary.invoke("primary-id", { prompt: "Hi." });
// @ts-expect-error: max_tokens is a number
await primary.invoke({ prompt: "Hi.", max_tokens: "5" });
// @ts-expect-error: stream() is what streams
await primary.invoke({ prompt: "Hi.", stream: true });
// @ts-expect-error: an unknown option
primary.stream({ prompt: "Hi." }, { delay: 5 });
// @ts-expect-error: a Completion is not the wire's JSON
completion.choices;

// One after the other

const chain: Target = client.fallback([primary, "backup-id", anything]);
client.fallback(["a"], {});
client.fallback(["a"], { midStream: "fail" });
client.fallback(["a"], { midStream: "continue" });
client.fallback(["a"], { midStream: "restart", shouldFallback: (error) => error instanceof Error });
client.fallback(["a"], { midStream: undefined, shouldFallback: undefined });
client.fallback([client.fallback([chain]), client.hedge(["b"], { delay: 5 })]);
client.fallback(["a", "b"] as const);
const fallback: FallbackOptions = {
  shouldFallback(error) {
    true satisfies Same<typeof error, unknown>;
    return false;
  },
};

// @ts-expect-error: a list belongs here
client.fallback(primary, backup);
// @ts-expect-error: a number is no target
client.fallback([1]);
// @ts-expect-error: neither is a function that asks
client.fallback([() => primary.invoke({ prompt: "Hi." })]);
// @ts-expect-error: no such mode
client.fallback(["a"], { midStream: "resume" });
// @ts-expect-error: an unknown option
client.fallback(["a"], { midstream: "fail" });
// @ts-expect-error: an unknown option beside known ones
client.fallback(["a"], { midStream: "fail", retries: 3 });
// @ts-expect-error: it is asked, and not told
client.fallback(["a"], { shouldFallback: true });
// @ts-expect-error: it decides at once
client.fallback(["a"], { shouldFallback: async () => true });
// @ts-expect-error: a delay belongs to hedge()
client.fallback(["a"], { delay: 5 });

// Side by side

const race: Target = client.hedge([primary, "backup-id", chain], { delay: 400 });
const hedge: HedgeOptions = { delay: 0 };

// @ts-expect-error: a delay belongs here
client.hedge([primary, backup]);
// @ts-expect-error: the delay is missing
client.hedge([primary, backup], {});
// @ts-expect-error: milliseconds are a number
client.hedge([primary, backup], { delay: "400ms" });
// @ts-expect-error: an unknown option
client.hedge([primary, backup], { delay: 400, max: 2 });
// @ts-expect-error: an unknown option of the type, too
const wrong: HedgeOptions = { delay: 1, after: 2 };

// All at once

const comparison = client.compare(
  [primary, "backup-id", chain],
  { prompt: "Hi." },
  { signal: controller.signal },
);
for await (const one of comparison) {
  true satisfies Same<typeof one, { index: number; target: string; event: StreamEvent }>;
}
const results: Comparison[] = await comparison.results;
for (const { target, completion, error, timing } of results) {
  true satisfies Same<typeof target, string>;
  true satisfies Same<typeof completion, Completion | undefined>;
  true satisfies Same<typeof error, unknown>;
  true satisfies Same<typeof timing, Timing>;
}
const { results: alone }: { results: Promise<Comparison[]> } = client.compare(["a"], { prompt: "Hi." });

// @ts-expect-error: a request belongs here
client.compare(["a"]);
// @ts-expect-error: an unknown option
client.compare(["a"], { prompt: "Hi." }, { delay: 5 });
// @ts-expect-error: a lane may have failed
results[0]!.completion.text;
// @ts-expect-error: it is iterated, and no array
comparison.length;
// @ts-expect-error: it is no Target
client.fallback([comparison]);

// Prices

true satisfies Same<
  InstanceType,
  Readonly<{ id: string; name: string; gpus: number; memoryGb: number; usdPerHour: number }>
>;
instanceTypes satisfies readonly InstanceType[];
const cost: number = estimateCost({ instance: "a10g-medium", durationMs: 2000 });
estimateCost({ instance: instanceTypes[0]!.id, durationMs: 2000, concurrency: 8 });
estimateCost({ instance: "a10g-medium", durationMs: 2000, concurrency: undefined });

// @ts-expect-error: options belong here
estimateCost();
// @ts-expect-error: for how long is missing
estimateCost({ instance: "a10g-medium" });
// @ts-expect-error: of what is missing
estimateCost({ durationMs: 2000 });
// @ts-expect-error: milliseconds are a number
estimateCost({ instance: "a10g-medium", durationMs: "2s" });
// @ts-expect-error: an unknown option
estimateCost({ instance: "a10g-medium", duration: 2 });
// @ts-expect-error: the price list is not for changing
instanceTypes.push(instanceTypes[0]!);
// @ts-expect-error: neither is a price
instanceTypes[0]!.usdPerHour = 0;

void [label, stream, price, fallback, race, hedge, wrong, alone, cost];
