import { expect, test } from 'vitest'
import { createCapabilities, readFlags } from '../../../../collector/store/victoriametrics/capabilities.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { silentLog } from '../../../../common/log.ts'
import type { Log } from '../../../../common/log.ts'
import { createManualClock } from '../../../manual-clock.ts'

const flags = (dedup: string, offset: string) =>
  [
    'vm_app_version{version="x"} 1',
    `flag{name="dedup.minScrapeInterval", value="${dedup}", is_set="true"} 1`,
    `flag{name="search.latencyOffset", value="${offset}", is_set="false"} 1`,
    'flag{name="storageDataPath", value="/var/lib/vm", is_set="true"} 1',
  ].join('\n')

test.each([
  [flags('1ms', '30s'), { hiddenMs: 30_000, deduplicates: true, dataPath: '/var/lib/vm' }],
  [flags('0s', '1m1.5s'), { hiddenMs: 61_500, deduplicates: false, dataPath: '/var/lib/vm' }],
  ['up 1', { hiddenMs: 30_000, deduplicates: undefined, dataPath: undefined }],
])('flags are read from the figures: %#', (metrics, expected) => {
  expect(readFlags(metrics)).toEqual(expected)
})

function engineWith(bodies: readonly string[]) {
  const clock = createManualClock()
  let asked = 0
  const capabilities = createCapabilities({
    select: {
      send: () =>
        Promise.resolve({
          status: 200,
          headers: {},
          body: Buffer.from(bodies[Math.min(asked++, bodies.length - 1)]!),
        }),
    },
    path: '/metrics',
    clock,
    log: silentLog,
  })
  return { clock, capabilities, asked: () => asked }
}

test('an engine is asked once, however many want to know', async () => {
  const { capabilities, asked } = engineWith([flags('1ms', '0s')])
  await Promise.all([capabilities(), capabilities()])
  expect(await capabilities()).toMatchObject({ hiddenMs: 1_000 })
  expect(asked()).toBe(1)
})

test('flags that have changed with a restart are noticed', async () => {
  const { capabilities, clock } = engineWith([flags('1ms', '0s'), flags('1ms', '30s')])
  expect(await capabilities()).toMatchObject({ hiddenMs: 1_000 })
  await clock.advance(6 * 60_000)
  // Nobody waits for it.
  expect(await capabilities()).toMatchObject({ hiddenMs: 1_000 })
  await clock.advance(1)
  expect(await capabilities()).toMatchObject({ hiddenMs: 30_000 })
})

test('an engine that cannot be reached is told once, and again after it was there', async () => {
  const warnings: string[] = []
  const clock = createManualClock()
  let isUp = false
  const capabilities = createCapabilities({
    select: {
      send: () =>
        isUp
          ? Promise.resolve({ status: 200, headers: {}, body: Buffer.from(flags('1ms', '0s')) })
          : Promise.reject(new PgherdError('UNREACHABLE', 'cannot reach http://a: ECONNREFUSED')),
    },
    path: '/metrics',
    clock,
    log: { ...silentLog, warn: (facts: unknown) => void warnings.push(JSON.stringify(facts)) } as Log,
  })
  const askLater = async () => {
    await capabilities()
    await clock.advance(6 * 60_000)
  }
  for (const up of [false, false, true, false]) {
    isUp = up
    await askLater()
  }
  const told = '{"error":"cannot reach http://a: ECONNREFUSED"}'
  expect(warnings).toEqual([told, told])
})
