import { messageOf } from '../../errors.ts'

export type CheckName =
  | 'node'
  | 'configuration'
  | 'database'
  | 'version'
  | 'clock'
  | 'migrations'
  | 'privileges'
  | 'partitions'
  | 'default partitions'
  | 'maintenance'
  | 'quarantine'
  | 'instances'
  | 'journal'
  | 'graphql'

/** What one check found. */
export interface Finding {
  check: CheckName
  /** `note`: worth knowing, nothing has to be done. */
  state: 'ok' | 'note' | 'action'
  /** In plain words. */
  found: string
  /** What helps; null when nothing has to be done. */
  todo: string | null
}

export const ok = (check: CheckName, found: string): Finding => ({ check, state: 'ok', found, todo: null })
export const note = (check: CheckName, found: string, todo: string | null = null): Finding => ({
  check,
  state: 'note',
  found,
  todo,
})
export const action = (check: CheckName, found: string, todo: string): Finding => ({
  check,
  state: 'action',
  found,
  todo,
})

/** The check's findings; a check that fails is a finding itself, so that the others are still made. */
export async function examine(
  check: CheckName,
  work: () => Promise<Finding | Finding[]>,
  explain: (error: unknown) => string = () => 'see docs/operations.md',
): Promise<Finding[]> {
  try {
    return [await work()].flat()
  } catch (error) {
    return [action(check, `could not be looked at: ${messageOf(error)}`, explain(error))]
  }
}

/** A count with its noun: `1 row`, `2 rows`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** How long ago, for people: `3 minutes`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return counted(seconds, 'second')
  if (seconds < 7_200) return counted(Math.round(seconds / 60), 'minute')
  if (seconds < 172_800) return counted(Math.round(seconds / 3_600), 'hour')
  return counted(Math.round(seconds / 86_400), 'day')
}
