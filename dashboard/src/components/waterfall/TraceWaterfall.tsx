import { useMemo, useState } from 'react'
import { parseMicros } from '../../model/time.ts'
import { buildSpanTree } from '../../model/waterfall/span-tree.ts'
import { type Span, toSpanTable } from '../../model/waterfall/spans.ts'
import { useZone } from '../use-zone.ts'
import { Waterfall } from './Waterfall.tsx'
import { WHOLE } from './waterfall-state.ts'

/** A `trace` event with the columns that a waterfall needs; more do no harm. */
export interface TraceWaterfallSpan {
  id: string
  event_name: string
  /** Where the span begins: ISO 8601. `timestamp` stands in for it. */
  started_at?: string | null
  timestamp: string
  /** Milliseconds; null while it runs. */
  duration_ms: number | null
  span_id?: string | null
  /** `span_id` of the parent. */
  parent_id?: string | null
  service_name?: string | null
  /** `error`, `failure`, `failed` and `timeout` are failures. */
  outcome?: string | null
  error_message?: string | null
}

export interface TraceWaterfallProps {
  spans: readonly TraceWaterfallSpan[]
  /** Milliseconds that the time axis covers at least, from the first start. @default what the spans take */
  totalDuration?: number
  /** Pixels. @default 480 */
  height?: number
  /** Called with the id of a span when it is chosen. */
  onSelect?: (id: string) => void
  /** For assistive technology. @default Trace */
  label?: string
}

const FAILED = ['error', 'failure', 'failed', 'timeout']

/** The spans of a trace as a waterfall, for any React application. Keys work when the focus is inside. */
export function TraceWaterfall({ spans, totalDuration, height = 480, onSelect, label = 'Trace' }: TraceWaterfallProps) {
  const [state, setState] = useState(WHOLE)
  const [selectedId, setSelectedId] = useState<string | null>(null)
  const [zone] = useZone()
  const tree = useMemo(() => buildSpanTree(toSpanTable(toSpans(spans))), [spans])
  return (
    <div style={{ height }}>
      <Waterfall
        tree={tree}
        now={Date.now() * 1000}
        zone={zone}
        state={state}
        onState={setState}
        selectedId={selectedId}
        onSelect={id => {
          setSelectedId(id)
          onSelect?.(id)
        }}
        keys="inside"
        label={label}
        {...(totalDuration !== undefined && { minTotal: totalDuration * 1000 })}
      />
    </div>
  )
}

function toSpans(rows: readonly TraceWaterfallSpan[]): Span[] {
  const ids = new Map(rows.map(row => [row.span_id ?? row.id, row.id]))
  return rows.flatMap(row => {
    const startAt = parseMicros(row.started_at ?? row.timestamp)
    if (startAt === null) return []
    const parent = row.parent_id ?? null
    const failed = FAILED.includes(row.outcome ?? '')
    return {
      id: row.id,
      parentId: parent === null ? null : (ids.get(parent) ?? parent),
      kind: 'span',
      name: row.event_name,
      service: row.service_name ?? undefined,
      startAt,
      endAt: row.duration_ms === null ? null : startAt + row.duration_ms * 1000,
      tone: failed ? 'failed' : row.duration_ms === null ? 'running' : 'ok',
      detail: row.error_message ?? undefined,
    }
  })
}
