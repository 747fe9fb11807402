import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runPowerLoss } from './power-loss.ts'
import { createTemporaryDirectory } from './test-store.ts'

const runs = 8

it(`${runs} stores that lose their power twice each keep all that was acknowledged and open each time`, async () => {
  await using directory = await createTemporaryDirectory()
  let samples = 0
  for (let seed = 1; seed <= runs; seed++) {
    const path = join(directory.path, String(seed))
    await mkdir(path)
    samples += (await runPowerLoss({ seed, path, cuts: 2 })).acknowledged
  }
  expect(samples).toBeGreaterThan(runs * 10)
}, 30_000)
