import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { parseEntry } from '../../../common/audit/chain.ts'
import type { CommandView } from '../../../common/command/command-view.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { command } from '../../collector/commands/commands.ts'
import { findingsOf } from '../../common/audit/findings-of.ts'
import { startCommandHerd } from './command-herd.ts'
import { canMount, mountSmallDisk } from './small-disk.ts'
import { untilKnown } from './until-known.ts'

/** Room that is left in each round: some has place for the journal and none for the audit, some for one of two syncs. */
const leftovers = [0, 0, 4096, 8192, 0, 12_288, 16_384, 0]
const perRound = 25

test.skipIf(!canMount)(
  "on a full disk of the agent's journal and audit nothing runs that is not written down; it measures meanwhile, and with space again all is as before",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-full-agent-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const disk = mountSmallDisk('4m')
    await using postgres = await startPostgres()
    const tables = leftovers.length * perRound * 2 + 4
    await postgres.query(
      `do $$ begin for i in 1..${tables} loop execute format('create table t%s (i int)', i); end loop; end $$`,
    )
    const [{ system } = { system: '' }] = await postgres.query<{ system: string }>(
      'select system_identifier::text as system from pg_control_system()',
    )
    const actions = join(disk.path, 'actions')
    await using herd = await startCommandHerd({
      directory,
      postgresUrl: postgres.url(),
      agentConfig: { 'actions.directory': actions, 'scrape.interval': '1s', 'scrape.timeout': '800ms' },
    })
    await untilKnown(herd, system)
    let table = 0
    const send = async (count: number): Promise<string[]> => {
      const commands = Array.from({ length: count }, () =>
        command({
          kind: 'analyze',
          args: { database: 'postgres', table: `public.t${++table}` },
          server: 'pg-main-1',
          system_identifier: system,
          deadline_ms: 60_000,
        }),
      )
      const answers = await herd.control.send(commands)
      expect(answers.filter(({ error }) => error !== null)).toEqual([])
      return commands.map(({ id }) => id)
    }
    const ended = async (ids: readonly string[], timeoutMs = 30_000) => {
      let views = await herd.control.views(ids)
      await waitFor(
        'every command has its end',
        async () => (views = await herd.control.views(ids)).every(({ finishedMs }) => finishedMs !== null),
        {
          timeoutMs,
          intervalMs: 200,
          explain: () =>
            JSON.stringify(Object.fromEntries(countBy(views, ({ state }) => state))) + herd.agent.logTail(5),
        },
      )
      return views
    }
    const ids: string[] = []
    expect((await ended(await send(1)))[0]?.state).toBe('done')
    const filledMs = Date.now()

    for (const [round, left] of leftovers.entries()) {
      // Some are under way when the disk becomes full.
      ids.push(...(await send(perRound)))
      await sleep(20 * round)
      disk.fill(left)
      const late = await send(perRound)
      ids.push(...late)
      if (left === 0 && round > 0) {
        let untold: readonly CommandView[] = []
        await waitFor(
          'who waits is told why',
          async () =>
            (untold = (await herd.control.views(late)).filter((view) => !isTold(view))).length === 0,
          { timeoutMs: 20_000, explain: () => JSON.stringify(untold) },
        )
      } else await sleep(500)
      if (round % 3 === 2) {
        await herd.agent.kill()
        await herd.agent.start()
        await sleep(1_500)
      }
      disk.empty()
      await ended(ids)
    }
    const views = await ended(ids)
    expect((await ended(await send(3))).map(({ state }) => state)).toEqual(['done', 'done', 'done'])

    const counts = await postgres.query<{ name: string; runs: number }>(
      `select relname as name, analyze_count::int as runs from pg_stat_user_tables where relname ~ '^t\\d+$'`,
    )
    const runsOf = new Map(counts.map(({ name, runs }) => [name, runs]))
    const runs = ({ args }: (typeof views)[number]) => runsOf.get(String(args['table']).slice(7)) ?? 0
    const states = countBy(views, ({ state }) => state)
    console.log(
      `agent's disk full ${leftovers.length} times: ${ids.length} commands, ${JSON.stringify(Object.fromEntries(states))}`,
    )
    expect(states.get('refused')).toBeGreaterThan(10)
    expect(views.filter((view) => view.state === 'done' && runs(view) !== 1)).toEqual([])
    expect(views.filter((view) => ['refused', 'cancelled'].includes(view.state) && runs(view) !== 0)).toEqual(
      [],
    )
    expect(views.filter((view) => runs(view) > 1)).toEqual([])
    expect(
      [...states.keys()].filter((one) => !['done', 'refused', 'cancelled', 'unknown'].includes(one)),
    ).toEqual([])

    const own = readFileSync(join(actions, 'audit.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => parseEntry(line))
    const entries = own.flatMap((entry) => entry ?? [])
    expect(entries.length).toBe(own.length)
    expect(findingsOf(entries)).toEqual([])
    const startedOf = countBy(
      entries.filter(({ event }) => event === 'started'),
      (entry) => String(entry.command),
    )
    // Each that ran is in the audit, once.
    expect(views.filter((view) => runs(view) > 0 && startedOf.get(view.id) !== 1)).toEqual([])

    // Measuring went on: the longest pause between two samples, but for the restarts.
    const seconds = Math.ceil((Date.now() - filledMs) / 1000)
    const query = `count_over_time(pg_up{ins="pg-main-1"}[${seconds}s])`
    const answer = await fetch(
      `${herd.collector.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
    )
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
    const samples = Number(data.result[0]?.value[1])
    console.log(`${samples} measurements in ${seconds} s, with 2 restarts of the agent`)
    expect(samples).toBeGreaterThan(0.7 * seconds)
  },
)

/** Refused because it cannot be written down, or told that its end, or one that it waits for, waits for room. */
function isTold({ state, result, progress }: CommandView): boolean {
  if (result === null) return /no space left on device|^waits for /.test(progress?.text ?? '')
  return state === 'refused' && result.message.includes('cannot write down what it does')
}

function countBy<T>(all: readonly T[], key: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  return counts
}
