import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../../../common/audit/entry.ts'
import { emptyHead, nextEntry } from '../../../../common/audit/hash-entry.ts'
import { collectorClient } from '../../../../collector/web/api/client.ts'
import { brokenLink, loadAudit } from '../../../../collector/web/commands/load-audit.ts'

/** A true chain, the oldest first. */
function chainOf(length: number): readonly AuditEntry[] {
  let head = emptyHead
  return Array.from({ length }, (_, index) => {
    const fact = { who: 'anna', what: 'vacuum', where: 'pg-1', why: '', command: null, outcome: null }
    const entry = nextEntry(head, 1000 * index, { event: 'requested', digest: null, ...fact })
    head = { seq: entry.seq, hash: entry.hash }
    return entry
  })
}

describe('the entries of a chain', () => {
  const newestFirst = chainOf(5).toReversed()

  test('follow each other', () => expect(brokenLink(newestFirst)).toBeNull())

  test('do not where one is missing', () => {
    expect(brokenLink(newestFirst.filter(({ seq }) => seq !== 3))).toBe(4)
  })

  test('do not where one is of another chain', () => {
    const other = newestFirst.map((entry) => (entry.seq === 2 ? { ...entry, hash: 'f'.repeat(64) } : entry))
    expect(brokenLink(other)).toBe(3)
  })
})

test('the newest hundred are read, the newest first', async () => {
  const chain = chainOf(150)
  const client = collectorClient((path) => {
    const asked = new URLSearchParams((path as string).split('?')[1])
    const after = Number(asked.get('after'))
    const entries = chain.filter(({ seq }) => seq > after).slice(0, Number(asked.get('limit')))
    const data = { chains: ['collector', 'pg-1'], entries, newest: 150 }
    return Promise.resolve(new Response(JSON.stringify({ status: 'success', data })))
  })
  const tail = await loadAudit(client, 'collector', new AbortController().signal)
  expect(tail.entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => 150 - i))
  expect(tail.chains).toEqual(['collector', 'pg-1'])
})
