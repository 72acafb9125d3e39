import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { conformancePage, FEATURES } from './support/conformance.ts'

const PAGE = 'docs/graphql-conformance.md'

describe('the page of what the endpoint has of Hasura', () => {
  it('names tests that are there, for everything it says is supported', () => {
    for (const { feature, supported, test } of FEATURES) {
      expect(test === undefined, feature).toBe(supported === 'no')
      if (test === undefined) continue
      const [file = '', title = ''] = test.split(' › ')
      expect(readFileSync(`test/graphql/${file}.test.ts`, 'utf8'), feature).toContain(`'${title}'`)
    }
  })

  it('is what the list makes (else: CONFORMANCE=write)', () => {
    const page = conformancePage(FEATURES)
    if (process.env.CONFORMANCE === 'write') writeFileSync(PAGE, page)
    expect(readFileSync(PAGE, 'utf8')).toBe(page)
  })
})
