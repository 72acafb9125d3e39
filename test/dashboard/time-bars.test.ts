import { expect, it } from 'vitest'
import { buildChainTree } from '../../dashboard/src/model/chain-tree.ts'
import { timeBars } from '../../dashboard/src/model/time-bars.ts'
import { event, invocation, job, time } from './rows.ts'

it('places each node on the time line of the chain', () => {
  const done = job('j', { created_at: time(500), ended_at: time(750) })
  const running = job('k', { created_at: time(900), ended_at: null, status: 'running' })
  const lost = job('l', { created_at: time(600), ended_at: null, status: 'lost' })
  const rows = [invocation('a', { ended_at: time(1000), event_executions: [event('e', [done, running, lost])] })]
  const tree = buildChainTree(rows, 'a')
  const bars = tree ? timeBars(tree) : new Map()
  expect(bars.get('invocation:a')).toEqual({ start: 0, length: 1, open: false })
  expect(bars.get('job:j')).toEqual({ start: 0.5, length: 0.25, open: false })
  // What runs reaches to the end; of what was lost the end is not known.
  expect(bars.get('job:k')).toMatchObject({ start: 0.9, open: true })
  expect(bars.has('job:l')).toBe(false)
})
