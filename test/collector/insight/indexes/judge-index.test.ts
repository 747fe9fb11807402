import { describe, expect, test } from 'vitest'
import { judgeIndex } from '../../../../collector/insight/indexes/judge-index.ts'
import type { IndexContext } from '../../../../collector/insight/indexes/judge-index.ts'
import type { IndexFact } from '../../../../common/insight/index-evidence.ts'
import type { MemberEvidence } from '../../../../common/insight/index-view.ts'
import { day, factOf, nowMs } from './evidence.ts'

function member(
  server: string,
  state: MemberEvidence['state'],
  role: MemberEvidence['role'] = 'standby',
): MemberEvidence {
  return {
    ...{
      server,
      role,
      state,
      atMs: nowMs,
      coveredDays: 35,
      unusedSinceMs: nowMs - 90 * day,
      lastUsedMs: null,
    },
    ...{ scans: 0, rowsFetched: 0, countersSinceMs: null, text: `${state} on ${server}` },
  }
}

const everywhere = [member('pg-1', 'unused', 'primary'), member('pg-2', 'unused')]

function judge(change: Partial<IndexFact>, context: Partial<IndexContext> = {}) {
  return judgeIndex(factOf(change), {
    ...{
      members: everywhere,
      days: 35,
      ageMs: undefined,
      strangers: undefined,
      heirOf: undefined,
      wasValid: false,
    },
    ...context,
  })
}

describe('an index that nobody uses', () => {
  test('can go when every member has been looked at', () => {
    expect(judge({})).toEqual([
      {
        finding: 'unused',
        verdict: 'droppable',
        reasons: ['no member of the cluster has used it over the last 35 days'],
        savesBytes: 80_000_000,
      },
    ])
    expect(judge({ isPartial: true })[0]!.reasons).toHaveLength(2)
  })

  test.each<[string, Partial<IndexFact>, RegExp]>([
    ['a constraint stands on', { constraint: 'item_pkey', isUnique: true }, /constraint item_pkey/],
    ['is unique', { isUnique: true }, /keeps equal rows out/],
    ['is a replica identity', { isReplicaIdentity: true }, /replica identity/],
    [
      'supports a foreign key',
      { foreignKeys: ['item_shop_fkey'] },
      /foreign key item_shop_fkey has no other index/,
    ],
    ['is a part of a partitioned one', { partOf: 'all_code' }, /part of the partitioned index all_code/],
    ['belongs to an extension', { extension: 'postgis' }, /extension postgis/],
    ['has statistics of expressions', { hasExpressions: true }, /statistics of its expressions/],
    ['orders a table', { isClustered: true }, /CLUSTER/],
    ['is being built', { isBeingBuilt: true }, /being built/],
  ])('is kept when it %s', (_, change, reason) => {
    const [found, ...others] = judge(change)
    expect(found).toMatchObject({ finding: 'unused', verdict: 'keep', savesBytes: 0 })
    expect(found!.reasons.join('; ')).toMatch(reason)
    expect(others).toEqual([])
  })

  test('is kept when a standby uses it, however unused it is on the primary', () => {
    const members = [member('pg-1', 'unused', 'primary'), member('pg-2', 'used'), member('pg-3', 'silent')]
    expect(judge({}, { members })).toMatchObject([
      { finding: 'unused', verdict: 'keep', reasons: ['used on pg-2'] },
    ])
  })

  test('is none when the primary uses it', () => {
    expect(judge({}, { members: [member('pg-1', 'used', 'primary')] })).toEqual([])
  })

  test('needs evidence of each member that has told too little, of unknown standbys, and of any member at all', () => {
    const members = [member('pg-1', 'unused', 'primary'), member('pg-2', 'short'), member('pg-3', 'silent')]
    expect(judge({}, { members })).toMatchObject([
      { verdict: 'needs-evidence', reasons: ['short on pg-2', 'silent on pg-3'] },
    ])
    expect(judge({}, { strangers: '2 standbys follow' })).toMatchObject([
      { verdict: 'needs-evidence', reasons: ['2 standbys follow'] },
    ])
    expect(judge({}, { members: [] })).toMatchObject([{ verdict: 'needs-evidence' }])
  })

  test('that is partitioned can go as a whole, which locks', () => {
    expect(judge({ parts: [201, 202] })).toMatchObject([
      { verdict: 'droppable', reasons: [expect.any(String), expect.stringContaining('it has 2 parts')] },
    ])
  })

  test('is kept while it is younger than the period', () => {
    const members = [member('pg-1', 'short', 'primary'), member('pg-2', 'short')]
    expect(judge({}, { members, ageMs: 3 * day })).toMatchObject([
      { verdict: 'keep', reasons: ['it is younger than 35 days: seen for the first time 3 days ago'] },
    ])
  })
})

