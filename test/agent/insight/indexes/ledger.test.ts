import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance } from '../../../../agent/insight/indexes/ledger.ts'
import type { CounterLook, Ledger } from '../../../../agent/insight/indexes/ledger.ts'

const hour = 3_600_000
const day = 24 * hour
const begin = 1_790_000_000_000

/** A server with counters as PostgreSQL keeps them. */
function createServer(tellsLastScan: boolean) {
  const counters = new Map<number, { scans: number; fetched: number; lastMs: number }>()
  let resets: { databaseMs: number | null; serverMs: number | null } = {
    databaseMs: null,
    serverMs: begin - day,
  }
  const forget = (): void => {
    for (const one of counters.values()) Object.assign(one, { scans: 0, fetched: 0, lastMs: 0 })
  }
  return {
    create: (oid: number) => void counters.set(oid, { scans: 0, fetched: 0, lastMs: 0 }),
    drop: (oid: number) => void counters.delete(oid),
    scan(oid: number, atMs: number) {
      const one = counters.get(oid)
      if (one === undefined) return false
      one.scans++
      one.fetched += 3
      one.lastMs = atMs
      return true
    },
    resetDatabase(atMs: number) {
      forget()
      resets = { ...resets, databaseMs: atMs }
    },
    crash(atMs: number) {
      forget()
      // From 15 on nothing is said of the databases then.
      resets = { databaseMs: null, serverMs: atMs }
    },
    look(atMs: number): CounterLook {
      const sorted = [...counters].sort(([a], [b]) => a - b)
      return {
        system: '7000',
        databaseOid: 5,
        atMs,
        resets,
        counts: true,
        oids: Uint32Array.from(sorted, ([oid]) => oid),
        scans: Float64Array.from(sorted, ([, { scans }]) => scans),
        fetched: Float64Array.from(sorted, ([, { fetched }]) => fetched),
        lastS: Uint32Array.from(sorted, ([, { lastMs }]) => (tellsLastScan ? Math.ceil(lastMs / 1000) : 0)),
      }
    },
  }
}

type Server = ReturnType<typeof createServer>

function of(ledger: Ledger, oid: number) {
  const i = ledger.columns.oids.indexOf(oid)
  if (i < 0) return undefined
  const { firstS, usedS, scans, fetched } = ledger.columns
  const sinceMs = 1000 * (usedS[i]! || firstS[i]!)
  return { firstS: firstS[i]!, usedS: usedS[i]!, scans: scans[i]!, fetched: fetched[i]!, sinceMs }
}

const isInGap = (ledger: Ledger, atMs: number): boolean =>
  ledger.gaps.some(([fromMs, toMs]) => atMs >= fromMs && atMs <= toMs)

type Step =
  | { readonly kind: 'scan' | 'create' | 'drop'; readonly oid: number; readonly afterMs: number }
  | { readonly kind: 'look' | 'reset' | 'crash' | 'restart'; readonly afterMs: number }

const oids = [101, 102, 103, 104]
const afterMs = fc.integer({ min: 1, max: 3 * hour })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const), afterMs }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('scan' as const), oid: fc.constantFrom(...oids), afterMs }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('create' as const, 'drop' as const),
      oid: fc.constantFrom(...oids),
      afterMs,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('reset' as const, 'crash' as const, 'restart' as const),
      afterMs,
    }),
  },
)

/** Plays a story, and keeps when everything truly happened. */
function play(server: Server, steps: readonly Step[]) {
  const scanned = new Map<number, number[]>()
  const created = new Map<number, number>()
  let ledger: Ledger | undefined
  let losses = 0
  let atMs = begin
  for (const oid of oids.slice(0, 3)) server.create(oid)
  for (const one of [...steps, { kind: 'look', afterMs: hour } as const]) {
    atMs += one.afterMs
    switch (one.kind) {
      case 'scan':
        if (server.scan(one.oid, atMs)) scanned.set(one.oid, [...(scanned.get(one.oid) ?? []), atMs])
        break
      case 'create':
        // An OID is not given to another index while anybody remembers it.
        if (created.has(one.oid) || oids.indexOf(one.oid) < 3) break
        server.create(one.oid)
        created.set(one.oid, atMs)
        break
      case 'drop':
        server.drop(one.oid)
        break
      case 'reset':
        server.resetDatabase(atMs)
        losses++
        break
      case 'crash':
        server.crash(atMs)
        losses++
        break
      case 'restart':
        break
      case 'look':
        ledger = advance(ledger, server.look(atMs))
    }
  }
  return { ledger: ledger!, scanned, losses, endMs: atMs }
}

