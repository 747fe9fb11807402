import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withDigest } from '../../common/command/digest.ts'
import { parseOperatorKey } from '../../common/command/operator-key.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { generateSigningKey } from '../../common/command/private-key.ts'
import { isSignedBy, signCommand } from '../../common/command/sign.ts'
import { commandSignature, signedCommand } from '../../common/command/signed-command.ts'
import { commandPayloadAt } from '../../testbed/command-payload.ts'
import { fakeCollector } from './fake-collector.ts'
import type { Answering } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const nowMs = 1_700_000_100_000
const id = '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c'
const other = '6f1c9999-3c1d-4c7e-9f3a-2b8f6f0d1e2c'

const result = withDigest({
  outcome: 'done',
  message: 'public.orders was vacuumed in 1.2 s',
  steps: ['VACUUM (ANALYZE) public.orders', 'n_dead_tup is 0'],
  output: [
    {
      type: 'table',
      title: 'Before and after',
      columns: [
        { name: 'what', align: 'left' },
        { name: 'rows', align: 'right' },
      ],
      rows: [['dead', '1200']],
      truncated: false,
    },
  ],
  startedMs: nowMs - 59_000,
  finishedMs: nowMs - 57_800,
})

const view = {
  id,
  node: 'pg-main-1',
  server: 'pg-main-1',
  kind: 'vacuum',
  mode: 'run',
  args: { database: 'app', table: 'public.orders', analyze: true },
  operator: 'alice',
  reason: 'bloat',
  requestedBy: 'ops',
  keys: ['0123456789abcdef'],
  state: 'done',
  queuedMs: nowMs - 60_000,
  expiresMs: nowMs,
  deliveredMs: nowMs - 59_500,
  startedMs: nowMs - 59_000,
  finishedMs: nowMs - 57_800,
  progress: null,
  written: '',
  result,
  version: 3,
}
const running = {
  ...view,
  id: other,
  kind: 'analyze',
  state: 'running',
  finishedMs: null,
  result: null,
  progress: { percent: 40, text: 'public.orders' },
}

let home: Awaited<ReturnType<typeof mkdtempDisposable>>
let bob: ReturnType<typeof parseOperatorKey>
beforeAll(async () => {
  home = await mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-'))
  const made = await runAgentctl(['key', 'generate', '--name', 'bob', '--no-passphrase'], { home: home.path })
  bob = parseOperatorKey(made.out)
})
afterAll(() => home[Symbol.asyncDispose]())

