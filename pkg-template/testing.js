// A PureRouter service as a fetch function: for tests, demos and work offline. It speaks the service's wire
// protocol in memory, opens no socket, and behaves the same at every run. It is not a model and not a proxy:
// what a deployment says is what its `text` option says, or a recording replayed.

export { createService } from "./testing/service.js";
export { recorded } from "./testing/replay.js";
export { recordings } from "./testing/recordings.js";