describe.each([
  ['a server that tells the time of the last scan', true],
  ['a server before 16', false],
])('on %s', (_, tellsLastScan) => {
  test('no scan is in time that is said to be without one, whatever resets, crashes, creations and drops there are', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { ledger, scanned } = play(createServer(tellsLastScan), steps)
        for (const [oid, times] of scanned) {
          const known = of(ledger, oid)
          if (known === undefined) continue
          for (const atMs of times) {
            if (atMs > known.sinceMs)
              expect(isInGap(ledger, atMs), `scan of ${oid} at ${atMs - begin}`).toBe(true)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('without a loss there is no gap, every scan since the first look is counted, and the last use is known to a look', () => {
    const calm = step.filter(({ kind }) => kind !== 'reset' && kind !== 'crash')
    fc.assert(
      fc.property(fc.array(calm, { maxLength: 80 }), (steps) => {
        const { ledger, scanned } = play(createServer(tellsLastScan), steps)
        expect(ledger.gaps).toEqual([])
        for (const oid of oids) {
          const known = of(ledger, oid)
          if (known === undefined) continue
          // Those of an index that a look has seen before.
          const counted = (scanned.get(oid) ?? []).filter((atMs) => atMs > ledger.beganMs && oid !== 104)
          if (oid !== 104) expect([known.scans, known.fetched]).toEqual([counted.length, 3 * counted.length])
          const last = scanned.get(oid)?.at(-1)
          if (last !== undefined && tellsLastScan) expect(known.sinceMs).toBe(1000 * Math.ceil(last / 1000))
        }
      }),
    )
  })

  test('each loss costs the time from the look before it to the loss, and no more', () => {
    const server = createServer(tellsLastScan)
    server.create(101)
    let ledger = advance(undefined, server.look(begin))
    ledger = advance(ledger, server.look(begin + hour))
    server.crash(begin + hour + 60_000)
    ledger = advance(ledger, server.look(begin + 2 * hour))
    expect(ledger.gaps).toEqual([[begin + hour, begin + hour + 60_000]])
    server.resetDatabase(begin + 2 * hour + 1_000)
    ledger = advance(ledger, server.look(begin + 3 * hour))
    expect(ledger.gaps).toEqual([
      [begin + hour, begin + hour + 60_000],
      [begin + 2 * hour, begin + 2 * hour + 1_000],
    ])
    expect(of(ledger, 101)).toMatchObject({ scans: 0, usedS: 0, sinceMs: begin })
  })
})

test('an index that was used before the first look is said to be used then where the server tells, and it was there', () => {
  const server = createServer(true)
  server.create(101)
  server.scan(101, begin - 40 * day)
  expect(of(advance(undefined, server.look(begin)), 101)).toMatchObject({
    sinceMs: begin - 40 * day,
    scans: 0,
  })
  const older = createServer(false)
  older.create(101)
  older.scan(101, begin - 40 * day)
  expect(of(advance(undefined, older.look(begin)), 101)).toMatchObject({ usedS: 0, sinceMs: begin })
})

test('an index that is new and has been scanned was used since the look before', () => {
  const server = createServer(false)
  const before = advance(undefined, server.look(begin))
  server.create(101)
  server.scan(101, begin + 1_000)
  expect(of(advance(before, server.look(begin + hour)), 101)).toMatchObject({ sinceMs: begin + hour })
})

test('fewer scans than before without a reset of the database count as a use', () => {
  const server = createServer(false)
  server.create(101)
  for (let i = 0; i < 5; i++) server.scan(101, begin - 1)
  const before = advance(undefined, server.look(begin))
  server.drop(101)
  server.create(101)
  expect(of(advance(before, server.look(begin + hour)), 101)).toMatchObject({
    sinceMs: begin + hour,
    scans: 0,
  })
})

test('another system, or another database of that number, begins anew', () => {
  const server = createServer(true)
  server.create(101)
  const before = advance(undefined, server.look(begin))
  const look = server.look(begin + day)
  expect(advance(before, { ...look, system: '8000' })).toMatchObject({ beganMs: begin + day, gaps: [] })
  expect(advance(before, { ...look, databaseOid: 6 })).toMatchObject({ beganMs: begin + day, gaps: [] })
  expect(advance(before, look)).toMatchObject({ beganMs: begin })
})

test('time in which nothing was counted, or nobody looked for more than a week, is a gap, and a clock set back is, too', () => {
  const server = createServer(true)
  server.create(101)
  let ledger = advance(undefined, server.look(begin))
  ledger = advance(ledger, { ...server.look(begin + hour), counts: false })
  expect(ledger.gaps).toEqual([[begin, begin + hour]])
  ledger = advance(ledger, server.look(begin + 2 * hour))
  expect(ledger.gaps).toEqual([[begin, begin + 2 * hour]])
  ledger = advance(ledger, server.look(begin + 3 * hour))
  ledger = advance(ledger, server.look(begin + 10 * day))
  expect(ledger.gaps.at(-1)).toEqual([begin + 3 * hour, begin + 10 * day])
  ledger = advance(ledger, server.look(begin + 9 * day))
  expect(ledger.gaps.at(-1)).toEqual([begin + 3 * hour, begin + 10 * day])
  expect(ledger.atMs).toBe(begin + 9 * day)
})

test('a loss whose time the server does not tell costs the whole time between the looks', () => {
  const server = createServer(true)
  server.create(101)
  const before = advance(undefined, server.look(begin))
  const look = server.look(begin + hour)
  const unknown = advance(before, { ...look, resets: { databaseMs: null, serverMs: null } })
  expect(unknown.gaps).toEqual([[begin, begin + hour]])
})