describe('agentctl commands', () => {
  const collector = () =>
    fakeCollector({
      'GET /api/v1/commands': () => [running, view],
      [`GET /api/v1/commands/${id}`]: () => view,
      [`GET /api/v1/commands/${other}`]: () => running,
    })

  test('lists them with who, where, what and how it ended', async () => {
    const { url } = await collector()
    expect((await runAgentctl(['commands'], { url, width: 140 })).out).toMatchInlineSnapshot(`
      "COMMAND      QUEUED  WHERE      KIND     STATE    OPERATOR  MESSAGE
      6f1c9999  1m00s ago  pg-main-1  analyze  running  alice     public.orders
      6f1c2f0e  1m00s ago  pg-main-1  vacuum   done     alice     public.orders was vacuumed in 1.2 s"
    `)
  })

  test('fits 80 columns', async () => {
    const { url } = await collector()
    const lines = (await runAgentctl(['commands'], { url, width: 80 })).out.split('\n')
    expect(lines.every((line) => line.length <= 80)).toBe(true)
  })

  test('the filters are the collector’s, but for the age', async () => {
    const { url, asked } = await collector()
    const flags = ['-n', 'pg-main-1', '--kind', 'vacuum', '--state', 'done', '--limit', '7', '--since', '30s']
    const { out } = await runAgentctl(['commands', ...flags], { url })
    expect(out).toBe('no commands like that')
    expect(asked[0]?.query.toString()).toBe('limit=7&node=pg-main-1&kind=vacuum&state=done')
  })

  test('one is shown in full', async () => {
    const { url } = await collector()
    expect((await runAgentctl(['commands', id], { url })).out).toMatchInlineSnapshot(`
      "vacuum on pg-main-1: done
        public.orders was vacuumed in 1.2 s

      id          6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c
      node        pg-main-1
      arguments   database=app table=public.orders analyze=true
      reason      bloat
      operator    alice, signed with 0123456789abcdef
      brought by  ops
      queued      2023-11-14T22:14:00.000Z, 1m00s ago
      delivered   2023-11-14T22:14:00.500Z, after 0.5s
      started     2023-11-14T22:14:01.000Z, after 1.0s
      finished    2023-11-14T22:14:02.200Z, after 2.2s
      digest      028b55cffb064861c7ffca8f78feb48608684aa1bcbb73f0aa9a18879c3cea59

      Steps:
        1. VACUUM (ANALYZE) public.orders
        2. n_dead_tup is 0

      Before and after
      WHAT  ROWS
      dead  1200"
    `)
  })

  test('a result that is not what its digest says is marked', async () => {
    const { url } = await fakeCollector({
      [`GET /api/v1/commands/${id}`]: () => ({ ...view, result: { ...result, message: 'nothing was done' } }),
    })
    expect((await runAgentctl(['commands', id], { url })).out).toContain('NOT that of this result')
  })

  test('the beginning of an id is enough where it is the only one', async () => {
    const { url } = await collector()
    expect((await runAgentctl(['commands', '6f1c9'], { url })).out).toContain('40 % public.orders')
    expect((await runAgentctl(['commands', '6f1c'], { url })).error).toMatchObject({ exit: 2 })
    expect((await runAgentctl(['commands', 'abcd'], { url })).error).toMatchObject({ code: 'NOT_FOUND' })
    expect((await runAgentctl(['commands', '../nodes'], { url })).error).toMatchObject({ exit: 2 })
  })
})

describe('agentctl cancel', () => {
  const collector = (of: unknown, sent: (question: { body: string }) => unknown) => {
    let cancelId = ''
    return fakeCollector({
      [`GET /api/v1/commands/${other}`]: () => of,
      'POST /api/v1/commands': (question) => {
        const body = JSON.parse(question.body) as { commands: { payload: string }[] }
        cancelId = (JSON.parse(body.commands[0]?.payload ?? '') as CommandPayload).id
        return sent(question) ?? [{ id: cancelId, state: 'queued', error: null }]
      },
      'POST /api/v1/commands/wait': () => [
        {
          ...view,
          id: cancelId,
          kind: 'cancel',
          result: withDigest({ ...result, message: 'it has ended', steps: [], output: [] }),
        },
      ],
    })
  }

  test('sends a command of its own to the same node, signed by whoever cancels', async () => {
    let body = ''
    const { url } = await collector(running, (question) => void (body = question.body))
    const { out, error } = await runAgentctl(['cancel', other, '--reason', 'wrong window'], {
      url,
      home: home.path,
    })
    expect(error).toBeUndefined()
    expect(out).toContain('it has ended')
    const [command] = (JSON.parse(body) as { commands: unknown[] }).commands.map((one) =>
      signedCommand.parse(one),
    )
    expect(JSON.parse(command!.payload)).toMatchObject({
      kind: 'cancel',
      args: { command: other },
      node: 'pg-main-1',
      server: null,
      operator: 'bob',
      reason: 'wrong window',
    })
    expect(isSignedBy(command!.payload, command!.signatures[0]!, bob)).toBe(true)
  })

  test('says, when it is interrupted, that what it had sent goes on', async () => {
    const stop = new AbortController()
    const { url } = await collector(running, () => {
      setImmediate(() => stop.abort())
    })
    const { error } = await runAgentctl(['cancel', other], { url, home: home.path, signal: stop.signal })
    expect(error).toMatchObject({
      code: 'CANCELLED',
      message: expect.stringMatching(/the command [0-9a-f-]{36} is sent and goes on/) as string,
    })
  })

  test.each([
    ['is over', { ...view, id: other }, 'done'],
    ['waits for a second operator', { ...running, state: 'held' }, 'second operator'],
  ])('what %s is not cancelled', async (_name, of, said) => {
    const { url, asked } = await collector(of, () => undefined)
    const { error } = await runAgentctl(['cancel', other], { url, home: home.path })
    expect(error).toMatchObject({ exit: 3, message: expect.stringContaining(said) as string })
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
  })
})

