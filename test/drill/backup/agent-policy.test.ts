import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let member: Member
let passFile: string

const policy = (full: number) => ({
  repositories: [
    { kind: 'local', path: herd.inside('repository'), retention: { full }, cipher_pass_file: passFile },
  ],
})
const reload = (): void => void process.kill(member.agent.pid, 'SIGHUP')
const config = (): string => readFileSync(member.configFile, 'utf8')

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  passFile = join(herd.inside('secrets'), 'pass')
  writeFileSync(passFile, 'first pass\n', { mode: 0o600 })
  postgres = owned.use(await startPostgres({ major: 15 }))
  await allowAgents(postgres)
  member = await herd.addMember({ seq: 1, postgres, policy: policy(2) })
  await waitFor('the configuration is written', () => existsSync(member.configFile), { timeoutMs: 30_000 })
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

test('a configuration that somebody has removed is there again after a reload', async () => {
  rmSync(member.configFile)
  reload()
  await waitFor('it is there', () => existsSync(member.configFile))
})

test('a secret that was changed is in the configuration after a reload', async () => {
  writeFileSync(passFile, 'second pass\n', { mode: 0o600 })
  reload()
  await waitFor('it is there', () => config().includes('second pass'))
})

test('of a file with mistakes backup policy tells them, and that the policy of before is followed', async () => {
  member.writePolicy(policy(0))
  reload()
  await waitFor('the mistake is logged', () => member.agent.logTail(5).includes('retention.full: was 0'))
  const told = await herd.succeed('backup', 'policy', 'pg-main', '--node', 'pg-main-1')
  expect(told).toContain('NOT READ AGAIN, since the file has mistakes; what it said before is followed:')
  expect(told).toMatch(/backup\.yaml:\d+: clusters\.pg-main\.repositories\[0\]\.retention\.full: was 0/)
  expect(told).toContain('keeps 2 full backups')
})

test('an agent that starts with such a file says why it has no policy', async () => {
  await member.agent.stop()
  await member.agent.start()
  const told = await waitFor('it answers', async () => {
    const { stdout, stderr } = await herd.agentctl('backup', 'policy', 'pg-main', '--node', 'pg-main-1')
    return /follows no policy/.test(stdout + stderr) ? stdout + stderr : undefined
  })
  expect(told).toContain('retention.full: was 0')
})
