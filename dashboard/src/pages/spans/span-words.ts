import type { Status, Tone } from '../../model/status.ts'
import type { SpanKind } from '../../model/waterfall/spans.ts'

export const KIND_LABELS: Record<SpanKind, string> = {
  invocation: 'Invocation',
  event: 'Event',
  undetected: 'Event',
  job: 'Job',
  span: 'Span',
  missing: 'Missing parent',
}

const WORDS: Record<Tone, string> = {
  ok: 'completed',
  failed: 'failed',
  running: 'running',
  quiet: 'not detected',
  warning: 'job failed',
  lost: 'lost',
}

export function toneStatus(tone: Tone, kind: SpanKind): Status {
  if (tone === 'ok' && kind === 'event') return { tone, word: 'detected' }
  if (tone === 'ok' && kind === 'span') return { tone, word: 'ok' }
  return { tone, word: WORDS[tone] }
}
