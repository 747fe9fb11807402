import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anchorFact, anchorOf } from '../../../common/audit/anchor.ts'
import type { Anchor } from '../../../common/audit/anchor.ts'
import type { AuditEntry, AuditFact } from '../../../common/audit/entry.ts'
import { emptyHead, nextEntry } from '../../../common/audit/hash-entry.ts'
import { createChainVerifier } from '../../../common/audit/verify.ts'
import { chainOf, fact } from './fact.ts'

function verified(entries: readonly AuditEntry[], anchors: readonly Anchor[] = []) {
  const verifier = createChainVerifier(anchors)
  for (const entry of entries) verifier.take(entry)
  return verifier.finish()
}
const found = (entries: readonly AuditEntry[], anchors: readonly Anchor[] = []) =>
  verified(entries, anchors).findings.map(({ kind, seq }) => `${kind} ${seq}`)

const chain = chainOf(6)

const factOf = ({ event, who, what, where, why, command, outcome, digest }: AuditFact): AuditFact => {
  return { event, who, what, where, why, command, outcome, digest }
}

test('a chain as it was written has no findings', () => {
  expect(verified(chain)).toEqual({ entries: 6, head: { seq: 6, hash: chain[5]!.hash }, findings: [] })
  expect(verified([])).toEqual({ entries: 0, head: emptyHead, findings: [] })
})

describe('an entry was altered', () => {
  const other: Record<keyof AuditEntry, Partial<AuditEntry>> = {
    seq: { seq: 9 },
    atMs: { atMs: 1 },
    event: { event: 'finished' },
    who: { who: 'ben' },
    what: { what: '{"args":{},"kind":"ping"}' },
    where: { where: 'pg-main-2' },
    why: { why: 'another reason' },
    command: { command: null },
    outcome: { outcome: 'done' },
    digest: { digest: 'x' },
    prev: { prev: 'f'.repeat(64) },
    hash: { hash: 'f'.repeat(64) },
  }

  test.each(Object.entries(other))('%s', (field, change) => {
    for (const at of [0, 2, 5]) {
      const altered = chain.map((entry, i) => (i === at ? { ...entry, ...change } : entry))
      expect(found(altered)).toContain(`altered ${field === 'seq' ? 9 : at + 1}`)
    }
  })

  test.each(Object.entries(other))('%s, and its hash was made anew', (field, change) => {
    if (field === 'hash') return
    const { seq, atMs, prev, ...rest } = { ...chain[2]!, ...change }
    const remade = nextEntry({ seq: seq - 1, hash: prev }, atMs, factOf(rest))
    const altered = chain.map((entry, i) => (i === 2 ? remade : entry))
    const findings = found(altered)
    if (field === 'seq') expect(findings).toContain('removed 3')
    else expect(findings).toContain(field === 'prev' ? 'altered 2' : 'altered 3')
  })
})

test('an entry was removed: the first, one in the middle, two', () => {
  expect(found(chain.slice(1))).toEqual(['removed 1'])
  expect(found(chain.toSpliced(2, 1))).toEqual(['removed 3'])
  expect(found(chain.toSpliced(1, 2))).toEqual(['removed 2', 'removed 3'])
})

test('an entry was moved', () => {
  expect(found(chain.with(2, chain[3]!).with(3, chain[2]!))).toEqual(['moved 3'])
  expect(found([...chain.slice(1), chain[0]!])).toEqual(['moved 1'])
})

test('an entry was inserted: a copy, one that was made up, one with those behind it renumbered', () => {
  expect(found(chain.toSpliced(3, 0, chain[1]!))).toEqual(['inserted 2'])
  const madeUp = nextEntry(chain[2]!, 5, fact({ who: 'nobody' }))
  expect(found(chain.toSpliced(3, 0, madeUp))).toEqual(['inserted 4'])
  const renumbered = chain.map((entry) => (entry.seq > 3 ? { ...entry, seq: entry.seq + 1 } : entry))
  expect(found(renumbered.toSpliced(3, 0, madeUp))).toEqual(['altered 5', 'altered 6', 'altered 7'])
})

describe('with anchors in another chain', () => {
  const anchorAt = (seq: number): Anchor =>
    anchorOf(nextEntry(emptyHead, 7_000, anchorFact('pg-main-1', chain[seq - 1]!)))!

  test('a chain as it was written has no findings', () => {
    expect(found(chain, [anchorAt(2), anchorAt(6)])).toEqual([])
  })

  test('its end was cut off', () => {
    expect(found(chain.slice(0, 4))).toEqual([])
    expect(found(chain.slice(0, 4), [anchorAt(2), anchorAt(6)])).toEqual(['cut-off 5'])
    expect(found([], [anchorAt(2)])).toEqual(['cut-off 1'])
  })

  test('all of it was made anew', () => {
    const forged: AuditEntry[] = []
    for (const [i, entry] of chain.entries()) {
      const who = i === 0 ? 'ben' : entry.who
      forged.push(nextEntry(forged.at(-1) ?? emptyHead, entry.atMs, { ...factOf(entry), who }))
    }
    expect(found(forged)).toEqual([])
    expect(found(forged, [anchorAt(6)])).toEqual(['rewritten 6'])
  })

  test('its end was cut off and grew again', () => {
    const others = chain.slice(0, 3)
    for (let i = 0; i < 3; i++) others.push(nextEntry(others.at(-1)!, 9_000, fact({ who: 'ben' })))
    expect(found(others, [anchorAt(4)])).toEqual(['rewritten 4'])
  })
})

test('any change of any text of any entry is found', () => {
  const texts = ['who', 'what', 'where', 'why'] as const
  fc.assert(
    fc.property(fc.nat(5), fc.constantFrom(...texts), fc.string({ maxLength: 5 }), (at, field, text) => {
      fc.pre(chain[at]![field] !== text)
      expect(found(chain.with(at, { ...chain[at]!, [field]: text }))).toEqual([`altered ${at + 1}`])
    }),
    { numRuns: 200 },
  )
})
