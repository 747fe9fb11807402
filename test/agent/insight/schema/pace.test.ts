import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { packObjects } from '../../../../agent/insight/schema/pack-objects.ts'
import { createPace } from '../../../../agent/insight/schema/pace.ts'
import { maxPackedObjects } from '../../../../common/insight/schema-changes.ts'
import { readToldSchema } from '../../../../collector/insight/schema/told-schema.ts'
import { report, table } from '../../../collector/insight/schema/told-report.ts'

test('a look of 100 ms is followed by 50 s without one, by less where something is known to change', () => {
  const pace = createPace(0.002)
  expect(pace.isDue(0, 'usual')).toBe(true)
  pace.looked(0, 100)
  expect([49_999, 50_000].map((ms) => pace.isDue(ms, 'usual'))).toEqual([false, true])
  expect([9_999, 10_000].map((ms) => pace.isDue(ms, 'urgent'))).toEqual([false, true])
  pace.looked(0, 60_000)
  expect(pace.isDue(300_000, 'usual')).toBe(true)
  pace.looked(0, 0)
  expect([1_999, 2_000].map((ms) => pace.isDue(ms, 'usual'))).toEqual([false, true])
})

test('objects that do not fit into one report come in several, and all of them come', () => {
  // Digests do not deflate.
  const noise = (seed: number): string =>
    Array.from({ length: 1_400 }, (_, i) =>
      createHash('sha256').update(`${seed} ${i}`).digest('base64'),
    ).join('')
  const objects = Array.from({ length: 12 }, (_, i) =>
    table(i + 1, `t${i}`, { facts: { definition: noise(i + 1) } }),
  )
  const parts = packObjects(objects)
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.every((part) => part.length <= maxPackedObjects)).toBe(true)
  const read = parts.flatMap((part) => readToldSchema({ ...report([]), objects: part }).objects)
  expect(read).toEqual(objects)
})
