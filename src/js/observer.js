// The caller's `onAttempt`, which may do as it likes: nothing of it reaches the call.
//
// JavaScript, so that what it promises is not kept by the wasm until it settles, which it may never.

/** Tells `observer` of `attempt`. What it throws, now or later, is said on the console. */
export async function tell(observer, attempt) {
  try {
    await observer(attempt);
  } catch (error) {
    console.error("purerouter: onAttempt threw, which changes nothing for the call:", error);
  }
}
