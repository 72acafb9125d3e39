import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const DIST = 'dashboard/dist'
export const MAX_FIRST_LOAD_KIB = 260

/** Text of the JavaScript (or styles) that the built dashboard loads before it shows anything, by file. */
export function firstLoad(kind: 'js' | 'css' = 'js'): Map<string, string> {
  const html = readFileSync(path.join(DIST, 'index.html'), 'utf8')
  const links = [...html.matchAll(/(?:src|href)="\/?([^"]+)"/g)].map(match => match[1] as string)
  const files = links.filter(link => link.endsWith(`.${kind}`))
  return new Map(files.map(file => [file, readFileSync(path.join(DIST, file), 'utf8')]))
}

/** Its size in KiB, compressed as a server would. */
export function firstLoadKib(): number {
  let bytes = 0
  for (const text of firstLoad().values()) bytes += gzipSync(text, { level: 9 }).length
  return bytes / 1_024
}
