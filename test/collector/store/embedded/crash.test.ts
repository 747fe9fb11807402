import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import {
  createManualClock,
  createTemporaryDirectory,
  named,
  openTestStore,
  windowStart,
} from './test-store.ts'

const kills = 8
const stepMs = 10_000

/** Appends from batch `first` on, is killed after `wanted` acknowledgements, and returns all it acknowledged. */
async function appendUntilKilled(directory: string, first: number, wanted: number): Promise<number[]> {
  const program = fileURLToPath(new URL('./appender.ts', import.meta.url))
  const child = spawn(process.execPath, [program, directory, String(windowStart), String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === wanted) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  return acknowledged
}

it('no acknowledged sample is lost by kill -9, wherever it falls', async () => {
  await using directory = await createTemporaryDirectory()
  const acknowledged = new Set<number>()
  let next = 0
  let blocks = 0
  for (let kill = 0; kill < kills; kill++) {
    const batches = await appendUntilKilled(directory.path, next, 40 + kill * 37)
    for (const batch of batches) acknowledged.add(batch)
    next = Math.max(...acknowledged) + 10
    const clock = createManualClock(windowStart + next * stepMs)
    await using store = await openTestStore(directory.path, clock, { windowMs: 600_000 })
    const series = await store.select(named('crash'), 0, Number.MAX_SAFE_INTEGER)
    expect(series).toHaveLength(50)
    for (const { timestamps, values } of series) {
      const present = new Set(values)
      expect([...acknowledged].filter((batch) => !present.has(batch))).toEqual([])
      expect(Array.from(values, (batch) => windowStart + batch * stepMs)).toEqual(Array.from(timestamps))
    }
    expect(store.stats().corruptions).toBe(0)
    blocks = store.stats().blocks
  }
  expect(blocks).toBeGreaterThan(5)
}, 60_000)
