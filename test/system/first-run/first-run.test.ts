import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { startChild } from '../../../testbed/process.ts'
import { parsePasswd } from '../../../testbed/unprivileged.ts'
import { agentUser, createSetupHost, debianHba, isRoot, setHba } from './setup-host.ts'

/** A collector with an authority, and the line that its operator pastes on a new host. */
async function startFirstRunFleet(): Promise<Fleet & { enroll(node: string): Promise<string> }> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-first-fleet-'))
  const fleet = await startFleet({ directory })
  onTestFinished(async () => {
    await fleet[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })
  return {
    ...fleet,
    async enroll(node) {
      const { stdout, stderr } = await fleet.operator.agentctl('enroll', node)
      const line = /^ *(sudo pgherd-agent setup .*)$/m.exec(stdout)?.[1]
      if (line === undefined) throw new Error(`agentctl enroll printed no line: ${stdout}${stderr}`)
      return line
    },
  }
}

test.skipIf(!isRoot)(
  'the line of agentctl enroll, pasted, leads to a server whose measurements arrive; a second run changes nothing',
  async () => {
    await using server = await startPostgres()
    await setHba(server, debianHba)
    const fleet = await startFirstRunFleet()
    const host = createSetupHost(server)
    const line = await fleet.enroll('pg-main-1')

    const first = await host.paste(line, '--yes')
    expect(first.stderr).toBe('')
    expect(first.status).toBe(0)
    expect(first.stdout).toMatch(/pg-main-1 has joined/)
    expect(first.stdout).toMatch(/^ {2}0 failed/m)

    const user = parsePasswd(readFileSync('/etc/passwd', 'utf8')).get(agentUser)!
    await using agent = await startChild({
      name: 'the agent',
      command: process.execPath,
      args: [resolve('agent/main.ts'), '--config', host.configFile],
      logFile: join(host.stateDirectory, 'agent.log'),
      owner: user,
    })
    const query = encodeURIComponent('pg_up{ins="pg-main-1"} == 1')
    await agent.waitFor(
      'a measurement of pg-main-1 to be in the collector',
      async () => {
        const answer = await fetch(`${fleet.collector.url}/api/v1/query?query=${query}`)
        return (await answer.text()).includes('"pg-main-1"')
      },
      60_000,
    )

    const config = readFileSync(host.configFile, 'utf8')
    const second = await host.setup('--yes')
    expect(second.status).toBe(0)
    expect(second.stdout).toMatch(/^Nothing was to be done/m)
    expect(second.stdout).toMatch(/pg-main-1 is a member of the fleet/)
    expect(readFileSync(host.configFile, 'utf8')).toBe(config)
  },
)

test.skipIf(!isRoot)(
  'a token that is not whole, or that the collector does not know, is said; what was done stays, and a good one goes on from there',
  async () => {
    await using server = await startPostgres()
    await setHba(server, debianHba)
    const fleet = await startFirstRunFleet()
    const host = createSetupHost(server)
    const line = await fleet.enroll('pg-main-1')

    const cut = await host.paste(line.slice(0, -5) + `'`, '--yes')
    expect(cut).toMatchObject({ status: 2, stdout: '' })
    expect(cut.stderr).toMatch(/is not a whole join token; allowed: pgherd-join-1/)

    const other = await host.paste(line.replace(/\.[A-Za-z0-9_-]{43}\./, `.${'A'.repeat(43)}.`), '--yes')
    expect(other.status).toBe(3)
    expect(other.stdout).toMatch(/Join the fleet/)
    expect(other.stdout).not.toMatch(/has joined/)

    const good = await host.paste(line, '--yes')
    expect(good.status).toBe(0)
    expect(good.stdout).toMatch(/ok: the role pgherd on port \d+ is ready/)
    expect(good.stdout).toMatch(/pg-main-1 has joined/)
  },
)

test.skipIf(!isRoot)('secrets and the configuration are open to root and the agent alone', async () => {
  await using server = await startPostgres()
  await setHba(server, debianHba)
  const host = createSetupHost(server)
  expect((await host.setup('pg-main-1', '--yes')).status).toBe(0)
  const { gid } = parsePasswd(readFileSync('/etc/passwd', 'utf8')).get(agentUser)!
  for (const file of [host.configFile, host.passwordFile]) {
    const { mode, uid, gid: group } = statSync(file)
    expect({ mode: mode & 0o777, uid, group }, file).toEqual({ mode: 0o640, uid: 0, group: gid })
  }
  const [password = ''] = readFileSync(host.passwordFile, 'utf8').split('\n')
  expect(password).toMatch(/^[0-9a-f]{48}$/)
  expect(readFileSync(server.logFile, 'utf8')).not.toContain(password)
  expect(readFileSync(host.configFile, 'utf8')).not.toContain(password)
})
