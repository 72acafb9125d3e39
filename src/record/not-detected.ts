type Listener = (reason: string, facts: unknown) => void

const listeners = new Set<Listener>()

/**
 * For a detector that says no and wants to say why: `return notDetected('already shipped', { status })`. It is false to
 * the host; the reason and the facts are recorded with the detection that this is called in. They are found through the
 * running work, so `captureConsole` or `recordReads` must be on (the first is, by default).
 */
export function notDetected(reason: string, facts?: unknown): false {
  for (const listener of listeners) {
    try {
      listener(reason, facts)
    } catch {
      // A reason that cannot be recorded must not become the detector's error.
    }
  }
  return false
}

/** Listens to reasons until the returned function is called. */
export function onNotDetected(listener: Listener): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
