/** Work that may be interrupted wherever it yields. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Rows between two places where work may be interrupted: some milliseconds at most. */
export const ROWS_PER_STEP = 4_096

// Shorter than a frame: what the reader does meanwhile is answered in the next one.
const SLICE_MS = 12

export function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Runs in many short tasks instead of a long one. Rejects with the signal's reason when that is aborted. */
export async function runInSlices<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS
    do {
      const { done, value } = steps.next()
      if (done) return value
    } while (performance.now() < until)
    await nextTask()
    signal.throwIfAborted()
  }
}

/** After what waits already: clicks, frames. A timer would wait some milliseconds more each time. */
function nextTask(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener(
      'message',
      () => {
        port1.close()
        resolve()
      },
      { once: true },
    )
    port1.start()
    port2.postMessage(null)
  })
}
