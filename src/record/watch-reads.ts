/** Where the reads of the detector that runs here are noted; undefined where none does. */
export type ReadsHere = () => Set<string> | undefined

/** More are not noted: whoever reads that much reads everything. */
const MAX_READS = 200

const watched = new WeakMap<object, () => void>()

/**
 * Notes what detectors read of a payload: `table`, `op`, `new.status`, `session_variables.x-hasura-role`. All of them
 * get the same payload object, so its `event` becomes a getter that hands out recording proxies to detectors only;
 * handlers, jobs and everyone else get the very object that was there. Works in any host that enters the detector
 * from the frame that the hooks ran in, and returns how to undo it. A payload that cannot be changed is left alone.
 *
 * A detector sees proxies: it may read and compare values as ever, but `structuredClone(event.data.new)` throws.
 */
export function watchReads(payload: object, readsHere: ReadsHere): () => void {
  const undoEarlier = watched.get(payload)
  if (undoEarlier) return undoEarlier
  const undo = [
    replace(payload, 'table', (table, reads) => {
      note(reads, 'table')
      return table
    }),
    replace(payload, 'event', (event, reads) => proxyOf(event, EVENT, reads)),
  ]
  function replace(target: object, key: string, show: (value: unknown, reads: Set<string>) => unknown): () => void {
    const own = Object.getOwnPropertyDescriptor(target, key)
    if (!own?.configurable || !('value' in own)) return () => {}
    let value: unknown = own.value
    Object.defineProperty(target, key, {
      enumerable: own.enumerable === true,
      configurable: true,
      get() {
        const reads = readsHere()
        return reads ? show(value, reads) : value
      },
      set(changed: unknown) {
        value = changed
      },
    })
    return () => Object.defineProperty(target, key, { ...own, value })
  }
  const restore = (): void => {
    if (!watched.delete(payload)) return
    for (const each of undo) each()
  }
  watched.set(payload, restore)
  return restore
}

/** What is within an object: proxies for some keys, and how the others are called. */
interface Level {
  prefix: string
  inner: Readonly<Record<string, Level>>
}

const level = (prefix: string, inner: Level['inner'] = {}): Level => ({ prefix, inner })
const EVENT = level('', {
  data: level('', { new: level('new.'), old: level('old.') }),
  session_variables: level('session_variables.'),
})

// One proxy for each object and detection: a detector may compare what it reads with what it read before.
const proxies = new WeakMap<Set<string>, WeakMap<object, object>>()

function proxyOf(value: unknown, { prefix, inner }: Level, reads: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  let own = proxies.get(reads)
  if (!own) {
    own = new WeakMap()
    proxies.set(reads, own)
  }
  const existing = own.get(value)
  if (existing) return existing
  const proxy = new Proxy(value, {
    get(target, key, receiver) {
      const item: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol') return item
      const within = Object.hasOwn(inner, key) ? inner[key] : undefined
      if (!within || typeof item !== 'object' || item === null) {
        note(reads, prefix + key)
        return item
      }
      // The language insists that a frozen property shows its very value.
      const fixed = Object.getOwnPropertyDescriptor(target, key)
      if (fixed?.configurable === false && fixed.writable === false) return item
      return proxyOf(item, within, reads)
    },
    has(target, key) {
      if (typeof key === 'string') note(reads, prefix + key)
      return Reflect.has(target, key)
    },
    ownKeys(target) {
      if (prefix !== '') note(reads, `${prefix}*`)
      return Reflect.ownKeys(target)
    },
  })
  own.set(value, proxy)
  return proxy
}

function note(reads: Set<string>, name: string): void {
  if (reads.size < MAX_READS) reads.add(name)
}
