import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { command } from '../../collector/commands/commands.ts'
import { findingsOf } from '../../common/audit/findings-of.ts'
import { readEntries } from '../../common/audit/read-entries.ts'
import { startCommandHerd } from './command-herd.ts'
import type { CommandHerd } from './command-herd.ts'

const kills = Number(process.env['PGHERD_KILLS'] ?? 100)
const tables = 4_000
/** Commands that are sent and have no end yet. */
const flowing = 30
const seed = Number(process.env['PGHERD_SEED'] ?? Date.now() % 1_000_000)
const random = randomFrom(seed)

test('kill -9 of collector and agent at any moment of a command: none runs twice, none that was taken is lost', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-drill-kills-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await using postgres = await startPostgres()
  // One table for each command: the server itself counts how often the command ran.
  await postgres.query(
    `do $$ begin for i in 1..${tables} loop execute format('create table t%s (i int)', i);
       if i % 500 = 0 then commit; end if; end loop; end $$`,
  )
  const [{ system } = { system: '' }] = await postgres.query<{ system: string }>(
    'select system_identifier::text as system from pg_control_system()',
  )
  await using herd = await startCommandHerd({
    directory,
    postgresUrl: postgres.url(),
    agentConfig: { 'scrape.interval': '1m' },
  })
  const flow = startFlow(herd, system)
  const fell = new Map<string, number>()

  for (let kill = 0; kill < kills; kill++) {
    const phase = Math.floor((3 * kill) / kills)
    const victims = phase === 0 ? [herd.collector] : phase === 1 ? [herd.agent] : [herd.collector, herd.agent]
    const before = flow.ended()
    // On the move again, and then at any moment of what flows.
    await waitFor('commands flow', () => flow.ended() > before, {
      timeoutMs: 30_000,
      explain: () => herd.agent.logTail(5) + herd.collector.logTail(5),
    })
    await sleep(300 * random())
    for (const state of flow.states()) fell.set(state, (fell.get(state) ?? 0) + 1)
    await Promise.all(victims.map((victim) => victim.kill()))
    await Promise.all(victims.map((victim) => victim.start()))
  }
  await flow.stop()
  const taken = flow.taken()
  await waitFor(
    'every command has its end',
    async () => (await herd.control.views(taken)).every(({ finishedMs }) => finishedMs !== null),
    {
      timeoutMs: 30_000,
      intervalMs: 500,
      explain: () => [...flow.states(), herd.agent.logTail(8), herd.collector.logTail(4)].join('\n'),
    },
  )

  const views = await herd.control.views(taken)
  const counts = await postgres.query<{ name: string; runs: number }>(
    `select relname as name, analyze_count::int as runs from pg_stat_user_tables where relname ~ '^t\\d+$'`,
  )
  const runsOf = new Map(counts.map(({ name, runs }) => [name, runs]))
  const outcomes = new Map<string, number>()
  for (const { state } of views) outcomes.set(state, (outcomes.get(state) ?? 0) + 1)
  const twice = counts.filter(({ runs }) => runs > 1)
  const doneWithoutRun = views.filter(
    ({ state, args }) => state === 'done' && runsOf.get(String(args['table']).slice(7)) !== 1,
  )
  const idleYetRan = views.filter(
    ({ state, args }) =>
      (state === 'cancelled' || state === 'refused') && runsOf.get(String(args['table']).slice(7)) !== 0,
  )
  console.log(
    `seed ${seed}: ${kills} kills, ${flow.sent()} commands sent, ${taken.length} taken, ${JSON.stringify(Object.fromEntries(outcomes))}, ` +
      `run twice ${twice.length}, lost ${taken.length - views.length}; under way at a kill: ${JSON.stringify(Object.fromEntries(fell))}`,
  )
  expect({
    lost: taken.length - views.length,
    twice,
    doneWithoutRun,
    idleYetRan,
  }).toEqual({ lost: 0, twice: [], doneWithoutRun: [], idleYetRan: [] })
  expect(outcomes.get('done')).toBeGreaterThan(kills)
  expect([...outcomes.keys()].filter((one) => !['done', 'unknown', 'cancelled'].includes(one))).toEqual([])

  const audit = await herd.control.audit()
  expect(findingsOf(audit)).toEqual([])
  const finished = new Set(audit.filter(({ event }) => event === 'finished').map((entry) => entry.command))
  expect(taken.filter((id) => !finished.has(id))).toEqual([])
  const own = await readEntries(join(directory, 'agent', 'actions', 'audit.jsonl'))
  expect(findingsOf(own)).toEqual([])
  let copy: Awaited<ReturnType<typeof herd.control.audit>> = []
  await waitFor(
    'the copy of the audit is whole',
    async () => {
      copy = await herd.control.audit('pg-main-1')
      return copy.at(-1)?.hash === own.at(-1)?.hash && findingsOf(copy).length === 0
    },
    {
      explain: () =>
        [
          `${copy.length} of ${own.length}: ${JSON.stringify(findingsOf(copy).slice(0, 3))}`,
          herd.agent.logTail(8),
        ].join('\n'),
    },
  )
})

/** Keeps some thirty commands under way, sent one by one; what was answered was taken. */
function startFlow(herd: CommandHerd, systemIdentifier: string) {
  const takenIds: string[] = []
  const states = new Map<string, string>()
  let sent = 0
  let ended = 0
  let over = false
  /** Numbers of tables whose command certainly was not taken. */
  const free: number[] = []
  const sendOne = async (): Promise<void> => {
    const table = free.pop() ?? ++sent
    const { id, ...signed } = command({
      kind: 'analyze',
      args: { database: 'postgres', table: `public.t${table}` },
      server: 'pg-main-1',
      system_identifier: systemIdentifier,
      deadline_ms: 60_000,
    })
    try {
      const [answer] = await herd.control.send([signed])
      if (answer?.error !== null) {
        free.push(table)
        return
      }
      takenIds.push(id)
      states.set(id, 'queued')
    } catch (error) {
      // Without a connection it was not taken; else nobody knows.
      if (error instanceof Error && String(error.cause).includes('ECONNREFUSED')) free.push(table)
    }
  }
  const look = async (): Promise<void> => {
    try {
      for (const { id, state, finishedMs } of await herd.control.views([...states.keys()])) {
        if (finishedMs === null) states.set(id, state)
        else if (states.delete(id)) ended++
      }
    } catch {
      // It is down.
    }
  }
  const turn = async (): Promise<void> => {
    while (!over) {
      if (states.size > 0) await look()
      const room = sent < tables ? Math.min(flowing - states.size, tables - sent) : 0
      if (herd.collector.isRunning())
        await Promise.all(Array.from({ length: Math.max(0, Math.min(5, room)) }, sendOne))
      await sleep(25)
    }
  }
  const turning = turn()
  onTestFinished(async () => {
    over = true
    await turning
  })
  return {
    /** Resolves when nothing is on its way any more. */
    async stop() {
      over = true
      await turning
    },
    taken: (): readonly string[] => takenIds,
    sent: () => sent,
    ended: () => ended,
    states: () => [...states.values()],
  }
}

/** Mulberry32: the same moments again for the same seed. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
