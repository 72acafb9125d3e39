import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const DIST = 'dashboard/dist'

/** The JavaScript that the page loads before it shows anything. */
function firstLoad(): string[] {
  const html = readFileSync(path.join(DIST, 'index.html'), 'utf8')
  return [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map(match => match[1] as string)
}

describe('the built dashboard', () => {
  it('loads at most 260 KiB of compressed JavaScript at first', () => {
    const files = firstLoad()
    expect(files.length).toBeGreaterThan(0)
    const bytes = files.reduce(
      (sum, file) => sum + gzipSync(readFileSync(path.join(DIST, file)), { level: 9 }).length,
      0,
    )
    expect(bytes / 1_024).toBeLessThanOrEqual(260)
  })

  it('loads the graph only when a chain is opened', () => {
    const text = firstLoad()
      .map(file => readFileSync(path.join(DIST, file), 'utf8'))
      .join('')
    expect(text).not.toContain('react-flow__node')
  })
})
