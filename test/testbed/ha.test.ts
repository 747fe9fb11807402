import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { agreedLeader } from '../../testbed/ha/cluster-view.ts'
import type { ClusterMember } from '../../testbed/ha/patroni-api.ts'
import { startSampler } from '../../testbed/ha/sampler.ts'
import { freeSubnet, isContested } from '../../testbed/ha/subnet.ts'
import { longestGap } from '../../testbed/ha/writer.ts'
import { waitFor } from '../../testbed/wait.ts'

describe('the longest time without an acknowledgement', () => {
  const times = [100, 110, 150, 155, 400]

  test('is between two acknowledgements', () => {
    expect(longestGap(times, 100, 401)).toEqual({ ms: 245, from: 155, to: 400 })
  })

  test('begins with the last one before the search', () => {
    expect(longestGap(times, 300, 401)).toEqual({ ms: 245, from: 155, to: 400 })
  })

  test('goes on to the end of the search', () => {
    expect(longestGap(times, 0, 1000)).toEqual({ ms: 600, from: 400, to: 1000 })
  })

  test('is all of the search when nothing was acknowledged', () => {
    expect(longestGap([], 50, 80)).toEqual({ ms: 30, from: 50, to: 80 })
  })
})

describe('who leads', () => {
  const leader = (name: string, state = 'running'): ClusterMember => ({ name, role: 'leader', state })
  const replica: ClusterMember = { name: 'm3', role: 'replica', state: 'running' }

  test('is whom more than half of all members name', () => {
    expect(agreedLeader([[leader('m1'), replica], [leader('m1')], [leader('m2')]])).toBe('m1')
  })

  test('is nobody when the members disagree', () => {
    expect(agreedLeader([[leader('m1')], [leader('m2')], []])).toBeUndefined()
  })

  test('is nobody when only a minority can be asked', () => {
    expect(agreedLeader([[leader('m1')], [], []])).toBeUndefined()
  })

  test('is nobody whose server does not run', () => {
    expect(agreedLeader([[leader('m1', 'stopped')], [leader('m1', 'starting')], []])).toBeUndefined()
  })
})

describe('a sampler', () => {
  test('keeps answers and failures, with the moment of the question', async () => {
    let asked = 0
    const before = Date.now()
    await using sampler = startSampler({
      intervalMs: 2,
      ask: () => (asked++ === 1 ? Promise.reject(new Error('no answer')) : Promise.resolve(asked)),
    })
    await waitFor('three samples', () => sampler.samples.length >= 3)
    await sampler.stop()
    expect(sampler.samples.slice(0, 3).map(({ value }) => value)).toEqual([1, undefined, 3])
    expect(sampler.samples[1]?.error).toContain('no answer')
    expect(sampler.samples[0]?.at).toBeGreaterThanOrEqual(before)
    expect(sampler.firstWhere(before, (value) => value > 1)?.value).toBe(3)
    expect(sampler.firstWhere(Date.now() + 1, () => true)).toBeUndefined()
  })

  test('does not wait for an answer before it asks again, up to a limit', async () => {
    let asked = 0
    const answers = Promise.withResolvers<number>()
    await using sampler = startSampler({
      intervalMs: 1,
      limit: 3,
      ask: () => {
        asked++
        return answers.promise
      },
    })
    await waitFor('the limit', () => asked === 3)
    await sleep(10)
    expect(asked).toBe(3)
    answers.resolve(7)
    await sampler.stop()
    expect(sampler.samples.map(({ value }) => value)).toEqual([7, 7, 7])
  })

  test('tells how long it asked nothing', async () => {
    await using sampler = startSampler({ intervalMs: 5, ask: () => Promise.resolve(0) })
    await waitFor('a sample', () => sampler.samples.length >= 1)
    const seen = sampler.samples.length
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40)
    await waitFor('another', () => sampler.samples.length > seen)
    expect(sampler.longestPauseMs()).toBeGreaterThanOrEqual(40)
  })
})

test('a subnet is one of those for tests of networks, and nobody has it', () => {
  const subnet = freeSubnet()
  expect(subnet).toMatch(/^198\.1[89]\.\d{1,3}$/)
  expect(isContested(subnet)).toBe(false)
})
