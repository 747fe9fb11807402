import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../common/command/canonical-json.ts'
import { hasTrueDigest } from '../../common/command/digest.ts'
import { printOperatorKey } from '../../common/command/operator-key.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { generateSigningKey } from '../../common/command/private-key.ts'
import { signCommand, signPayload } from '../../common/command/sign.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { commandPayloadAt } from '../../testbed/command-payload.ts'
import { startAgent } from '../../testbed/pgherd.ts'
import { waitFor } from '../../testbed/wait.ts'
import { findingsOf } from '../common/audit/findings-of.ts'
import { readEntries } from '../common/audit/read-entries.ts'
import { startHostileCollector } from './hostile-collector.ts'

const anna = generateSigningKey('anna')
const ben = generateSigningKey('ben')
const mallory = generateSigningKey('mallory')

const payload = (of: Partial<CommandPayload> = {}) =>
  commandPayloadAt(Date.now(), { kind: 'log-level', args: { level: 'debug' }, ...of })

test('an agent whose collector is in the hands of somebody else does what its operators have signed, once, and nothing else', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-hostile-'))
  await using collector = await startHostileCollector()
  const operatorsFile = join(directory.path, 'operators')
  const policyFile = join(directory.path, 'policy.yaml')
  await writeFile(operatorsFile, `${printOperatorKey(anna)}\n${printOperatorKey(ben)}\n`, { mode: 0o600 })
  await writeFile(
    policyFile,
    'rules: [{ kinds: [read] }, { kinds: [log-level], args: { level: [debug, info] } }]\nrequire_two_operators: [destructive]\n',
    { mode: 0o600 },
  )
  await using agent = await startAgent({
    directory: directory.path,
    cluster: 'pg-main',
    seq: 1,
    postgresUrl: 'postgres://nobody@127.0.0.1:1/none',
    collectorUrl: collector.url,
    extraConfig: {
      'postgres.enabled': false,
      'host.enabled': false,
      'actions.operators_file': operatorsFile,
      'actions.policy_file': policyFile,
    },
  })
  const audit = () => readEntries(join(directory.path, 'actions', 'audit.jsonl'))
  const refusals = async () => (await audit()).filter(({ event }) => event === 'refused')
  const starts = async () => (await audit()).filter(({ event }) => event === 'started')
  const send = (command: SignedCommand) => collector.send({ type: 'command', command })
  const resultOf = (id: string) =>
    waitFor(
      `the result of ${id}`,
      () => {
        const found = collector.received.findLast(
          (message) => message.type === 'command-result' && message.id === id,
        )
        return found?.type === 'command-result' ? found.result : undefined
      },
      { timeoutMs: 30_000, explain: () => agent.logTail(20) },
    )
  const connected = () =>
    waitFor('the agent is connected', () => collector.isConnected, {
      timeoutMs: 60_000,
      explain: () => agent.logTail(20),
    })
  await connected()

  // What an operator has signed is done.
  const good = payload()
  const command = signCommand(good, anna)
  send(command)
  expect(await resultOf(good.id)).toMatchObject({ outcome: 'done', steps: ['the agent logs from debug on'] })
  expect(hasTrueDigest(await resultOf(good.id))).toBe(true)
  expect(await starts()).toHaveLength(1)

  const flipped = signCommand(payload(), anna)
  const other = signCommand(payload(), anna)
  const text = canonicalJson(payload())
  const attempts: readonly (readonly [string, SignedCommand])[] = [
    ['unknown-key', signCommand(payload({ operator: 'mallory' }), mallory)],
    ['bad-signature', { ...flipped, payload: flipped.payload.replace('debug', 'silent') }],
    ['bad-signature', { ...flipped, signatures: other.signatures }],
    ['same-key', signCommand(payload(), anna, anna)],
    ['wrong-operator', signCommand(payload(), ben)],
    ['wrong-node', signCommand(payload({ node: 'pg-main-2' }), anna)],
    ['unknown-server', signCommand(payload({ server: 'pg-main-1', system_identifier: '1' }), anna)],
    ['expired', signCommand(payload({ issued_ms: Date.now() - 9_000, expires_ms: Date.now() - 1 }), anna)],
    ['not-yet-valid', signCommand(payload({ issued_ms: Date.now() + 60_000 }), anna)],
    ['lifetime', signCommand(payload({ expires_ms: Date.now() + 30 * 86_400_000 }), anna)],
    ['replayed', signCommand(payload({ id: good.id }), anna)],
    ['replayed', signCommand(payload({ nonce: good.nonce }), anna)],
    ['unsupported', signCommand(payload({ kind: 'format-disk' }), anna)],
    ['arguments', signCommand(payload({ args: { level: 'silent' } }), anna)],
    ['policy', signCommand(payload({ kind: 'cancel', args: { command: 'x' } }), anna)],
    ['not-canonical', { payload: `${text} `, signatures: [signPayload(`${text} `, anna)] }],
    ['malformed', { payload: '{}', signatures: [signPayload('{}', anna)] }],
  ]
  for (const [, attempt] of attempts) send(attempt)
  // Frames that are no messages at all.
  for (const frame of [
    '{',
    '[]',
    '{"type":"command"}',
    '{"type":"command","command":{"payload":"{}","signatures":[]}}',
    '['.repeat(500_000),
  ]) {
    collector.sendText(frame)
  }
  await waitFor('all of them are refused', async () => (await refusals()).length === attempts.length, {
    timeoutMs: 30_000,
    explain: () => agent.logTail(30),
  })
  const reasons = (await refusals()).map(({ outcome }) => outcome?.split(':')[0])
  expect(reasons.sort()).toEqual(
    attempts.map(([reason]) => (reason === 'policy' ? 'arguments' : reason)).sort(),
  )

  // The very same command again gets the very same answer, and runs no second time; not after kill -9 either.
  const first = await resultOf(good.id)
  for (const restarted of [false, true]) {
    if (restarted) {
      await agent.kill()
      await waitFor('the agent is gone', () => !collector.isConnected)
      await agent.start()
      await connected()
    }
    collector.received.length = 0
    send(command)
    expect(await resultOf(good.id)).toEqual(first)
  }
  expect(await starts()).toHaveLength(1)

  expect(findingsOf(await audit())).toEqual([])
})
