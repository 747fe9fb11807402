import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinds } from '../../agent/actions/kinds.ts'
import { describeAction } from '../../agent/actions/describe-action.ts'
import { answeredCommands } from './answered-commands.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

let home: Awaited<ReturnType<typeof mkdtempDisposable>>
beforeAll(async () => {
  home = await mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-backup-'))
  await runAgentctl(['key', 'generate', '--name', 'bob', '--no-passphrase'], { home: home.path })
})
afterAll(() => home[Symbol.asyncDispose]())

/** `agentctl backup ... --node pg-main-1`, with --yes unless told, where the agent of pg-main-1 answers so. */
async function backup(
  args: readonly string[],
  {
    plan = [],
    failsWith,
    yes = ['--yes'],
  }: {
    readonly plan?: readonly string[]
    readonly failsWith?: string
    readonly yes?: readonly string[]
  } = {},
) {
  const { routes, sent } = answeredCommands(({ mode }) => ({
    steps: plan,
    ...(mode === 'plan' || failsWith === undefined ? {} : { failure: failsWith }),
  }))
  const { url } = await fakeCollector({
    'GET /api/v1/nodes/pg-main-1/actions': () => kinds.map(describeAction),
    ...routes,
  })
  const argv = ['backup', ...args, '--node', 'pg-main-1', ...yes]
  return { ...(await runAgentctl(argv, { url, home: home.path })), sent }
}

test.each([
  ['run', false],
  ['confirm', true],
] as const)('a refused plan of %s tells of --force only where there is one', async (operation, hasForce) => {
  const { error, sent } = await backup([operation, 'pg-main'], {
    plan: ['REFUSED: another run is under way'],
  })
  expect(error?.code).toBe('REFUSED')
  expect(error?.message.includes('--force')).toBe(hasForce)
  expect(sent.map(({ mode }) => mode)).toEqual(['plan'])
})

test('a drill whose checks have failed is not called one that was not carried out', async () => {
  const { error, out } = await backup(['drill', 'pg-main'], { failsWith: 'a query of the policy is false' })
  expect(out).toContain('a query of the policy is false')
  expect(error).toMatchObject({ code: 'COMMAND_FAILED', message: 'the command has failed' })
})

test('--into with a path that is not absolute is refused in words', async () => {
  const { error, sent } = await backup(['restore', 'pg-main', '--into', 'restored'])
  expect(error).toMatchObject({ code: 'USAGE' })
  expect(error?.message).toBe(
    '--into was restored; allowed: an absolute path of the node, such as /data/restored',
  )
  expect(sent).toEqual([])
})

test('the question before directories are deleted names each of them', async () => {
  const plan = ['2 directories are kept', 'DELETES /data/pg.before-1', 'DELETES /data/pg.before-2']
  const { error, sent } = await backup(['confirm', 'pg-main'], { plan, yes: [] })
  expect(error?.code).toBe('REFUSED')
  expect(error?.message).toContain('DELETES /data/pg.before-1\nDELETES /data/pg.before-2')
  expect(sent.map(({ mode }) => mode)).toEqual(['plan'])
})
