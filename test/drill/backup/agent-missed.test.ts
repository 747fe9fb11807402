import { afterAll, beforeAll, expect, test } from 'vitest'
import { movableClock } from '../../../testbed/backup/movable-clock.ts'
import type { MovableClock } from '../../../testbed/backup/movable-clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { startChild } from '../../../testbed/process.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, noGuard, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
let clock: MovableClock

/** The windows of 6 h are over by moving the agent's clock. */
beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  clock = movableClock(herd.inside('clock'))
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  await allowAgents(postgres)
  member = await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      schedules: { full: dailyAt(new Date()) },
      compression: { type: 'lz4' },
      repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full: 2 } }],
      guard: { ...noGuard, active_sessions: 1 },
    },
    clock,
    spawn: (options) =>
      startChild({ ...options, environment: { ...options.environment, ...clock.environment } }),
  })
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

async function untilMissed(count: number): Promise<string> {
  const lines = await waitFor(
    'it is told as missed',
    async () => {
      const missed = (await herd.runs()).filter(({ outcome }) => outcome === 'missed')
      if (missed.length < count) return undefined
      const history = await herd.succeed('backup', 'history', cluster)
      return history.split('\n').filter((line) => line.includes(' missed'))
    },
    { timeoutMs: 60_000, intervalMs: 200, explain: () => member.agent.logTail(12) },
  )
  expect(lines).toHaveLength(count)
  return lines.at(-1) ?? ''
}

test('a server that is too busy for the whole window: missed, with what held it back', async () => {
  const busy = [1, 2].map(() => postgres.query('select pg_sleep(600)').catch(() => []))
  await waitFor('it is held back', () => member.agent.logTail(30).includes('full waits: '), {
    timeoutMs: 60_000,
    explain: () => member.agent.logTail(12),
  })
  clock.move('+7h')
  expect(await untilMissed(1)).toMatch(
    / full +missed: held-back .*the full of \S+ was missed: it was held back: the number of active sessions is 2, above 1$/,
  )
  await postgres.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`)
  await Promise.all(busy)
})

test('a server that is down for the whole window: missed, which is told once it is up again', async () => {
  await postgres.stop()
  clock.move('+1d')
  await waitFor(
    'the agent knows',
    async () => (await herd.agentctl('backup', 'list', cluster)).stdout.includes('the server is down'),
    { timeoutMs: 90_000, intervalMs: 500, explain: () => member.agent.logTail(12) },
  )
  clock.move('+31h')
  await postgres.start()
  expect(await untilMissed(2)).toMatch(
    / full +missed: server-unreachable .* was missed: the server is down: /,
  )
})

test('an agent that is off for the whole window tells it at its next start', async () => {
  await member.agent.stop()
  clock.move('+55h')
  await member.agent.start()
  expect(await untilMissed(3)).toMatch(/ full +missed .* was missed: nobody could begin it in time$/)
  expect(await herd.succeed('events', '--type', 'backup-failed')).toContain('full missed')
  expect((await herd.runs()).map(({ outcome }) => outcome)).toEqual(['missed', 'missed', 'missed'])
})
