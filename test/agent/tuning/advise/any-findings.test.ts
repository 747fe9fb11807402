import { expect, test } from 'vitest'
import { outcomeOf } from '../../../../agent/tuning/advise/outcome.ts'
import { settingValue } from '../../../../agent/postgres/setting-value.ts'
import { budgetOf } from '../../../../agent/tuning/recommend/budget.ts'
import { profiles } from '../../../../agent/tuning/recommend/machine.ts'
import type { Situation } from '../../../../agent/tuning/recommend/situation.ts'
import { budgetHolds } from '../../../../common/tuning/memory-budget.ts'
import type { Proposal } from '../../../../common/tuning/proposal.ts'
import { readReferenceMachines, situationOf } from '../../../../docs/tuning/reference-machines.ts'
import { advised, ruleOf, wish } from './advised-server.ts'

/** What rules may want of memory, from nothing to far too much. */
const wishes: Readonly<Record<string, readonly string[]>> = {
  max_connections: ['40', '150', '500', '3000'],
  shared_buffers: ['128MB', '2GB', '40GB', '600GB'],
  work_mem: ['4MB', '24MB', '256MB', '2GB'],
  hash_mem_multiplier: ['1', '3', '8'],
  maintenance_work_mem: ['16MB', '512MB', '8GB'],
  autovacuum_work_mem: ['16MB', '512MB', '4GB'],
  autovacuum_max_workers: ['2', '8', '20'],
  max_parallel_workers: ['2', '16', '128'],
  max_locks_per_transaction: ['64', '1024'],
  wal_buffers: ['16MB', '128MB', '1GB'],
}

/** xorshift32 (Marsaglia, 2003): the same numbers in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** A server that runs with settings of its own, some of them set by somebody. */
function running(planned: Situation, next: (below: number) => number): Situation {
  const settings = new Map(
    [...planned.server.settings].map(([name, setting]) => {
      const values = wishes[name]
      if (values === undefined || next(3) > 0) return [name, { ...setting, isSet: false }]
      return [name, { ...setting, value: settingValue(values[next(values.length)]!, setting), isSet: true }]
    }),
  )
  return { ...planned, connections: null, server: { ...planned.server, isRunning: true, settings } }
}

/** The server as it is with them. */
function applied(situation: Situation, proposals: readonly Proposal[]): Situation {
  const settings = new Map(situation.server.settings)
  for (const { parameter, proposed } of proposals) {
    const setting = settings.get(parameter)!
    settings.set(parameter, { ...setting, value: settingValue(proposed, setting) })
  }
  return { ...situation, server: { ...situation.server, settings } }
}

const machines = readReferenceMachines()

test('whatever rules find, the memory of each reference machine holds what becomes of the server, or it is said that it does not', () => {
  const next = numbers(20_261_127)
  let held = 0
  let rounds = 0
  for (const reference of machines) {
    for (const profile of profiles) {
      for (let round = 0; round < 2; round++) {
        const situation = { ...running(situationOf(reference), next), profile }
        const rules = Object.entries(wishes)
          .filter(() => next(2) === 0)
          .map(([name, values], index) => ruleOf(`X${index}`, [wish(name, values[next(values.length)]!)]))
        const answer = advised(rules, { situation, hours: next(2) * 100 })
        const { load, sizes } = outcomeOf(applied(situation, answer.proposals), [], 0)
        const budget = budgetOf(load, sizes)
        const about = `${reference.name} ${profile} ${round}`
        rounds++
        if (budgetHolds(answer.budget)) {
          expect(
            budget.limits.filter(({ holds }) => !holds),
            about,
          ).toEqual([])
          held++
        } else expect(answer.notes.join('\n'), about).toMatch(/do not hold|do not fit/)
      }
    }
  }
  expect(rounds).toBe(200)
  // What does not hold at all are thousands of connections on the small ones.
  expect(held).toBeGreaterThan(120)
})
