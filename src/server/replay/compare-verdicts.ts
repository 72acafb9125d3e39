import type { AskedVerdict } from './targets.ts'

/** What one module said when the invocation was recorded. */
export interface RecordedVerdict {
  name: string
  detected: boolean
  /** Its detector threw. */
  failed: boolean
  reason: string | null
}

export type VerdictChange =
  | 'same'
  | 'now_detected'
  | 'no_longer_detected'
  | 'now_fails'
  | 'no_longer_fails'
  /** It was not there, or not asked, when the invocation was recorded. */
  | 'new'
  /** It was asked then, and is not there any more. */
  | 'gone'

/** One module, as it was recorded and as it says now. Null where it was not asked. */
export interface ComparedVerdict {
  name: string
  change: VerdictChange
  recorded: { detected: boolean; failed: boolean; reason: string | null } | null
  now: { detected: boolean; error: string | null; reason: string | null; durationMs: number } | null
}

/** Both sides by the modules' names, what differs first. */
export function compareVerdicts(
  recorded: readonly RecordedVerdict[],
  asked: readonly AskedVerdict[],
): ComparedVerdict[] {
  const before = new Map(recorded.map(verdict => [verdict.name, verdict]))
  const now = new Map(asked.map(verdict => [verdict.name, verdict]))
  return [...new Set([...before.keys(), ...now.keys()])]
    .map(name => compare(name, before.get(name), now.get(name)))
    .sort((a, b) => Number(a.change === 'same') - Number(b.change === 'same') || (a.name < b.name ? -1 : 1))
}

function compare(name: string, before: RecordedVerdict | undefined, now: AskedVerdict | undefined): ComparedVerdict {
  return {
    name,
    change: changeOf(before, now),
    recorded: before ? { detected: before.detected, failed: before.failed, reason: before.reason } : null,
    now: now
      ? { detected: now.detected, error: now.error?.message ?? null, reason: now.reason, durationMs: now.durationMs }
      : null,
  }
}

function changeOf(before: RecordedVerdict | undefined, now: AskedVerdict | undefined): VerdictChange {
  if (!now) return 'gone'
  if (!before) return 'new'
  if (now.error) return before.failed ? 'same' : 'now_fails'
  if (now.detected !== before.detected) return now.detected ? 'now_detected' : 'no_longer_detected'
  return before.failed ? 'no_longer_fails' : 'same'
}
