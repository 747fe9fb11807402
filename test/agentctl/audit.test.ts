import { describe, expect, test } from 'vitest'
import { anchorFact } from '../../common/audit/anchor.ts'
import type { AuditEntry, AuditFact } from '../../common/audit/entry.ts'
import { emptyHead, nextEntry } from '../../common/audit/hash-entry.ts'
import { canonicalJson } from '../../common/command/canonical-json.ts'
import { failure, fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const nowMs = 1_700_000_100_000
const id = '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c'

const fact = (event: AuditFact['event'], more: Partial<AuditFact> = {}): AuditFact => ({
  event,
  who: 'agent pg-main-1',
  what: 'vacuum',
  where: 'pg-main-1',
  why: '',
  command: id,
  outcome: null,
  digest: null,
  ...more,
})

function chainOf(facts: readonly AuditFact[], fromMs = nowMs - 600_000): AuditEntry[] {
  const entries: AuditEntry[] = []
  for (const [i, one] of facts.entries()) {
    entries.push(nextEntry(entries.at(-1) ?? emptyHead, fromMs + i * 10_000, one))
  }
  return entries
}

const requested = fact('requested', {
  who: 'ops',
  what: canonicalJson({
    kind: 'vacuum',
    mode: 'run',
    operator: 'alice',
    keys: [],
    args: { table: 'orders' },
  }),
  why: 'bloat',
})
const finished = fact('finished', { outcome: 'done: 3 s', digest: 'a'.repeat(64) })

const node = chainOf([fact('started'), finished, fact('started'), finished, fact('started'), finished])
const collector = chainOf([
  requested,
  fact('delivered'),
  finished,
  anchorFact('pg-main-1', node[5]!),
  fact('token-created', { who: 'root', what: 'viewer grafana', where: '', command: null }),
  fact('refused', { outcome: 'refused: the policy' }),
])
/** A second node, whose audit keeps what the collector's was. */
const witness = chainOf([fact('started'), anchorFact('collector', collector[5]!)])
const honest = { collector, 'pg-main-1': node, 'pg-main-2': witness }

type Chains = Readonly<Record<string, readonly AuditEntry[]>>

/** A collector that answers as ours does, from entries that may stand in any order. */
const serving = (chains: Chains) =>
  fakeCollector({
    'GET /api/v1/audit'({ query }) {
      const chain = chains[query.get('chain') ?? 'collector']
      if (chain === undefined) return failure('not_found', 'there is no such audit')
      const after = Number(query.get('after'))
      const entries = chain.filter(({ seq }) => seq > after).slice(0, Number(query.get('limit')))
      return { chains: Object.keys(chains), entries, newest: Math.max(0, ...chain.map(({ seq }) => seq)) }
    },
  })

describe('agentctl audit', () => {
  test('shows the newest entries in order, commands as they are run, anchors left out', async () => {
    const { url } = await serving(honest)
    expect((await runAgentctl(['audit'], { url, width: 150 })).out).toMatchInlineSnapshot(`
      "TIME (UTC)           SEQ  EVENT          WHO              WHERE      WHAT                          COMMAND   WHY    OUTCOME
      2023-11-14 22:05:00    1  requested      ops              pg-main-1  vacuum table=orders as alice  6f1c2f0e  bloat
      2023-11-14 22:05:10    2  delivered      agent pg-main-1  pg-main-1  vacuum                        6f1c2f0e
      2023-11-14 22:05:20    3  finished       agent pg-main-1  pg-main-1  vacuum                        6f1c2f0e         done: 3 s
      2023-11-14 22:05:40    5  token-created  root                        viewer grafana
      2023-11-14 22:05:50    6  refused        agent pg-main-1  pg-main-1  vacuum                        6f1c2f0e         refused: the policy"
    `)
  })

  test('in 80 columns every line fits', async () => {
    const { url } = await serving(honest)
    const lines = (await runAgentctl(['audit'], { url, width: 80 })).out.split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })

  test.each([
    [
      ['--event', 'finished', 'refused'],
      [3, 6],
    ],
    [['--who', 'root'], [5]],
    [
      ['--command', '6f1c2f'],
      [1, 2, 3, 6],
    ],
    [
      ['--anchors', '--limit', '3'],
      [4, 5, 6],
    ],
    [
      ['--since', '9m25s'],
      [5, 6],
    ],
    [
      ['-n', 'pg-main-2', '--anchors'],
      [1, 2],
    ],
  ])('%j narrows it', async (flags, seqs) => {
    const { url } = await serving(honest)
    const { out } = await runAgentctl(['-o', 'json', 'audit', ...flags], { url })
    expect((JSON.parse(out) as AuditEntry[]).map(({ seq }) => seq)).toEqual(seqs)
  })

  test('a long audit is read from its end', async () => {
    const long = chainOf(Array.from({ length: 3_500 }, (_, i) => (i === 2_000 ? requested : finished)))
    const { url, asked } = await serving({ collector: long })
    const { out } = await runAgentctl(['-o', 'json', 'audit', '--event', 'requested', '--limit', '1'], {
      url,
    })
    expect((JSON.parse(out) as AuditEntry[]).map(({ seq }) => seq)).toEqual([2_001])
    expect(asked.map(({ query }) => query.get('after'))).toEqual(['0', '2500', '1500'])
  })
})

describe('agentctl audit verify', () => {
  test('says of each audit how much there is, and that nothing is wrong', async () => {
    const { url } = await serving(honest)
    const { out, error } = await runAgentctl(['audit', 'verify'], { url })
    expect(error).toBeUndefined()
    expect(out).toMatchInlineSnapshot(`
      "AUDIT      ENTRIES  NEWEST (UTC)         ANCHORS  WRONG
      collector        6  2023-11-14 22:05:50        1      0
      pg-main-1        6  2023-11-14 22:05:50        1      0
      pg-main-2        2  2023-11-14 22:05:10        0      0"
    `)
  })

  const without = (chain: readonly AuditEntry[], seq: number) => chain.filter((entry) => entry.seq !== seq)
  const change = (chain: readonly AuditEntry[], seq: number, more: Partial<AuditEntry>) =>
    chain.map((entry) => (entry.seq === seq ? { ...entry, ...more } : entry))
  const factOf = ({ event, who, what, where, why, command, outcome, digest }: AuditEntry): AuditFact => ({
    event,
    who,
    what,
    where,
    why,
    command,
    outcome,
    digest,
  })
  /** From one entry on everything is made anew, so that all hashes are right. */
  const madeAnew = (chain: readonly AuditEntry[], seq: number): readonly AuditEntry[] =>
    chainOf(
      chain.map((entry) =>
        entry.seq === seq ? { ...factOf(entry), outcome: 'done: nothing to see' } : factOf(entry),
      ),
    )
  const [third, fourth] = [node[2]!, node[3]!]
  const rehashed = nextEntry({ seq: 2, hash: node[1]!.hash }, third.atMs, fact('started', { who: 'nobody' }))

  test.each<[string, Partial<Chains>, string, string, number]>([
    ['an altered entry', { 'pg-main-1': change(node, 3, { who: 'nobody' }) }, 'pg-main-1', 'altered', 3],
    [
      'an altered entry with a hash of its own',
      { 'pg-main-1': node.map((entry) => (entry.seq === 3 ? rehashed : entry)) },
      'pg-main-1',
      'altered',
      3,
    ],
    ['a removed entry', { 'pg-main-1': without(node, 3) }, 'pg-main-1', 'removed', 3],
    [
      'entries in another order',
      { 'pg-main-1': [...node.slice(0, 2), fourth, third, ...node.slice(4)] },
      'pg-main-1',
      'moved',
      3,
    ],
    [
      'an entry twice',
      { 'pg-main-1': [...node.slice(0, 4), fourth, ...node.slice(4)] },
      'pg-main-1',
      'inserted',
      4,
    ],
    ['an end that was cut off', { 'pg-main-1': node.slice(0, 4) }, 'pg-main-1', 'cut-off', 5],
    ['an audit made anew', { 'pg-main-1': madeAnew(node, 2) }, 'pg-main-1', 'rewritten', 6],
    [
      'an altered entry of the collector',
      { collector: change(collector, 2, { who: 'x' }) },
      'collector',
      'altered',
      2,
    ],
    ['a cut off audit of the collector', { collector: collector.slice(0, 5) }, 'collector', 'cut-off', 6],
    ['a collector’s audit made anew', { collector: madeAnew(collector, 3) }, 'collector', 'rewritten', 6],
  ])('finds %s, names the place and ends with 1', async (_name, changed, chain, kind, seq) => {
    const { url } = await serving({ ...honest, ...changed })
    const { out, error } = await runAgentctl(['audit', 'verify'], { url })
    expect(error).toMatchObject({ exit: 1 })
    expect(out).toContain(`\n${chain} ${seq}: ${kind}: `)
    const json = await runAgentctl(['-o', 'json', 'audit', 'verify'], { url })
    const wrong = (JSON.parse(json.out) as { chain: string; findings: { kind: string }[] }[]).filter(
      ({ findings }) => findings.length > 0,
    )
    expect(wrong.map((one) => one.chain)).toEqual([chain])
  })

  test('what a node’s audit was before a break is a part of it, and the break is found', async () => {
    const again = chainOf([fact('started'), finished], nowMs)
    const { url } = await serving({
      collector,
      'pg-main-1': again,
      'pg-main-1~1': node,
      'pg-main-2': witness,
    })
    const { out, error } = await runAgentctl(['audit', 'verify'], { url })
    expect(error).toMatchObject({ exit: 1, message: expect.stringContaining('1 of 3 audits') as string })
    expect(out).toMatch(/^pg-main-1 +8 /m)
    expect(out).toContain('pg-main-1 1: inserted: ')
  })

  test('-n limits it to a node and the collector', async () => {
    const { url } = await serving({ ...honest, 'pg-main-2': change(witness, 1, { who: 'x' }) })
    const { out, error } = await runAgentctl(['audit', 'verify', '-n', 'pg-main-1'], { url })
    expect(error).toBeUndefined()
    expect(out).not.toContain('pg-main-2')
    expect((await runAgentctl(['audit', '-n', 'pg-main-2', 'verify'], { url })).error).toMatchObject({
      exit: 1,
    })
    expect((await runAgentctl(['audit', 'verify', '-n', 'pg-x-1'], { url })).error).toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
