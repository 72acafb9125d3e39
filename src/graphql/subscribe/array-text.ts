import type { ParameterValue } from '../plan/nodes.ts'

/** A parameter as the text that Postgres reads it from: a list becomes an array literal, `{"a","b"}`. */
export function parameterText(value: ParameterValue): string | null {
  if (value === null || typeof value === 'string') return value
  return arrayText(value)
}

function arrayText(items: readonly ParameterValue[]): string {
  const texts = items.map(item => {
    if (item === null) return 'NULL'
    return typeof item === 'string' ? `"${item.replace(/[\\"]/g, '\\$&')}"` : arrayText(item)
  })
  return `{${texts.join(',')}}`
}
