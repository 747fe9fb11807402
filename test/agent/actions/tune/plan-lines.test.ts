import { expect, test } from 'vitest'
import { planLines } from '../../../../agent/actions/tune/plan-lines.ts'
import type { TunePlan } from '../../../../common/tuning/tune-plan.ts'

const guarded = { windowSeconds: 1800, bound: 0.2 }
const change: TunePlan['settings'][number] = {
  name: 'work_mem',
  current: '4MB',
  where: '/etc/postgresql.conf:12',
  wanted: '16MB',
  needs: 'reload',
  state: 'change',
}
const planOf = (more: Partial<TunePlan>): TunePlan => ({
  ...{ server: 'pg-test-1', by: 'alter-system', settings: [change], refusals: [], notes: [] },
  ...more,
})

test('a setting is told with what it was, where that stands, and what it takes', () => {
  expect(planLines(planOf({}), guarded)[0]).toBe(
    'work_mem to 16MB (was 4MB in /etc/postgresql.conf:12), by a reload',
  )
  const restart = { ...change, name: 'shared_buffers', needs: 'restart', where: '' } as const
  expect(planLines(planOf({ settings: [restart] }), guarded)[0]).toBe(
    'shared_buffers to 16MB (was 4MB), from a restart on',
  )
})

test('a change without a guard says so loudly', () => {
  const lines = planLines(planOf({}), { windowSeconds: 0, bound: 0.2 })
  expect(lines.filter((line) => line.startsWith('NO GUARD'))).toHaveLength(1)
  expect(planLines(planOf({}), guarded).join()).not.toContain('NO GUARD')
})

test('a guard is told with its time and its bound', () => {
  expect(planLines(planOf({}), { windowSeconds: 90, bound: 0.1 }).join()).toContain(
    'watched for 90 s, and taken back by itself where the server does worse by more than 10 %',
  )
})

test('where nothing changes, nothing is said of a reload or a guard', () => {
  const lines = planLines(planOf({ settings: [{ ...change, state: 'as-wanted' }] }), guarded)
  expect(lines).toEqual([
    'work_mem is 16MB already',
    'the settings of the server are as they are to be: nothing would be done',
  ])
})

test('what speaks against it begins with REFUSED, behind everything else', () => {
  const plan = planOf({ by: 'keeper', notes: ['tried beside it'], refusals: ['it would not start'] })
  expect(planLines(plan, guarded).slice(-2)).toEqual(['tried beside it', 'REFUSED: it would not start'])
  expect(planLines(plan, guarded).join()).toContain('for every member')
})
