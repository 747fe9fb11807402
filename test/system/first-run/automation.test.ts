import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
import { agentUser, ask, createSetupHost, debianHba, isRoot, setHba } from './setup-host.ts'

const ansible = findProgram('ansible-playbook')
const cloudInit = findProgram('cloud-init')
const examples = resolve('docs/ansible')
const cloudConfig = resolve('docs/cloud-init/pgherd-agent.yaml')

/** Runs a playbook on this host, with Ansible's own files in a directory that is gone after the test. */
function play(playbook: string, ...more: readonly string[]): Promise<CommandResult> {
  const home = mkdtempSync(join(tmpdir(), 'pgherd-ansible-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return runCommand(ansible!, [...more, playbook], {
    timeoutMs: 100_000,
    environment: {
      ...{ HOME: home, ANSIBLE_LOCAL_TEMP: home, ANSIBLE_REMOTE_TEMP: home, ANSIBLE_NOCOLOR: '1' },
      ...{ ANSIBLE_ROLES_PATH: join(examples, 'roles'), LC_ALL: 'C.UTF-8' },
    },
  })
}

test.skipIf(ansible === undefined)('Ansible understands the playbook and its role', async () => {
  const result = await play(
    join(examples, 'playbook.yml'),
    ...['--syntax-check', '-i', join(examples, 'inventory.yml')],
  )
  expect(result).toMatchObject({ status: 0, stderr: '' })
})

test.skipIf(!isRoot || ansible === undefined)(
  'the role sets a host up; --check changes nothing before that, and a second run nothing after it',
  async () => {
    await using server = await startPostgres()
    await setHba(server, debianHba)
    const host = createSetupHost(server)
    const playbook = join(host.configFile, '../..', 'play.yml')
    const roles = [
      {
        role: 'pgherd_agent',
        pgherd_node: 'pg-main-1',
        pgherd_command: join(host.path.split(':')[0]!, 'pgherd-agent'),
        pgherd_only: [server.dataDirectory],
        pgherd_role_password: 'the-password-of-the-cluster',
        ...{ pgherd_neighbours: false, pgherd_start: false, pgherd_user: agentUser },
        ...{ pgherd_config_file: host.configFile, pgherd_state_directory: host.stateDirectory },
      },
    ]
    writeFileSync(
      playbook,
      stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, roles }]),
    )

    const checked = await play(playbook, '-i', 'localhost,', '--check', '-v')
    expect(checked).toMatchObject({ status: 0, stderr: '' })
    expect(checked.stdout).toContain('CREATE ROLE')
    expect(checked.stdout).toMatch(/changed=0 .*failed=0/)
    expect(existsSync(host.configFile)).toBe(false)

    const first = await play(playbook, '-i', 'localhost,')
    expect(first.stdout).toMatch(/changed=1 .*failed=0/)
    expect(await ask(server, `select 1 from pg_roles where rolname = 'pgherd'`)).toHaveLength(1)
    expect(readFileSync(host.passwordFile, 'utf8')).toBe('the-password-of-the-cluster\n')

    const second = await play(playbook, '-i', 'localhost,')
    expect(second.stdout).toMatch(/changed=0 .*failed=0/)
  },
)

test.skipIf(cloudInit === undefined)('cloud-init accepts the example', async () => {
  const { status, stdout } = await runCommand(cloudInit!, ['schema', '--config-file', cloudConfig])
  expect({ status, stdout }).toEqual({ status: 0, stdout: `Valid cloud-config: ${cloudConfig}\n` })
})

test('what the example for cloud-init runs is a script for sh, which reads the token from no command line', async () => {
  const text = readFileSync(cloudConfig, 'utf8')
  expect(text.startsWith('#cloud-config\n')).toBe(true)
  const shape = z.object({ write_files: z.array(z.object({ path: z.string(), content: z.string() })) })
  const script =
    shape.parse(parse(text)).write_files.find(({ path }) => path.endsWith('first-run'))?.content ?? ''
  expect(await runCommand('/bin/sh', ['-n', '-c', script])).toMatchObject({ status: 0, stderr: '' })
  expect(script).toContain('pgherd-agent setup pg-main-1 --join - --yes < join')
})
