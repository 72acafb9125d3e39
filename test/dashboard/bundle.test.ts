import { describe, expect, it } from 'vitest'
import { firstLoad, firstLoadKib, MAX_FIRST_LOAD_KIB } from '../support/first-load.ts'

describe('the built dashboard', () => {
  it(`loads at most ${MAX_FIRST_LOAD_KIB} KiB of compressed JavaScript at first`, () => {
    expect(firstLoad().size).toBeGreaterThan(0)
    expect(firstLoadKib()).toBeLessThanOrEqual(MAX_FIRST_LOAD_KIB)
  })

  it('has the styles of the shell from the start', () => {
    const styles = [...firstLoad('css').values()].join('')
    for (const rule of ['.sidebar', '.mini-table', '--ink', '@layer mantine']) expect(styles).toContain(rule)
  })

  it('loads the graph only when a chain is opened', () => {
    expect([...firstLoad().values()].join('')).not.toContain('react-flow__node')
  })
})
