import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { entryOf } from '../../testbed/pgherd.ts'
import { freePort } from '../../testbed/ports.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import { startChild } from '../../testbed/process.ts'
import { runCommand } from '../../testbed/run-command.ts'
import { waitFor } from '../../testbed/wait.ts'
import { blocksOf } from '../docs/snippets.ts'

const blocks = blocksOf('docs/quick-start.md')

function blockOf(language: string, beginning: string): string {
  const found = blocks.find((block) => block.language === language && block.text.startsWith(beginning))
  if (found === undefined) throw new Error(`the quick start has no ${language} that begins with ${beginning}`)
  return found.text
}

test('the quick start, word by word on ports of its own: a role, two files, a self-test, and a server that is measured', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-quick-start-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const postgres = stack.use(await startPostgres({ authentication: 'scram-sha-256' }))
  const port = await freePort()
  const here = (text: string): string =>
    text
      .replaceAll('127.0.0.1:5432', `127.0.0.1:${postgres.port}`)
      .replaceAll('127.0.0.1:8432', `127.0.0.1:${port}`)
      .replaceAll('./', `${directory}/`)
  for (const name of ['agent.yaml', 'collector.yaml']) {
    writeFileSync(join(directory, name), here(blockOf('yaml', `# ${name}`)))
  }
  await postgres.query(blockOf('sql', 'CREATE ROLE'))
  // The password that the document writes is the one of its own SQL.
  writeFileSync(join(directory, 'password'), '...\n', { mode: 0o600 })

  const options = (program: 'agent' | 'collector'): readonly string[] => [
    entryOf(program),
    '--config',
    join(directory, `${program}.yaml`),
  ]
  const start = async (program: 'agent' | 'collector') =>
    stack.use(
      await startChild({
        name: `the ${program}`,
        command: process.execPath,
        args: options(program),
        logFile: join(directory, `${program}.log`),
      }),
    )
  const checked = await runCommand(process.execPath, [...options('collector'), '--check-config'])
  expect(checked).toMatchObject({ status: 0, stderr: '' })
  const collector = await start('collector')
  const url = `http://127.0.0.1:${port}`
  await collector.waitFor('it is ready', () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  const tested = await runCommand(process.execPath, [...options('agent'), '--self-test'])
  expect(tested.stdout).toMatch(/^ {2}ok {7}the role has pg_monitor and is no superuser$/m)
  expect(tested.stdout).toMatch(/^0 failed, \d+ missing$/m)
  const agent = await start('agent')

  const agentctl = (...args: readonly string[]) =>
    runCommand(process.execPath, [join(import.meta.dirname, '../../agentctl/main.ts'), ...args], {
      environment: { PGHERD_COLLECTOR_URL: url, XDG_CONFIG_HOME: directory },
    })
  await waitFor(
    'the server is measured',
    async () => /^pg-main-1 +pg-main .* up +primary +connected/m.test((await agentctl('nodes')).stdout),
    { timeoutMs: 60_000, explain: () => agent.logTail(10) },
  )
  expect(await agentctl('alerts')).toMatchObject({ status: 0 })
  // Without a key of an operator commands are refused, as the document says.
  expect(await agentctl('show', 'activity', '-n', 'pg-main-1')).not.toMatchObject({ status: 0 })
})
