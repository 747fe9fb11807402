import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startChild } from '../../../testbed/process.ts'
import { createSystemdHost } from '../../../testbed/systemd-host/systemd-host.ts'
import { waitFor } from '../../../testbed/wait.ts'

const source = new URL('../../../testbed/systemd-host/systemd-host.ts', import.meta.url).href

const controlGroups = (name: string): readonly string[] =>
  globSync(['/sys/fs/cgroup', '/sys/fs/cgroup/*'].map((root) => `${root}/pgherd-${name}`))
const processes = (name: string): readonly string[] =>
  globSync('/proc/[0-9]*/cgroup').filter((file) => {
    try {
      return readFileSync(file, 'utf8').includes(`/pgherd-${name}`)
    } catch {
      return false
    }
  })
const mounts = (name: string): boolean =>
  readFileSync('/proc/self/mountinfo', 'utf8').toLowerCase().includes(name)

test('a host that is disposed leaves no process, control group or mount', async () => {
  let name = ''
  {
    await using host = await createSystemdHost()
    name = host.name
    await host.powerOn()
    expect(controlGroups(name).length).toBeGreaterThan(0)
    expect(processes(name).length).toBeGreaterThan(1)
  }
  // A process that has ended is there until the first one of this machine has noticed.
  await waitFor('its processes to be gone', () => processes(name).length === 0)
  expect([controlGroups(name), mounts(name)]).toEqual([[], false])
})

test('kill -9 of who made a host leaves no process, control group, mount or directory of it', async () => {
  using own = createOwnDirectory({ prefix: 'pgherd-systemd-owner-' })
  const logFile = join(own.path, 'log')
  const owner = await startChild({
    name: 'the owner',
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      `import { createSystemdHost } from '${source}'
       const host = await createSystemdHost()
       await host.powerOn()
       console.log(JSON.stringify([host.name, host.path('/')]))
       setInterval(() => {}, 1000)`,
    ],
    logFile,
  })
  const [name = '', root = ''] = await owner.waitFor('the host is on', () => {
    const text = readFileSync(logFile, 'utf8')
    return text.endsWith(']\n') ? (JSON.parse(text) as string[]) : undefined
  })
  expect(processes(name).length).toBeGreaterThan(1)
  expect(existsSync(root)).toBe(true)
  await owner.stop('SIGKILL')
  await waitFor('its processes to end', () => processes(name).length === 0)
  await waitFor('its control groups to go', () => controlGroups(name).length === 0)
  await waitFor('its directory to go', () =>
    globSync('/tmp/pgherd-systemd-*').every((path) => !path.toLowerCase().endsWith(name)),
  )
  expect([existsSync(root), mounts(name)]).toEqual([false, false])
})
