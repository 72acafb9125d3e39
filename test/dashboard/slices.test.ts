import { expect, it } from 'vitest'
import { runAtOnce, runInSlices, type Steps } from '../../dashboard/src/model/slices.ts'
import { spanTreeSteps } from '../../dashboard/src/model/waterfall/span-tree.ts'
import { toSpanTable } from '../../dashboard/src/model/waterfall/spans.ts'

const FOREVER = new AbortController().signal

/** Keeps the processor busy for so long at each step. */
function* busy(steps: number, ms: number): Steps<string> {
  for (let step = 0; step < steps; step++) {
    const until = performance.now() + ms
    while (performance.now() < until);
    yield
  }
  return 'done'
}

it('lets other tasks run while it works', async () => {
  let others = 0
  const other = setInterval(() => others++, 1)
  expect(await runInSlices(busy(10, 15), FOREVER)).toBe('done')
  clearInterval(other)
  expect(others).toBeGreaterThan(3)
})

it('ends when nobody waits for it any more', async () => {
  const controller = new AbortController()
  let steps = 0
  const endless = function* (): Steps<never> {
    for (;;) {
      steps++
      yield
    }
  }
  const running = runInSlices(endless(), controller.signal)
  controller.abort(new Error('another page'))
  await expect(running).rejects.toThrow('another page')
  const after = steps
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(steps).toBe(after)
})

it('builds the same tree in slices as at once', async () => {
  // Parents behind their children, one of them missing.
  const table = toSpanTable(
    Array.from({ length: 30_000 }, (_, n) => ({
      id: `s${n}`,
      parentId: n % 100 === 0 ? (n === 500 ? 'elsewhere' : null) : `s${n - (n % 100) + ((n % 100) >> 1)}`,
      kind: 'span' as const,
      name: `name ${n % 7}`,
      startAt: 30_000 - n,
      endAt: 40_000,
      tone: n % 1_000 === 1 ? ('failed' as const) : ('ok' as const),
    })),
  )
  const sliced = await runInSlices(spanTreeSteps(table), FOREVER)
  expect(sliced.repairs.missing).toHaveLength(1)
  const whole = runAtOnce(spanTreeSteps(table))
  for (const part of ['parents', 'order', 'positions', 'depths', 'sizes', 'failuresBelow', 'children'] as const) {
    expect(sliced[part].join(), part).toBe(whole[part].join())
  }
})
