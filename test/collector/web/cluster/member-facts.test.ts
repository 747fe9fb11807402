import { expect, test } from 'vitest'
import type { Judgement } from '../../../../common/health/cluster-view.ts'
import { clusterWords } from '../../../../collector/web/cluster/cluster-words.ts'
import { memberFacts, positionText, versionText } from '../../../../collector/web/cluster/member-facts.ts'
import { someMember, someView } from './some-view.ts'

const texts = (...given: Parameters<typeof someMember>): readonly string[] =>
  memberFacts(someMember(...given)).map(({ level, text }) => `${level}: ${text}`)

test.each([
  [180_004, '18.4'],
  [90_624, '9.6.24'],
])('%i is PostgreSQL %s', (number, text) => expect(versionText(number)).toBe(text))

test('positions are as PostgreSQL prints them', () => {
  expect(positionText(0x3000148)).toBe('0/3000148')
  expect(positionText(2 ** 32 * 0x1a + 0xff)).toBe('1A/FF')
})

test('what needs a look stands out', () => {
  const facts = texts('pg-1', null, {
    isWritable: false,
    waitingForSync: 3,
    archiver: { isEnabled: true, isFailing: true, lastArchivedMs: null, lastFailedMs: 1 },
    slots: [
      { slotName: 'gone', isActive: false, isLogical: false, retainedBytes: 1024, walStatus: null },
      { slotName: 'used', isActive: true, isLogical: false, retainedBytes: 1024, walStatus: null },
    ],
    space: [{ of: 'wal', freeBytes: 5, totalBytes: 100, freeInodes: null, totalInodes: null }],
    poolers: [{ pooler: 'b:6432', isReachable: false, reachesServer: null, reason: 'refused' }],
  })
  expect(facts).toEqual([
    'warning: read-only',
    'warning: 3 sessions wait for a synchronous standby',
    'critical: archiving fails',
    'warning: slot gone keeps 1 KiB for nobody',
    'warning: 5 % of wal free',
    'critical: pooler b:6432: refused',
  ])
})

test('a report that is old is told as that', () => {
  expect(texts('pg-1', null, { isWritable: null }, { isStale: true, reportAgeMs: 61_000 })).toEqual([
    'unknown: not heard of for 1 min 1 s',
  ])
})

test('a cluster is its worst judgement in words, and how many more there are', () => {
  const judgement = (severity: 'ok' | 'warning', reason: string): Judgement => ({
    code: 'healthy',
    severity,
    members: [],
    reason,
    sinceMs: 0,
  })
  const words = (...judgements: Judgement[]): string => clusterWords(someView([], { judgements }))
  expect(words(judgement('ok', 'it streams'))).toBe('it streams')
  expect(words(judgement('warning', 'it lags'))).toBe('it lags')
  expect(words(judgement('warning', 'it lags'), judgement('warning', 'b'))).toBe('it lags; and 1 more')
})
