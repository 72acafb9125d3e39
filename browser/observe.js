/**
 * Sends what happens in a browser to the server that this file comes from, or to `endpoint`: web vitals, session replay and
 * the timing of resources. No dependency; it brings neither web-vitals nor rrweb, but takes what they give.
 *
 *   import { masked, observe } from '/observe.js'
 *   const observer = observe({ ns: 'shop.web' })
 *   observer.whenAllowed(() => onLCP(observer.vital))                                // of web-vitals
 *   observer.whenAllowed(() => record({ ...masked, emit: observer.replay }))         // of rrweb
 *   observer.whenAllowed(observer.resources)
 *
 * Items wait for a second, or until the page is hidden, and are sent together. What could not be sent is tried again, also by
 * the next page of the visit; sending an item twice changes nothing.
 *
 * Options: `ns`, the namespace; `endpoint`; `apiKey`; `sessionId`, else one is made for each tab; `consent`, whether the user
 * agreed, by default unless their browser says "do not track" or "global privacy control"; `keepQuery`, to send addresses
 * with what follows `?` and `#`, which may hold anything.
 */
export function observe(options = {}) {
  const endpoint = new URL(options.endpoint ?? '/api/ingest', options.endpoint ? location.href : import.meta.url).href
  const left = `observe.left ${options.ns ?? ''}`
  let allowed = options.consent ?? !(navigator.globalPrivacyControl || navigator.doNotTrack === '1')
  let session = allowed ? visit(options.sessionId) : null
  /** What the server has not yet confirmed: `{ source, text, isSent, isKept }`, oldest first. */
  let waiting = allowed ? readLeft() : []
  /** Start → how to stop it; null while it is not running. */
  const starts = new Map()
  let sequence = 0
  let dropped = 0
  let timer = null
  let pause = FIRST_PAUSE
  let keptAlive = 0
  let isSendDue = false
  let hasWarned = false

  const address = url => (options.keepQuery ? url : url.split(/[?#]/, 1)[0])

  function put(source, item) {
    if (!allowed) return
    try {
      waiting.push({ source, text: JSON.stringify(item), isSent: false, isKept: false })
    } catch (error) {
      dropped++
      warn(`an item is no JSON: ${error.message}`)
      return
    }
    makeRoom()
    const isFailing = pause > FIRST_PAUSE
    const isLarge = lengthOf(waiting.filter(each => !each.isSent)) > MAX_BODY
    // A page that is hidden may be gone before a timer fires; what its listeners report now goes together.
    if (isFailing || !(isLarge || document.visibilityState === 'hidden')) {
      timer ??= setTimeout(send, isFailing ? pause : WAIT)
    } else if (!isSendDue) {
      isSendDue = true
      queueMicrotask(send)
    }
  }

  function makeRoom() {
    while (waiting.length > MAX_ITEMS || (waiting.length > 1 && lengthOf(waiting) > MAX_WAITING)) {
      waiting.shift()
      dropped++
    }
  }

  function send() {
    clearTimeout(timer)
    timer = null
    isSendDue = false
    // All at once: of a page that goes, only what it starts now is sent.
    return Promise.all(batches(waiting.filter(item => !item.isSent)).map(post)).then(waits => {
      const failed = waits.filter(wait => wait !== null)
      if (failed.length > 0) {
        clearTimeout(timer)
        timer = setTimeout(send, Math.max(...failed) || pause)
        pause = Math.min(pause * 2, MAX_PAUSE)
      } else if (waits.length > 0) pause = FIRST_PAUSE
    })
  }

  /** Null when it is done with, else after how many milliseconds the server wants it again; 0 when it does not say. */
  async function post(items) {
    const context = JSON.stringify({ ns: options.ns, sessionId: session?.id })
    const texts = items.map(item => item.text).join()
    const key = JSON.stringify(options.apiKey ?? null)
    // As text, and with the key inside, browsers need not ask first whether a page may send: a page that goes cannot wait.
    const body = new TextEncoder().encode(`{"writeKey":${key},"context":${context},"items":[${texts}]}`)
    const keepalive = keptAlive + body.length < MAX_KEPT_ALIVE
    if (keepalive) keptAlive += body.length
    for (const item of items) Object.assign(item, { isSent: true, isKept: keepalive })
    try {
      const headers = { 'content-type': 'text/plain' }
      const url = `${endpoint.replace(/\/$/, '')}/${items[0].source}`
      const answer = await fetch(url, { method: 'POST', body, headers, credentials: 'omit', keepalive })
      if (answer.status === 408 || answer.status === 429 || answer.status >= 500) {
        return again(Number(answer.headers.get('retry-after')) * 1000)
      }
      waiting = waiting.filter(item => !items.includes(item))
      // What the server does not understand it will not understand later either.
      if (!answer.ok) {
        dropped += items.length
        warn(`${items.length} items were refused: ${await answer.text()}`)
      }
      return null
    } catch {
      return again(0)
    } finally {
      if (keepalive) keptAlive -= body.length
    }

    function again(wait) {
      for (const item of items) Object.assign(item, { isSent: false, isKept: false })
      return wait
    }
  }

  function leave() {
    void send()
    // Most is on its way and outlives the page; the rest is left to the next page of this tab.
    const rest = waiting.filter(item => !item.isKept || !navigator.onLine)
    if (rest.length > 0) store(left, JSON.stringify(rest.map(({ source, text }) => ({ source, text }))))
  }

  function readLeft() {
    try {
      const items = JSON.parse(sessionStorage.getItem(left) ?? '[]')
      sessionStorage.removeItem(left)
      return items.map(item => ({ ...item, isSent: false, isKept: false }))
    } catch {
      return []
    }
  }

  function begin(start) {
    // Not twice what cannot be stopped: web-vitals would report everything once more.
    if (starts.get(start) !== null) return
    const stop = start()
    starts.set(start, typeof stop === 'function' ? stop : undefined)
  }

  function end(start) {
    starts.get(start)?.()
    if (starts.get(start)) starts.set(start, null)
  }

  function warn(message) {
    if (!hasWarned) console.warn(`observe.js: ${message}`)
    hasWarned = true
  }

  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void send()
  })
  addEventListener('pagehide', leave)
  // Back again, with all it had in memory.
  addEventListener('pageshow', event => {
    if (event.persisted) forget(left)
  })
  addEventListener('online', () => {
    pause = FIRST_PAUSE
    void send()
  })
  if (waiting.length > 0) timer = setTimeout(send, WAIT)

  return {
    /** The visit; null while the user has not agreed. */
    get sessionId() {
      return session?.id ?? null
    },
    /** Items that were given up: beyond what may wait, or refused by the server. */
    get dropped() {
      return dropped
    },
    /**
     * The user's choice. With `false` nothing is recorded, what waits is thrown away, and nothing is left in the browser.
     * What began by `whenAllowed` begins and ends with it.
     */
    consent(isGiven) {
      if (allowed === isGiven) return
      allowed = isGiven
      if (isGiven) {
        session = visit(options.sessionId)
        for (const start of starts.keys()) begin(start)
        return
      }
      for (const start of starts.keys()) end(start)
      waiting = []
      session = null
      clearTimeout(timer)
      timer = null
      for (const key of [left, SESSION]) forget(key)
    },
    /** Calls `start` as soon as the user has agreed, and the function it gives, if any, when they change their mind. */
    whenAllowed(start) {
      starts.set(start, null)
      if (allowed) begin(start)
    },
    /** A metric of web-vitals: `onLCP(observer.vital)`. */
    vital(metric) {
      const { name, value, rating, delta, id, navigationType } = metric
      const timestamp = Date.now()
      const attribution = plain(metric.attribution ?? { target: targetOf(metric.entries) })
      if (attribution.url) attribution.url = address(attribution.url)
      const url = address(location.href)
      put('web-vital', { timestamp, name, value, rating, delta, id, navigationType, url, attribution })
    },
    /** An event of rrweb: `record({ ...masked, emit: observer.replay })`. */
    replay(event) {
      if (!session) return
      const data = event.data?.href ? { ...event.data, href: address(event.data.href) } : event.data
      const { startedAt } = session
      put('session-replay', { ...event, data, sequence: sequence++, startedAt, url: address(location.href) })
    },
    /** Every resource that the page has loaded and will load, except what is sent here. Gives the function that ends it. */
    resources() {
      const observer = new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
          if (entry.name.startsWith(endpoint)) continue
          const timing = { ...entry.toJSON(), name: address(entry.name), timeOrigin: performance.timeOrigin }
          if (timing.serverTiming?.length === 0) delete timing.serverTiming
          put('snippet', { ...timing, pageUrl: address(location.href) })
        }
      })
      observer.observe({ type: 'resource', buffered: true })
      return () => observer.disconnect()
    },
    /** Sends what waits, now. */
    flush: send,
  }
}

