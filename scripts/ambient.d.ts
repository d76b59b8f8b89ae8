// Modules that only exist where the code that imports them runs.

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "cloudflare:workers" {
  export const env: unknown;
}

// What fetch takes for a streamed body, and TypeScript's DOM types still lack.
interface RequestInit {
  duplex?: "half";
}
