import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { childEnvironment } from '../../../../testbed/child-environment.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'

/** Runs the agent as a person would. */
function agent(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['agent/main.ts', ...argv], {
    encoding: 'utf8',
    env: childEnvironment(),
  })
  return { status, stdout, stderr }
}

/** The values of a configuration file. */
const valuesOf = (conf: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...conf.matchAll(/^(\w+) = '(.*)'$/gm)].map(([, name, value]) => [name!, value!]))

test('a new cluster starts with what tune --for-new-cluster prints on this machine', async () => {
  const { status, stdout, stderr } = agent('tune', '--for-new-cluster', '--pg', '18')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const settings = valuesOf(stdout)
  await using server = await startPostgres({ settings })
  const rows = await server.query('SELECT name, current_setting(name) AS value FROM pg_settings')
  const has = new Map(rows.map(({ name, value }) => [name, value]))
  expect(Object.keys(settings).length).toBeGreaterThan(20)
  expect(Object.entries(settings).filter(([name, value]) => has.get(name) !== value)).toEqual([])
})

test('a running server takes each statement of tune --format alter-system', async () => {
  const { stdout } = agent(
    ...['tune', '--offline', '--pg', '18', '--cpu', '2', '--memory', '1GB', '--format', 'alter-system'],
  )
  const statements = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('--'))
  await using server = await startPostgres()
  for (const statement of statements) await server.query(statement)
  const waiting = await server.query('SELECT name FROM pg_settings WHERE pending_restart ORDER BY name')
  const [, named] = /^-- These wait for a restart: (.*)$/m.exec(stdout) ?? []
  expect(named?.split(', ').sort()).toEqual(expect.arrayContaining(waiting.map(({ name }) => name as string)))
  expect(waiting.map(({ name }) => name as string)).toContain('shared_buffers')
})

test('what cannot be done ends with its status, and says why', () => {
  expect(agent('tune', '--offline', '--pg', '9')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining(
      'pgherd-agent: --pg: was "9"; allowed: a major version: 14, 15, 16, 17, 18',
    ) as string,
  })
  const tooMany = ['--cpu', '2', '--memory', '1GB', '--connections', '5000', '--format', 'conf']
  expect(agent('tune', '--offline', '--pg', '18', ...tooMany)).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringContaining('1GB of memory do not hold 5000 connections') as string,
  })
})