describe('an index that another covers', () => {
  const coveredBy = { oid: 102, index: 'item_code_name', isEqual: false }

  test('can go although it is used, as what the other does as well is no reason to keep it', () => {
    const members = [member('pg-1', 'used', 'primary')]
    const given = { coveredBy, foreignKeys: [], hasExpressions: true }
    expect(judge(given, { members })).toMatchObject([
      { finding: 'redundant', verdict: 'droppable', savesBytes: 80_000_000 },
    ])
    expect(judge({ coveredBy: { ...coveredBy, isEqual: true }, isUnique: true }, { members })).toMatchObject([
      { finding: 'duplicate', verdict: 'droppable' },
    ])
  })

  test('is kept when something stands on it, and is not said twice', () => {
    for (const change of [
      { constraint: 'k' },
      { isReplicaIdentity: true },
      { extension: 'e' },
      { isClustered: true },
    ]) {
      expect(judge({ coveredBy, ...change })).toMatchObject([
        { finding: 'redundant', verdict: 'keep', savesBytes: 0 },
      ])
    }
  })
})

describe('an invalid index', () => {
  test('is built anew, or goes where a REINDEX has left it', () => {
    expect(judge({ isValid: false })).toMatchObject([{ finding: 'invalid', verdict: 'reindex' }])
    expect(judge({ isValid: false, index: 'item_code_ccnew' })).toMatchObject([
      { finding: 'invalid', verdict: 'droppable', savesBytes: 80_000_000 },
    ])
    expect(judge({ isValid: false, index: 'item_code_ccnew', constraint: 'k' })).toMatchObject([
      { verdict: 'reindex' },
    ])
  })

  test('is left alone while it is built, and when it was valid before: it may be on trial', () => {
    expect(judge({ isValid: false, isBeingBuilt: true })).toMatchObject([{ verdict: 'keep' }])
    expect(judge({ isValid: false }, { wasValid: true })).toMatchObject([
      { verdict: 'needs-evidence', reasons: [expect.stringContaining('on trial')] },
    ])
  })
})

describe('a bloated index', () => {
  test('is built anew, which saves a part of it, unless it can go', () => {
    const members = [member('pg-1', 'used', 'primary')]
    expect(judge({ bloat: 0.5 }, { members })).toMatchObject([
      { finding: 'bloated', verdict: 'reindex', savesBytes: 40_000_000 },
    ])
    expect(judge({ bloat: 0.5 })).toMatchObject([{ finding: 'unused', verdict: 'droppable' }])
  })
})

test('whatever an index is, one that a constraint stands on is never to be dropped', () => {
  const flags = [true, false]
  for (const isValid of flags)
    for (const isBeingBuilt of flags)
      for (const isEqual of [true, false, undefined])
        for (const wasValid of flags)
          for (const index of ['item_code', 'item_code_ccold']) {
            const coveredBy = isEqual === undefined ? null : { oid: 102, index: 'other', isEqual }
            const found = judge(
              { constraint: 'k', isValid, isBeingBuilt, coveredBy, index, bloat: 0.9 },
              { wasValid },
            )
            expect(found.map(({ verdict }) => verdict)).not.toContain('droppable')
          }
})
