import type { Page } from 'playwright-core'

// What runs in the page is text: these files are checked for Node, which has no document.

/** Notes long tasks and slow interactions of whatever the page shows from now on. */
export async function observe(page: Page): Promise<void> {
  await page.addInitScript(`
    globalThis.observed = { tasks: [0], interactions: [{ name: 'none above 16 ms', ms: 0 }] }
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) observed.tasks.push(duration)
    }).observe({ type: 'longtask', buffered: true })
    new PerformanceObserver(list => {
      for (const { name, duration } of list.getEntries()) observed.interactions.push({ name, ms: duration })
    }).observe({ type: 'event', durationThreshold: 16 })`)
}

/** The longest task so far, in milliseconds; 0 when none took 50. */
export function longestTask(page: Page): Promise<number> {
  return page.evaluate('Math.max(...observed.tasks)')
}

/** The one that took longest from a key or click to the next frame. */
export function slowestInteraction(page: Page): Promise<{ name: string; ms: number }> {
  return page.evaluate('observed.interactions.reduce((slowest, each) => (each.ms > slowest.ms ? each : slowest))')
}

/** Milliseconds from the navigation until the first frame in which the selector is there. */
export function shown(page: Page, selector: string): Promise<number> {
  return page.evaluate(`new Promise(resolve => {
    const look = () => {
      if (document.querySelector(${JSON.stringify(selector)})) requestAnimationFrame(() => resolve(performance.now()))
      else requestAnimationFrame(look)
    }
    look()
  })`)
}

export interface Scrolling {
  selector: string
  /** Pixels for each frame. */
  step: number
}

/** Milliseconds between frames for so long, while something scrolls (if anything) down, and up again from the end. */
export function frames(page: Page, durationMs: number, scrolling: Scrolling | null = null): Promise<number[]> {
  return page.evaluate(`new Promise(resolve => {
    const scroller = ${scrolling === null ? 'null' : `document.querySelector(${JSON.stringify(scrolling.selector)})`}
    const times = []
    const started = performance.now()
    let before = started
    let step = ${scrolling?.step ?? 0}
    const next = now => {
      times.push(now - before)
      before = now
      if (scroller) {
        const { scrollTop } = scroller
        scroller.scrollTop += step
        if (scroller.scrollTop === scrollTop) step = -step
      }
      if (now - started < ${durationMs}) requestAnimationFrame(next)
      else resolve(times.slice(2))
    }
    requestAnimationFrame(next)
  })`)
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

/** A page with 1.2 million pixels of rows in `#scroller`, of which those that are seen exist. */
export const BARE_LIST = `<div id="scroller" style="height: 620px; overflow-y: scroll; contain: strict; font: 12px monospace">
  <div id="list" style="position: relative; height: 1200000px"></div>
</div>
<script>
  const rows = Array.from({ length: 36 }, () => {
    const row = document.createElement('div')
    row.style.cssText = 'position: absolute; left: 0; right: 0; height: 24px; contain: strict'
    row.append('')
    return list.appendChild(row)
  })
  const draw = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / 24) - 4)
    for (let index = first; index < first + rows.length; index++) {
      const row = rows[index % rows.length]
      row.style.top = index * 24 + 'px'
      row.firstChild.data = 'moveStock row ' + index + ', ' + ((index * 37) % 700) + ' ms'
    }
  }
  draw()
  scroller.addEventListener('scroll', draw)
</script>`
