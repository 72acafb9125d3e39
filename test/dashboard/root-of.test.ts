import { expect, it } from 'vitest'
import { rootOf } from '../../dashboard/src/pages/chain/root-of.ts'

const row = (id: string, parent: string | null) => ({
  id,
  source_job_id: parent && `job of ${parent}`,
  source_job_execution: parent ? { id: `job of ${parent}`, invocation_id: parent } : null,
})

it('climbs to the first invocation, whatever the order of the rows', () => {
  expect(rootOf([row('b', 'a'), row('c', 'b'), row('a', null)], 'c')).toBe('a')
  expect(rootOf([row('a', null)], 'a')).toBe('a')
})

it('stops where the cause was not recorded', () => {
  expect(rootOf([row('c', 'b'), row('b', 'gone')], 'c')).toBe('b')
  expect(rootOf([], 'c')).toBe('c')
})

it('takes the one asked for in a circle', () => {
  expect(rootOf([row('a', 'b'), row('b', 'a')], 'a')).toBe('a')
})
