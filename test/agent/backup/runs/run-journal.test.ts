import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { BackupRun } from '../../../../common/backup/backup-run.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createLog } from '../../../../common/log.ts'
import { membersOf } from '../../../../agent/backup/group-members.ts'
import { endInterrupted } from '../../../../agent/backup/runs/end-interrupted.ts'
import { startTicksOf } from '../../../../agent/backup/start-ticks.ts'
import { openRunJournal } from '../../../../agent/backup/runs/run-journal.ts'
import { waitFor } from '../../../../testbed/wait.ts'

const log = createLog({ level: 'silent', program: 'test' })
const run: BackupRun = {
  id: 'one',
  cluster: 'pg-main',
  node: 'pg-main-1',
  operation: 'drill',
  askedBy: 'schedule',
  slotMs: 1,
  startedMs: 2,
  finishedMs: null,
  outcome: 'running',
  problem: null,
  message: '',
  attempts: 1,
  label: null,
  repository: null,
  sizeBytes: null,
  storedBytes: null,
  recoveryMs: null,
}
let path = ''
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-journal-'))
  path = join(directory, 'runs.json')
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

async function interrupt(
  leave: readonly Parameters<Awaited<ReturnType<typeof openRunJournal>>['note']>[1][],
) {
  const before = await openRunJournal(path, log)
  await before.put(run)
  for (const left of leave) await before.note(run.id, left)
  return openRunJournal(path, log)
}

test('a run that was under way when the agent was killed is interrupted, once', async () => {
  const journal = await interrupt([])
  await endInterrupted(journal, { clock: systemClock, log, cleanScratch: () => Promise.resolve(undefined) })
  expect(journal.runs()).toMatchObject([{ id: 'one', outcome: 'interrupted' }])
  expect((await openRunJournal(path, log)).interrupted).toEqual([])
})

test('the process that it left is ended, with its group', async () => {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  const exit = once(child, 'exit')
  const pid = child.pid ?? 0
  const startTicks = (await startTicksOf(pid)) ?? ''
  const journal = await interrupt([{ kind: 'process', pid, startTicks }])
  const [ended] = await endInterrupted(journal, {
    clock: systemClock,
    log,
    cleanScratch: () => Promise.resolve(undefined),
  })
  await exit
  expect(ended?.message).toContain(`its process group ${pid} still ran and was ended by SIGTERM`)
})

test('what pgBackRest has started is ended as well when its leader has ended already', async () => {
  const script = "(exec -a 'pgbackrest restore:local' sleep 1000) & echo"
  const leader = spawn('bash', ['-c', script], { detached: true, stdio: 'ignore' })
  const pid = leader.pid ?? 0
  await once(leader, 'exit')
  await waitFor('the worker has its name', () => membersOf(pid).some(isNamed))
  const journal = await interrupt([{ kind: 'process', pid, startTicks: '1' }])
  await endInterrupted(journal, { clock: systemClock, log, cleanScratch: () => Promise.resolve(undefined) })
  expect(membersOf(pid)).toEqual([])
})

const isNamed = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('pgbackrest')

test('another process that has got the same number since is left alone', async () => {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const journal = await interrupt([{ kind: 'process', pid: child.pid ?? 0, startTicks: '1' }])
  await endInterrupted(journal, { clock: systemClock, log, cleanScratch: () => Promise.resolve(undefined) })
  expect(await startTicksOf(child.pid ?? 0)).toBeDefined()
})

test('a scratch directory that cannot be removed is told in the record, and hides nothing else', async () => {
  const journal = await interrupt([{ kind: 'scratch', directory: '/scratch/a' }])
  const [ended] = await endInterrupted(journal, {
    clock: systemClock,
    log,
    cleanScratch: () => Promise.reject(new Error('it is busy')),
  })
  expect(ended?.message).toContain('it is busy')
})

test('a journal that is damaged is begun anew, and does not stop backups', async () => {
  writeFileSync(path, '{"version":1,"runs":[{')
  const journal = await openRunJournal(path, log)
  await journal.put(run)
  expect((await openRunJournal(path, log)).runs()).toEqual([run])
})

test('two hundred runs are kept, and beyond them the last dozen of each operation that were done', async () => {
  const journal = await openRunJournal(path, log)
  const put = (operation: BackupRun['operation'], outcome: BackupRun['outcome'], count: number) =>
    Array.from({ length: count }, (_, i) =>
      journal.put({ ...run, id: `${operation}-${outcome}-${i}`, operation, outcome }),
    )
  await Promise.all([...put('full', 'done', 20), ...put('full', 'failed', 5), ...put('incr', 'done', 200)])
  const ids = (await openRunJournal(path, log)).runs().map(({ id }) => id)
  expect(ids).toHaveLength(212)
  expect(ids[0]).toBe('full-done-8')
  expect(ids.at(-1)).toBe('incr-done-199')
})
