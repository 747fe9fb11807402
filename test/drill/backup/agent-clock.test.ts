import { expect, test } from 'vitest'
import { movableClock } from '../../../testbed/backup/movable-clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { startChild } from '../../../testbed/process.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, dailyAt, startBackupHerd } from './backup-herd.ts'

const day = 86_400_000

test('a clock that jumps a day ahead has the next moment answered, once; when it goes back an hour nothing is done again', async () => {
  await using herd = await startBackupHerd()
  const clock = movableClock(herd.inside('clock'))
  await using postgres = await startPostgres({
    major: 15,
    settings: herd.archiveSettings(1),
    environment: clock.environment,
  })
  await allowAgents(postgres)
  await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      schedules: { full: dailyAt(new Date()) },
      compression: { type: 'lz4' },
      repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full: 2 } }],
    },
    clock,
    spawn: (options) =>
      startChild({ ...options, environment: { ...options.environment, ...clock.environment } }),
  })
  const first = await herd.untilRun('the moment is answered', ({ outcome }) => outcome === 'done')

  clock.move('+1d')
  const next = await herd.untilRun('that of the next day is answered', ({ outcome, id }) => {
    return outcome === 'done' && id !== first.id
  })
  expect((next.slotMs ?? 0) - (first.slotMs ?? 0)).toBe(day)
  const { sets } = await waitFor('both backups are told', async () => {
    const report = (await herd.backups()).members[0]?.report
    return report?.sets.length === 2 ? report : undefined
  })
  const [one, two] = sets
  expect((two?.startedMs ?? 0) - (one?.startedMs ?? 0)).toBeGreaterThan(day - 60_000)

  clock.move('+23h')
  await waitFor(
    'a report of the earlier time has come',
    async () => ((await herd.backups()).members[0]?.report.atMs ?? Infinity) < next.startedMs - 3_000_000,
    { timeoutMs: 80_000, intervalMs: 500 },
  )
  expect((await herd.runs()).map(({ outcome }) => outcome)).toEqual(['done', 'done'])
})
