import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covered, evidenceOf } from '../../../../collector/insight/indexes/member-evidence.ts'
import { createMemberLedger } from '../../../../collector/insight/indexes/member-ledger.ts'
import type { IndexLedgerBody } from '../../../../common/insight/index-evidence.ts'
import { day, hour, ledgerOf, nowMs } from './evidence.ts'
import type { Row } from './evidence.ts'

const member = { server: 'pg-2', role: 'standby' } as const

function evidence(row: Row | undefined, change: Partial<IndexLedgerBody> = {}, days = 35) {
  const { columns, count, ...about } = ledgerOf(row === undefined ? [] : [row], change)
  const ledger = createMemberLedger([{ about, count, columns }])
  return evidenceOf(member, ledger, { oid: 101, system: '7000', period: { days, nowMs } })
}

describe('a member says that an index is', () => {
  test('unused when it has looked for all of the period, with how long that was', () => {
    expect(evidence({})).toMatchObject({
      state: 'unused',
      coveredDays: 35,
      lastUsedMs: null,
      text: 'unused on pg-2 over the last 35 days, looked at for 35 of 35 days',
    })
    expect(evidence({ usedMs: nowMs - 36 * day })).toMatchObject({
      state: 'unused',
      lastUsedMs: nowMs - 36 * day,
    })
  })

  test('used when it was within the period, and when', () => {
    expect(evidence({ usedMs: nowMs - 3 * hour, scans: 7 })).toMatchObject({
      state: 'used',
      text: 'used on pg-2 3 hours ago: 7 scans and 70 rows since the first look',
    })
    expect(evidence({ usedMs: nowMs - 34 * day, scans: 1 }).state).toBe('used')
    expect(evidence({ usedMs: nowMs - 34 * day, scans: 1 }, {}, 30).state).toBe('unused')
  })

  test('looked at for too short, where it was first seen or used later than that', () => {
    expect(evidence({ firstMs: nowMs - 2 * day })).toMatchObject({
      state: 'short',
      text: 'not used on pg-2 as far as is known, but looked at for 2 of 35 days only',
    })
  })

  test('unused through a short loss of counters, and looked at for too short after a longer one', () => {
    const gap = (hours: number): Partial<IndexLedgerBody> => ({
      gaps: [[nowMs - 9 * day, nowMs - 9 * day + hours * hour]],
    })
    expect(evidence({}, gap(2))).toMatchObject({
      state: 'unused',
      text: 'unused on pg-2 over the last 35 days, looked at for 34.9 of 35 days',
    })
    expect(evidence({}, gap(24))).toMatchObject({
      state: 'short',
      coveredDays: expect.closeTo(34, 2) as number,
    })
    const before: Partial<IndexLedgerBody> = { gaps: [[nowMs - 90 * day, nowMs - 40 * day]] }
    expect(evidence({}, before).state).toBe('unused')
  })
})

describe('a member says nothing', () => {
  test('when it has told nothing, nothing lately, or of another system', () => {
    expect(
      evidenceOf(member, undefined, { oid: 101, system: '7000', period: { days: 35, nowMs } }),
    ).toMatchObject({
      state: 'silent',
      atMs: null,
      text: expect.stringContaining('has told nothing of this database') as string,
    })
    expect(evidence({}, { atMs: nowMs - 2 * day })).toMatchObject({
      state: 'silent',
      text: 'pg-2 has last told of its indexes 2 days ago',
    })
    expect(evidence({}, { atMs: nowMs - 2 * hour }).state).toBe('unused')
    expect(evidence({}, { system: '8000' }).text).toContain('another system')
    expect(evidence({}, { atMs: nowMs + day }).text).toContain('clock')
    expect(evidence(undefined).text).toContain('has not seen this index')
  })
})

test('covered time is that of the moments outside of all gaps', () => {
  const gaps = fc
    .uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 0, maxLength: 12 })
    .map((edges) => edges.toSorted((a, b) => a - b))
    .map((edges) =>
      Array.from({ length: edges.length >> 1 }, (_, i): [number, number] => [
        edges[2 * i]!,
        edges[2 * i + 1]!,
      ]),
    )
  fc.assert(
    fc.property(gaps, fc.nat(200), fc.nat(200), (given, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      let moments = 0
      for (let at = from; at < to; at++) if (!given.some(([x, y]) => at >= x && at < y)) moments++
      expect(covered(from, to, given)).toBe(moments)
    }),
  )
})
