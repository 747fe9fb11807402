import { expect, test } from 'vitest'
import { packOids, readOids } from '../../../common/insight/packed-oids.ts'

test('oids are read as PostgreSQL packs them, the highest byte first, and come back the same', () => {
  expect([...readOids('AAAACgAAQAk=')]).toEqual([10, 16_393])
  const oids = Uint32Array.from([0, 1, 4_294_967_295])
  expect([...readOids(packOids(oids))]).toEqual([...oids])
  expect([...readOids('')]).toEqual([])
})