/** Options of rrweb's `record` with which neither what is typed nor what is written on the page leaves the browser. */
export const masked = { maskAllInputs: true, maskTextSelector: '*' }

const WAIT = 1000
const FIRST_PAUSE = 2000
const MAX_PAUSE = 60000
const MAX_ITEMS = 1000
/** Characters that may wait. */
const MAX_WAITING = 4000000
/** Characters for one request; an item that is longer goes alone. */
const MAX_BODY = 30000
/** Together, requests that outlive their page may have 64 KiB. */
const MAX_KEPT_ALIVE = 64000
const SESSION = 'observe.session'

/** One visit: as long as the tab lives. */
function visit(given) {
  const [known, since] = read(SESSION)?.split(' ') ?? []
  const id = given ?? known ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), hex8).join('')
  const startedAt = id === known ? Number(since) : Date.now()
  store(SESSION, `${id} ${startedAt}`)
  return { id, startedAt }
}

const hex8 = number => number.toString(16).padStart(8, '0')

// Storage may be forbidden or full: then each page is a visit, and what a page could not send is lost with it.
function read(key) {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}

function store(key, text) {
  try {
    sessionStorage.setItem(key, text)
  } catch {}
}

function forget(key) {
  try {
    sessionStorage.removeItem(key)
  } catch {}
}

const lengthOf = items => items.reduce((sum, { text }) => sum + text.length, 0)

/** Items of one source for each request, and not too much at a time. */
function batches(items) {
  const all = []
  const open = {}
  for (const item of items) {
    const batch = open[item.source]
    if (batch && lengthOf(batch) + item.text.length <= MAX_BODY) batch.push(item)
    else {
      open[item.source] = [item]
      all.push(open[item.source])
    }
  }
  return all
}

// Attribution holds elements and entries of the browser, which are no JSON.
function plain(attribution) {
  const entries = Object.entries(attribution).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  return Object.fromEntries(entries)
}

// Without the library's attribution: the element's name and id.
function targetOf(entries) {
  const entry = entries?.[entries.length - 1]
  const element = entry?.element ?? entry?.target ?? entry?.sources?.[0]?.node
  return element?.localName && element.localName + (element.id ? `#${element.id}` : '')
}
