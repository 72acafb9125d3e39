import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { messageOf, ObservabilityError } from '../src/errors.ts'

describe('errors', () => {
  it('are all documented, and nothing else is', () => {
    const union = readFileSync('src/errors.ts', 'utf8').split('export type ErrorCode =')[1] ?? ''
    const codes = [...(union.split('/**')[0] ?? '').matchAll(/\| '([A-Z_]+)'/g)].map(match => match[1])
    const documented = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)`/gm)].map(match => match[1])
    expect(codes.length).toBeGreaterThan(10)
    expect(documented).toEqual(codes)
  })

  it('carry a code and their cause', () => {
    const error = new ObservabilityError('PORT_TAKEN', 'taken', { cause: 1 })
    expect(error).toMatchObject({ code: 'PORT_TAKEN', name: 'ObservabilityError', cause: 1 })
  })

  it('have a message, whatever was thrown', () => {
    const hostile = {
      toString() {
        throw new Error('no')
      },
    }
    expect([new Error('a'), 'b', 3, null, hostile].map(messageOf)).toEqual(['a', 'b', '3', 'null', 'a thrown object'])
  })
})
