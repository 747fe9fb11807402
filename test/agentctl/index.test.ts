import { expect, test } from 'vitest'
import type { IndexFinding, IndexListing } from '../../common/insight/index-view.ts'
import { answering, runAgentctl } from './run-agentctl.ts'

const atMs = Date.UTC(2026, 10, 27, 14)

const finding = (change: Partial<IndexFinding> = {}): IndexFinding => ({
  ...{
    cluster: 'pg-main',
    server: 'pg-main-1',
    database: 'shop',
    databaseOid: 5,
    schema: 'public',
    table: 'orders',
  },
  ...{ index: 'orders_note_idx', oid: 101, finding: 'unused', verdict: 'droppable' },
  reasons: ['no member of the cluster has used it over the last 35 days'],
  definition: 'CREATE INDEX orders_note_idx ON public.orders USING btree (note)',
  ...{ sizeBytes: 3 * 2 ** 20, savesBytes: 3 * 2 ** 20, writesPerDay: 12_345, coveredBy: null, atMs },
  next: 'agentctl index drop pg-main public.orders_note_idx --database shop',
  members: [
    {
      ...{
        server: 'pg-main-1',
        role: 'primary',
        state: 'unused',
        atMs,
        coveredDays: 34.95,
        unusedSinceMs: atMs,
      },
      ...{ lastUsedMs: null, scans: 0, rowsFetched: 0, countersSinceMs: atMs, text: 'unused on pg-main-1' },
    },
    {
      ...{
        server: 'pg-main-2',
        role: 'standby',
        state: 'silent',
        atMs: null,
        coveredDays: 0,
        unusedSinceMs: null,
      },
      ...{
        lastUsedMs: null,
        scans: null,
        rowsFetched: null,
        countersSinceMs: null,
        text: 'pg-main-2 has told nothing',
      },
    },
  ],
  ...change,
})

const kept = finding({
  index: 'orders_pkey',
  verdict: 'keep',
  reasons: ['constraint orders_pkey stands on it'],
})

async function index(args: readonly string[], listing: Partial<IndexListing> = {}) {
  const data = { days: 35, findings: [finding(), kept], notes: [], ...listing }
  const { url, asked } = await answering(200, { status: 'success', data })
  return {
    ...(await runAgentctl(['index', ...args], { url, width: 240 })),
    asked: asked.map(({ path }) => path),
  }
}

test('what can be done stands in a line each, and what is to be kept is counted', async () => {
  const { out, asked } = await index(['list', 'pg-main', '--finding', 'unused', '--days', '7.5'])
  expect(asked).toEqual(['/api/v1/indexes?cluster=pg-main&finding=unused&days=7.5'])
  expect(out.split('\n')).toEqual([
    expect.stringMatching(
      /^CLUSTER +DATABASE +INDEX +TABLE +FINDING +VERDICT +SIZE +SAVES +WRITES\/DAY +WHY$/,
    ),
    expect.stringMatching(
      /^pg-main +shop +public\.orders_note_idx +public\.orders +unused +droppable +3 MiB +3 MiB +12\.3k +no member/,
    ),
    '1 more are to be kept, and --all shows them',
  ])
  expect((await index(['list', '--all'])).out).toContain('constraint orders_pkey stands on it')
})

test('nothing to be said, and nobody who has told, are two things', async () => {
  expect((await index(['list'], { findings: [] })).out).toBe('nothing is wrong with any index')
  for (const narrowed of [
    ['--finding', 'missing'],
    ['--database', 'shop'],
  ]) {
    expect((await index(['list', ...narrowed], { findings: [] })).out).toBe('nothing of that is found')
  }
  const notes = ['no agent has told of indexes yet']
  expect((await index(['list'], { findings: [], notes })).out).toBe(notes[0])
})

test('one index is shown with the evidence of each member and the next command', async () => {
  const { out, asked } = await index(['show', 'orders_note_idx', '-c', 'pg-main'], { findings: [finding()] })
  expect(asked).toEqual(['/api/v1/indexes?cluster=pg-main&name=orders_note_idx'])
  expect(out).toMatch(/^index +public\.orders_note_idx of table public\.orders, database shop of pg-main$/m)
  expect(out).toMatch(/^verdict +droppable: no member of the cluster/m)
  expect(out).toMatch(/^pg-main-1 +primary +unused +35 of 35 d +never seen +0 +0 +2026-11-27 14:00:00/m)
  expect(out).toMatch(/^pg-main-2 +standby +silent +- +- +- +- +- +never$/m)
  expect(out).toContain('pg-main-2 has told nothing')
  expect(out.split('\n').at(-1)).toBe(
    'next: agentctl index drop pg-main public.orders_note_idx --database shop --dry-run',
  )
})

test('an index of which nothing is said is not found', async () => {
  const { error } = await index(['show', 'orders_at'], { findings: [] })
  expect(error).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('in use on the primary') as string,
  })
})

test('JSON is the listing', async () => {
  const { out } = await index(['list', '--json'])
  expect(JSON.parse(out)).toEqual({ days: 35, findings: [finding()], notes: [] })
})

test('a period that is none is refused', async () => {
  expect((await index(['list', '--days', '0'])).error).toMatchObject({ code: 'USAGE' })
  expect((await index(['list', '--days', 'month'])).error?.message).toContain(
    'a number above 0 and up to 400',
  )
})
