/**
 * Sends what happens in a browser to the server that this file comes from, or to `endpoint`: web vitals, session replay and
 * the timing of resources. No dependency; it brings neither web-vitals nor rrweb, but takes what they give.
 *
 *   import { observe } from '/observe.js'
 *   const observer = observe({ ns: 'shop.web' })
 *   onLCP(observer.vital)                        // of web-vitals
 *   record({ emit: observer.replay })            // of rrweb
 *   observer.resources()
 *
 * Items wait for a second, or until the page is hidden, and are sent together. What cannot be sent is tried again with the
 * next ones; beyond 1000 the oldest go. Sending an item twice changes nothing.
 */
export function observe(options = {}) {
  const endpoint = String(options.endpoint ?? new URL('/api/ingest/', import.meta.url)).replace(/\/?$/, '/')
  const sessionId = options.sessionId ?? visit()
  const startedAt = Date.now()
  const waiting = { 'web-vital': [], 'session-replay': [], snippet: [] }
  const MAX_WAITING = 1000
  // Together, requests that outlive their page may have 64 KiB.
  const MAX_KEPT_ALIVE = 60000
  let sequence = 0
  let timer

  function put(source, item) {
    const items = waiting[source]
    items.push({ url: location.href, ...item })
    if (items.length > MAX_WAITING) items.shift()
    timer ??= setTimeout(send, 1000)
  }

  async function send() {
    clearTimeout(timer)
    timer = undefined
    for (const source of Object.keys(waiting)) {
      const items = waiting[source].splice(0)
      if (items.length === 0) continue
      const context = { ns: options.ns, sessionId, pageUrl: location.href }
      const body = JSON.stringify({ context, items })
      const headers = { 'content-type': 'application/json' }
      if (options.apiKey) headers.authorization = `Bearer ${options.apiKey}`
      try {
        const answer = await fetch(endpoint + source, {
          method: 'POST',
          body,
          headers,
          credentials: 'omit',
          keepalive: body.length < MAX_KEPT_ALIVE,
        })
        // What the server does not understand it will not understand later either.
        if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status))
      } catch {
        waiting[source].unshift(...items)
        waiting[source].splice(0, Math.max(0, waiting[source].length - MAX_WAITING))
        timer ??= setTimeout(send, 5000)
      }
    }
  }

  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void send()
  })
  addEventListener('pagehide', () => void send())

  return {
    sessionId,
    /** A metric of web-vitals: `onLCP(observer.vital)`. */
    vital: metric =>
      put('web-vital', {
        timestamp: Date.now(),
        name: metric.name,
        value: metric.value,
        rating: metric.rating,
        delta: metric.delta,
        id: metric.id,
        navigationType: metric.navigationType,
        attribution: plain(metric.attribution),
      }),
    /** An event of rrweb: `record({ emit: observer.replay })`. */
    replay: event => put('session-replay', { ...event, sequence: sequence++, startedAt }),
    /** Every resource that the page has loaded and will load, except what is sent here. */
    resources() {
      const observer = new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
          if (entry.name.startsWith(endpoint)) continue
          const { serverTiming: _, ...timing } = entry.toJSON()
          put('snippet', { ...timing, timeOrigin: performance.timeOrigin, pageUrl: location.href })
        }
      })
      observer.observe({ type: 'resource', buffered: true })
      return () => observer.disconnect()
    },
    /** Sends what waits, now. */
    flush: send,
  }
}

/** One visit: as long as the tab lives. */
function visit() {
  const key = 'observe.session'
  try {
    const id = sessionStorage.getItem(key) ?? crypto.randomUUID()
    sessionStorage.setItem(key, id)
    return id
  } catch {
    // Storage is forbidden: then each page is a visit.
    return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  }
}

// Attribution holds elements and entries of the browser, which are no JSON.
function plain(attribution) {
  if (!attribution) return undefined
  const entries = Object.entries(attribution).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  return Object.fromEntries(entries)
}
