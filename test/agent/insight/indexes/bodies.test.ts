import { expect, test } from 'vitest'
import { factsBodies, ledgerBodies } from '../../../../agent/insight/indexes/bodies.ts'
import { advance } from '../../../../agent/insight/indexes/ledger.ts'
import { unpackColumns } from '../../../../common/insight/index-columns.ts'
import { indexEvidence } from '../../../../common/insight/index-evidence.ts'
import type { IndexFact } from '../../../../common/insight/index-evidence.ts'
import { maxInsightBody } from '../../../../common/insight/insight-report.ts'

const database = { oid: 5, name: 'shop' }
const fact = (oid: number, definition: string): IndexFact => ({
  ...{
    oid,
    schema: 'public',
    table: 't',
    tableOid: 7,
    index: `i${oid}`,
    method: 'btree',
    definition,
    sizeBytes: 8192,
  },
  ...{ isUnique: false, isReplicaIdentity: false, isClustered: false, isValid: true, isBeingBuilt: false },
  ...{
    hasExpressions: false,
    isPartial: false,
    constraint: null,
    extension: null,
    partOf: null,
    foreignKeys: [],
    parts: [],
  },
  ...{ writesPerDay: null, tableRows: 5, bloat: null, coveredBy: null },
})

test('a ledger of any size goes in parts that fit, and comes out whole', () => {
  const count = 30_001
  const random = Float64Array.from({ length: count }, (_, i) => Math.sin(i) * 2 ** 52)
  const ledger = advance(undefined, {
    ...{ system: '7000', databaseOid: 5, atMs: 1_790_000_000_000, counts: true },
    resets: { databaseMs: null, serverMs: 1_780_000_000_000 },
    oids: Uint32Array.from({ length: count }, (_, i) => 16_384 + 3 * i),
    ...{ scans: random, fetched: random, lastS: new Uint32Array(count) },
  })
  const bodies = ledgerBodies(ledger, { database, inRecovery: false, intervalMs: 3_600_000, followers: [] })
  expect(bodies.map(({ part, parts, count: rows }) => [part, parts, rows])).toEqual([
    [0, 3, 12_000],
    [1, 3, 12_000],
    [2, 3, 6_001],
  ])
  for (const body of bodies) {
    expect(JSON.stringify(body).length).toBeLessThan(maxInsightBody)
    expect(indexEvidence.parse(body)).toEqual(body)
  }
  const oids = bodies.flatMap((body) => [...unpackColumns(body.columns, body.count).oids])
  expect(oids).toEqual([...ledger.columns.oids])
  expect(bodies[0]?.countersSinceMs).toBe(1_780_000_000_000)
})

test('facts go in parts that fit, and a database without any says so', () => {
  const about = { database, system: '7000', atMs: 5 }
  const many = Array.from({ length: 200 }, (_, i) => fact(i, 'x'.repeat(7_000)))
  const bodies = factsBodies({ indexes: many, tables: [], foreignKeys: [] }, about)
  expect(bodies.length).toBeGreaterThan(4)
  for (const body of bodies) expect(JSON.stringify(body).length).toBeLessThan(maxInsightBody)
  expect(bodies.flatMap(({ indexes }) => indexes)).toEqual(many)
  expect(bodies.map(({ part, parts }) => [part, parts])).toEqual(bodies.map((_, i) => [i, bodies.length]))
  expect(factsBodies({ indexes: [], tables: [], foreignKeys: [] }, about)).toMatchObject([
    { indexes: [], parts: 1 },
  ])
})