describe('agentctl approve', () => {
  const alice = generateSigningKey('alice')
  const payload = commandPayloadAt(nowMs - 60_000, {
    id,
    kind: 'terminate-session',
    args: { pid: 4711, note: 'a\u001b[2J' },
    server: 'pg-main-1',
    system_identifier: '7300000000000000001',
    operator: 'alice',
    reason: 'it blocks the migration',
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  })
  const held = { ...view, state: 'held', result: null, finishedMs: null, kind: 'harmless', args: {} }
  const collector = (signed: unknown = signCommand(payload, alice), taken?: Answering) =>
    fakeCollector({
      [`GET /api/v1/commands/${id}`]: () => held,
      [`GET /api/v1/commands/${id}/signed`]: () => signed,
      [`POST /api/v1/commands/${id}/signatures`]: taken ?? (() => ({ ...held, state: 'queued' })),
    })
  const approve = (url: string, answers: readonly string[] = ['pg-main-1'], flags: readonly string[] = []) =>
    runAgentctl(['approve', id, ...flags], { url, home: home.path, answers })

  test('shows everything that is signed, from the signed text and not from the collector’s view of it', async () => {
    const { url } = await collector()
    const { warnings } = await approve(url)
    expect(warnings.join('\n').replace(/key [0-9a-f]{16}/, 'key …')).toMatchInlineSnapshot(`
      "kind               terminate-session
      mode               run
      node               pg-main-1
      server             pg-main-1
      system identifier  7300000000000000001
      argument note      "a\\u001b[2J"
      argument pid       4711
      operator           alice
      signed by          key …
      reason             it blocks the migration
      issued             2023-11-14T22:14:00.000Z, 1m00s ago
      expires            2023-11-14T22:24:00.000Z, in 9m00s
      may run for        10s
      id                 6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c
      nonce              AAAAAAAAAAAAAAAAAAAAAA"
    `)
  })

  test('signs exactly that text with the own key', async () => {
    const signed = signCommand(payload, alice)
    const { url, asked } = await collector(signed)
    const { out, error } = await approve(url)
    expect(error).toBeUndefined()
    expect(out).toBe(`${id} is signed by alice and bob, and queued`)
    const signature = commandSignature.parse(JSON.parse(asked.at(-1)?.body ?? ''))
    expect(isSignedBy(signed.payload, signature, bob)).toBe(true)
  })

  test.each([
    ['another command in its place', signCommand({ ...payload, id: other }, alice), 'another command'],
    ['a text with two readings', { ...signCommand(payload, alice), payload: '{"id":1,"id":2}' }, 'canonical'],
    ['one that has expired', signCommand({ ...payload, expires_ms: nowMs }, alice), 'expired'],
    [
      'one that the same operator asked for',
      signCommand({ ...payload, operator: 'bob' }, alice),
      'another operator',
    ],
  ])('%s is not signed', async (_name, signed, said) => {
    const { url, asked } = await collector(signed)
    const { error } = await approve(url)
    expect(error?.message).toContain(said)
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('nothing is signed without the name of the target', async () => {
    const { url, asked } = await collector()
    expect((await approve(url, ['pg-main-2'])).error).toMatchObject({ exit: 3 })
    expect((await approve(url, [])).error).toMatchObject({ exit: 3 })
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
    expect((await approve(url, [], ['--yes'])).error).toBeUndefined()
  })
})
