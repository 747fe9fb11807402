import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../../../testbed/wait.ts'
import { command } from '../../collector/commands/commands.ts'
import { findingsOf } from '../../common/audit/findings-of.ts'
import { readEntries } from '../../common/audit/read-entries.ts'
import { startCommandHerd } from './command-herd.ts'
import { canMount, mountSmallDisk } from './small-disk.ts'
import { untilKnown } from './until-known.ts'

/** Room that is left in each round: for the audit and not for the database, or the other way round. */
const leftovers = [0, 4096, 8192, 0, 16_384, 32_768, 65_536, 0]

test.skipIf(!canMount)(
  "on a full disk of the collector's state a command is refused or carried through, whole in both audits; with space again all is as before and no measurement is missing",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-full-collector-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const disk = mountSmallDisk('48m')
    const store = join(disk.path, 'store')
    await using herd = await startCommandHerd({
      directory,
      collectorConfig: { 'store.directory': store },
      agentConfig: { 'scrape.interval': '1s', 'scrape.timeout': '800ms' },
    })
    await untilKnown(herd)
    const { control, collector, agent } = herd
    const taken: string[] = []
    const refused: string[] = []
    const answers = new Set<string>()
    const sendOne = async (): Promise<void> => {
      const one = command()
      try {
        const [answer] = await control.send([one])
        if (answer?.error !== null) throw new Error(String(answer?.error))
        taken.push(one.id)
      } catch (error) {
        refused.push(one.id)
        answers.add(String(error).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '...'))
      }
    }
    const allEnded = async () => {
      const views = await control.views(taken)
      return views.length === taken.length && views.every(({ finishedMs }) => finishedMs !== null)
    }
    const startMs = Date.now()

    for (const [round, left] of leftovers.entries()) {
      // Some are under way when the disk becomes full.
      await Promise.all(Array.from({ length: 20 }, sendOne))
      disk.fill(left)
      const before = refused.length
      for (let i = 0; i < 20; i++) await sendOne()
      const reading = await fetch(`${collector.url}/api/v1/query?query=1`)
      expect(reading.status).toBe(200)
      if (left === 0) expect(refused.length).toBeGreaterThan(before)
      if (round === 3) {
        // Stopped with a full disk, and by force.
        await collector.kill()
        disk.empty()
        await collector.start()
        await untilKnown(herd)
      }
      await sleep(1_000)
      disk.empty()
      await waitFor('every command has its end', allEnded, {
        timeoutMs: 90_000,
        intervalMs: 250,
        explain: () => collector.logTail(6) + agent.logTail(3),
      })
    }
    await sendOne()
    await waitFor('every command has its end', allEnded, { explain: () => collector.logTail(6) })

    const views = await control.views(taken)
    console.log(
      `collector's disk full ${leftovers.length} times: ${taken.length} taken, ${refused.length} refused with\n${[...answers].join('\n')}`,
    )
    expect(refused.length).toBeGreaterThan(20)
    expect(views.filter(({ state }) => state !== 'done')).toEqual([])
    for (const answer of answers) expect(answer).toMatch(/503: .*cannot (be written|write)/)
    expect(await known(collector.url, refused)).toEqual([])

    const audit = await control.audit()
    expect(findingsOf(audit)).toEqual([])
    const own = await readEntries(join(directory, 'agent', 'actions', 'audit.jsonl'))
    expect(findingsOf(own)).toEqual([])
    for (const event of ['requested', 'finished'] as const) {
      const said = new Set(audit.filter((entry) => entry.event === event).map((entry) => entry.command))
      expect(taken.filter((id) => !said.has(id))).toEqual([])
    }
    const began = own.filter(({ event }) => event === 'started').map((entry) => entry.command)
    expect(new Set(began).size).toBe(began.length)
    expect(refused.filter((id) => began.includes(id))).toEqual([])
    await waitFor('the copy of the audit is whole', async () => {
      const copy = await control.audit('pg-main-1')
      return copy.at(-1)?.hash === own.at(-1)?.hash && findingsOf(copy).length === 0
    })

    const seconds = Math.floor((Date.now() - startMs) / 1000)
    const samples = async () => {
      const query = `count_over_time(pg_up{ins="pg-main-1"}[${seconds}s])`
      const answer = await fetch(`${collector.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
      return Number(data.result[0]?.value[1])
    }
    await waitFor('what was measured meanwhile has arrived', async () => (await samples()) > 0.9 * seconds, {
      timeoutMs: 20_000,
    })
    console.log(`${await samples()} measurements in ${seconds} s`)
  },
)

/** Of the ids, those that the collector has. */
async function known(url: string, ids: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const id of ids) {
    const { status } = await fetch(`${url}/api/v1/commands/${id}`)
    if (status !== 404) found.push(id)
  }
  return found
}
