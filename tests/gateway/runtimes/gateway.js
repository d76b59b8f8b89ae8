// The module that is run as it is by each runtime: by `deno serve`, by `bun run`, and behind node:http.
import process from "node:process";
import { createGateway } from "../../../pkg/worker.js";

export default createGateway({
  routerKey: "sk_server_0123456789",
  deployments: ["primary-id"],
  profiles: ["balanced"],
  origins: ["https://app.example"],
  baseUrl: process.env.SERVICE ?? "",
  maxBodyBytes: 1000,
  routes: {
    support: { fallback: ["down", "primary-id"] },
    fast: { hedge: ["silent", "primary-id"], delay: 50 },
  },
  authorize(request) {
    const given = request.headers.get("authorization");
    if (given !== "Bearer new") return given === "Bearer good";
    const headers = new Headers({ location: "/login" });
    for (const cookie of ["a=1", "b=2"]) headers.append("set-cookie", cookie);
    return new Response(null, { status: 303, headers });
  },
  tokens: { secret: "test-secret-0123456789-0123456789" },
});
