import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { evaluateInside } from '../../../testbed/systemd-host/evaluate-inside.ts'
import { limitsOf } from '../../../testbed/systemd-host/limits.ts'
import { startHerdHost } from './herd-host.ts'
import type { HerdHost } from './herd-host.ts'

let herd: HerdHost

beforeAll(async () => {
  herd = await startHerdHost()
  await herd.collector.override(`Environment=NODE_OPTIONS=--inspect-port=${collectorPort}`)
  await herd.collector.systemctl('start')
  await herd.agent.systemctl('start')
})
afterAll(() => herd[Symbol.asyncDispose]())

/** Of the inspector: each of the two has its own open. */
const collectorPort = 9230

const both = ['pgherd-agent', 'pgherd-collector'] as const

/** Runs a command as a child of a program, in its sandbox and as its user. @returns status and standard error */
async function runAs(name: string, command: string, ...args: readonly string[]): Promise<string> {
  const call = `process.getBuiltinModule('child_process').spawnSync(${JSON.stringify(command)}, ${JSON.stringify(args)}, { encoding: 'utf8' })`
  const answer = await evaluateInside(
    herd.host,
    herd.service(name),
    `(({ status, stderr }) => ({ status, stderr }))(${call})`,
    name === 'pgherd-collector' ? collectorPort : undefined,
  )
  const { status, stderr } = z.object({ status: z.number().nullable(), stderr: z.string() }).parse(answer)
  return `${status ?? 'killed'} ${stderr.trim()}`
}

/** The same as root, with nothing of the sandbox but what of the host's files the program sees. */
async function touchAsRoot(name: string, file: string): Promise<string> {
  const pid = await herd.service(name).mainPid()
  const { stderr } = await herd.host.run('nsenter', ['--target', String(pid), '--mount', 'touch', file])
  return stderr.trim()
}

test.each(both)(
  '%s can change nothing outside its own directory, and root in its place could not',
  async (name) => {
    for (const directory of [
      '/etc',
      '/usr',
      '/var/lib',
      '/var/lib/postgresql/drill',
      '/root',
      '/proc/sys/vm',
    ]) {
      const message = await touchAsRoot(name, `${directory}/drill`)
      expect(message, directory).toMatch(/Read-only file system|No such file or directory|Permission denied/)
    }
    const own = `/var/lib/pgherd/${name.replace('pgherd-', '')}/drill`
    expect(await runAs(name, 'touch', own)).toBe('0 ')
    expect(await herd.host.mustRun('ls', [own])).toBe(`${own}\n`)
  },
)

test.each(both)('%s has no capability, gets none, and its system calls are filtered', async (name) => {
  const status = await herd.host.mustRun('cat', [`/proc/${await herd.service(name).mainPid()}/status`])
  const field = (key: string) => new RegExp(`^${key}:\\s+(\\S+)`, 'm').exec(status)?.[1]
  expect(['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'].map(field)).toEqual(Array(4).fill('0000000000000000'))
  // Filters are in force (2), and sudo and its like give nothing.
  expect([field('Seccomp'), field('NoNewPrivs')]).toEqual(['2', '1'])
})

test.each([...both])('%s can make no namespace, which its user could without the sandbox', async (name) => {
  expect(await runAs(name, 'unshare', '--user', 'true')).toMatch(/^1 .*Operation not permitted/)
  const user = ['--reuid', name, '--regid', name, '--clear-groups']
  await herd.host.mustRun('setpriv', [...user, 'unshare', '--user', 'true'])
})

test('the collector sees neither other processes nor homes; the agent sees those that it measures', async () => {
  const server = String(await herd.server.mainPid())
  expect(await runAs('pgherd-collector', 'ls', `/proc/${server}`)).toMatch(/^2 .*No such file or directory/)
  expect(await runAs('pgherd-agent', 'ls', `/proc/${server}`)).toBe('0 ')
  expect(await runAs('pgherd-collector', 'ls', '/home')).toMatch(/^2 .*Permission denied/)
})

test('limits are those of the units, and the one who ends processes for memory begins with ours', async () => {
  const agent = await limitsOf(herd.host, herd.agent)
  expect(agent).toEqual({ processors: 0.5, memoryBytes: 256 * 1024 * 1024, tasks: 64 })
  const collector = await limitsOf(herd.host, herd.collector)
  expect(collector).toMatchObject({ processors: 2, tasks: 256 })
  const total =
    Number(/MemTotal:\s+(\d+)/.exec(await herd.host.mustRun('cat', ['/proc/meminfo']))?.[1]) * 1024
  expect(collector.memoryBytes / total).toBeCloseTo(0.6, 2)
  const score = async (pid: number) => Number(await herd.host.mustRun('cat', [`/proc/${pid}/oom_score_adj`]))
  const [ofAgent, ofCollector, ofServer] = [
    await score(await herd.agent.mainPid()),
    await score(await herd.collector.mainPid()),
    await score(await herd.server.mainPid()),
  ]
  expect([ofAgent, ofCollector]).toEqual([500, 300])
  expect(ofServer).toBeLessThan(300)
})

test.each([
  ['pgherd-agent', 3],
  ['pgherd-agent@a', 3],
  ['pgherd-collector', 2],
] as const)('the exposure of %s as it is loaded is at most %d', async (name, most) => {
  const text = await herd.host.mustRun('systemd-analyze', ['security', '--no-pager', `${name}.service`])
  const exposure = Number(/Overall exposure level for \S+: (\d+\.\d)/.exec(text)?.[1])
  expect(exposure).toBeGreaterThan(0)
  expect(exposure).toBeLessThanOrEqual(most)
})
