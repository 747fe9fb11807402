import { expect, test } from 'vitest'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import { runAgentctl } from '../run-agentctl.ts'
import { changeIn } from './made-up.ts'
import { tunedNodes } from './tuned-nodes.ts'

const nowMs = 1_700_000_100_000
const reading = {
  ...{ what: 'mean latency of 20 statements', unit: 'ms', before: 1.2, limit: 1.44 },
  ...{ after: 1.25, isWorse: false },
}

/** `status --follow`, where the change is at each look as the test says. */
async function followed(states: readonly (TuneChange | string)[]) {
  // The first look finds which change is not over.
  const left = [states[0]!, ...states]
  const slept: number[] = []
  const { world } = await tunedNodes({
    'tune-status': () => {
      const next = left.length > 1 ? left.shift()! : left[0]!
      return typeof next === 'string' ? { failure: next } : { facts: { changes: [next] } }
    },
  })
  const result = await runAgentctl(['tune', 'status', 'pg-main-1', '--follow'], {
    ...world,
    sleep: (ms) => {
      slept.push(ms)
      return Promise.resolve()
    },
  })
  return { ...result, slept }
}

const watching = (more: Partial<TuneChange> = {}) =>
  changeIn('watching', { startedMs: nowMs, untilMs: nowMs + 900_000, readings: [reading], ...more })

test('a change that is kept ends well, and its progress was told', async () => {
  const { out, warnings, error } = await followed([
    watching(),
    watching(),
    changeIn('kept', { message: 'nothing got worse' }),
  ])
  expect(error).toBeUndefined()
  expect(warnings).toEqual([
    'pg-main-1: 15m00s left: mean latency of 20 statements 1.25 ms (was 1.2, allowed <= 1.44)',
  ])
  expect(out).toContain('kept')
  expect(out).toContain('nothing got worse')
})

test('a change that its guard has taken back is a failure, with what was worse', async () => {
  const worse = { ...reading, after: 4.8, isWorse: true }
  const { out, error } = await followed([
    watching(),
    changeIn('rolled-back', { readings: [worse], message: 'mean latency of 20 statements is 4.8 ms' }),
  ])
  expect(error?.code).toBe('COMMAND_FAILED')
  expect(error?.message).toContain('mean latency of 20 statements is 4.8 ms')
  expect(out).toMatch(/mean latency of 20 statements +1\.2 +4\.8 +<= 1\.44 +ms +WORSE/)
})

test('what somebody else has changed meanwhile is a failure too', async () => {
  const { error } = await followed([watching(), changeIn('left-alone')])
  expect(error?.code).toBe('COMMAND_FAILED')
})

test('it looks some sixty times, since each look is a signed command', async () => {
  const { slept } = await followed([watching(), watching(), changeIn('kept')])
  expect(slept).toEqual([15_000, 15_000])
})

test('a short window is looked at each second at most, and a long one each half a minute at least', async () => {
  const short = await followed([watching({ untilMs: nowMs + 5_000 }), changeIn('kept')])
  expect(short.slept).toEqual([1_000])
  const long = await followed([watching({ untilMs: nowMs + 86_400_000 }), changeIn('kept')])
  expect(long.slept).toEqual([30_000])
})

test('a server that is down for a while is waited for, as its guard does', async () => {
  const { error, warnings, slept } = await followed([watching(), 'cannot connect to it', changeIn('kept')])
  expect(error).toBeUndefined()
  expect(warnings).toContain('pg-main-1: cannot connect to it')
  expect(slept).toEqual([15_000, 5_000])
})
