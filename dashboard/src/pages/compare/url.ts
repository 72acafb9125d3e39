export const KINDS = ['invocation', 'chain', 'job'] as const
export type Kind = (typeof KINDS)[number]

/** In place of the left id: it is looked for, and its id put into the address. */
export const PRESETS = ['last-good', 'previous'] as const
export type Preset = (typeof PRESETS)[number]

/** What the address of a comparison says: `/compare?left=<id>&right=<id>`. */
export interface CompareSearch {
  /** What the ids are of. @default 'invocation' */
  kind?: 'chain' | 'job'
  /** What it is compared with: an id, `last-good` or `previous`. */
  left?: string
  /** What one asks about: an id. */
  right?: string
  /** Leave out what is the same on both sides. */
  only?: 'differences'
}

export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  const kind = search.kind === 'chain' || search.kind === 'job' ? search.kind : undefined
  const id = (value: unknown) => (typeof value === 'string' && !value.includes('@') ? value.trim() : '')
  const left = id(search.left)
  const right = id(search.right)
  return {
    ...(kind && { kind }),
    ...(left && { left }),
    ...(right && { right }),
    ...(search.only === 'differences' && { only: 'differences' }),
  }
}

export function isPreset(text: string | undefined): text is Preset {
  return PRESETS.some(preset => preset === text)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isId(text: string | undefined): text is string {
  return text !== undefined && UUID.test(text)
}
