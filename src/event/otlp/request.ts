import { isObject } from '../fields.ts'
import type { OtlpItem } from './resource.ts'

/** The three kinds of OTLP requests, and where in them the items are. */
export const SIGNALS = {
  traces: { source: 'otlp-span', resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  logs: { source: 'otlp-log', resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
  metrics: { source: 'otlp-metric', resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' },
} as const
export type Signal = keyof typeof SIGNALS

/** The items of an OTLP request with what they were sent below. Null when the body is no such request. */
export function itemsOf(signal: Signal, body: unknown): OtlpItem[] | null {
  const names = SIGNALS[signal]
  if (!isObject(body)) return null
  const items: OtlpItem[] = []
  for (const group of listOf(body[names.resources])) {
    if (!isObject(group)) return null
    for (const scoped of listOf(group[names.scopes])) {
      if (!isObject(scoped)) return null
      for (const item of listOf(scoped[names.items])) {
        items.push({ resource: group.resource, scope: scoped.scope, item })
      }
    }
  }
  return items
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
