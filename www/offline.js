// Lets the page work offline once it was loaded: a service worker keeps its files. Where there can be none (plain HTTP on
// another machine, a private window) the page works as before, online.

export function installOffline() {
  if (!navigator.serviceWorker) return;
  const start = async () => {
    const { trustedTypes } = /** @type {any} */ (globalThis);
    const policy = trustedTypes?.createPolicy("offline", { createScriptURL: () => "/offline-worker.js" });
    try {
      await navigator.serviceWorker.register(policy?.createScriptURL("") ?? "/offline-worker.js");
    } catch {
      // As said above.
    }
  };
  if (document.readyState === "complete") void start();
  else addEventListener("load", start, { once: true });
}
