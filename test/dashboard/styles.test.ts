import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCES = path.join(import.meta.dirname, '../../dashboard/src')

/** The classes with which the rules of a style sheet begin. */
function classesOf(file: string): Set<string> {
  const rules = readFileSync(path.join(SOURCES, file), 'utf8')
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/@media[^{]*\{/g, '')
  const selectors = [...rules.matchAll(/([^{}]+)\{/g)].flatMap(([, list = '']) => list.split(','))
  return new Set(selectors.flatMap(selector => /^\s*\.([a-z0-9-]+)/.exec(selector)?.[1] ?? []))
}

describe('the styles of the dashboard', () => {
  // A page's styles stay when one goes to another page: a name with two meanings would change what is there.
  it('give no class a meaning in two places', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.css'))
    expect(files.length).toBeGreaterThan(30)
    const places = new Map<string, string[]>()
    for (const file of files) {
      for (const name of classesOf(file)) places.set(name, [...(places.get(name) ?? []), file])
    }
    const twice = [...places].filter(
      ([, where]) =>
        new Set(where.map(file => path.dirname(file))).size > 1 && where.some(file => file.startsWith('pages')),
    )
    expect(twice).toEqual([])
  })
})
