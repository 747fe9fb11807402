import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPowerLoss } from '../collector/store/embedded/power-loss.ts'
import { createTemporaryDirectory } from '../collector/store/embedded/test-store.ts'

const stores = 75
const cuts = 4

test(`${stores * cuts} power cuts through appends, seals, merges, deletions and snapshots lose nothing that was acknowledged`, async () => {
  await using directory = await createTemporaryDirectory()
  const totals = { acknowledged: 0, deleted: 0, snapshots: 0, blocks: 0 }
  for (let seed = 1001; seed <= 1000 + stores; seed++) {
    const path = join(directory.path, String(seed))
    await mkdir(path)
    const result = await runPowerLoss({ seed, path, cuts })
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += result[key]
  }
  console.log(
    `power cuts: ${stores * cuts}, samples acknowledged: ${totals.acknowledged}, lost: 0, deletions: ${totals.deleted}, ` +
      `snapshots: ${totals.snapshots}, blocks found: ${totals.blocks}`,
  )
  for (const count of Object.values(totals)) expect(count).toBeGreaterThan(0)
})
