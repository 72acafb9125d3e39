import { action, type Finding, ok } from './finding.ts'

const OLDEST_NODE = [20, 19] as const
// The schema's functions use SQL bodies and procedures that came with it.
const OLDEST_POSTGRES = 14

/** `version` as process.versions.node has it. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return ok('node', `Node ${version}`)
  return action(
    'node',
    `Node ${version} is older than ${OLDEST_NODE.join('.')}`,
    `install Node ${OLDEST_NODE.join('.')} or newer`,
  )
}

/** `versionNumber` as Postgres' server_version_num: 180004. */
export function judgePostgres(versionNumber: number): Finding {
  const version = `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}`
  if (versionNumber >= OLDEST_POSTGRES * 10_000) return ok('version', `Postgres ${version}`)
  return action(
    'version',
    `Postgres ${version} is older than ${OLDEST_POSTGRES}`,
    `use Postgres ${OLDEST_POSTGRES} or newer`,
  )
}

const SKEW_WORTH_A_WORD_MS = 1_000
const SKEW_TOO_LARGE_MS = 5_000

/** By how much this machine's clock is before (+) or behind (-) the database's; what the answer's way took is not known. */
export function judgeClock(aheadMs: number, uncertaintyMs: number): Finding {
  const off = Math.max(0, Math.abs(aheadMs) - uncertaintyMs)
  const words = `this machine's clock is ${Math.round(off)} ms ${aheadMs > 0 ? 'before' : 'behind'} the database's`
  if (off < SKEW_WORTH_A_WORD_MS) return ok('clock', 'the clocks of this machine and of the database agree')
  const todo = 'let both synchronise their clocks (NTP): times of recorded work come from the machine that recorded it'
  return off < SKEW_TOO_LARGE_MS ? { ...action('clock', words, todo), state: 'note' } : action('clock', words, todo)
}
