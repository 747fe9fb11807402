import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Action } from '../../../agent/actions/action.ts'
import { hasTrueDigest } from '../../../common/command/digest.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { maxResultBytes } from '../../../common/command/result.ts'
import { signCommand } from '../../../common/command/sign.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'
import { systemFiles } from '../../../common/spool/file-operations.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { payloadAt, startHost } from './host.ts'
import type { Host } from './host.ts'
import { anna, all, held, start, submit, told, events } from './command-host.ts'

describe('without a connection', () => {
  test('results wait, and are sent until the collector has them', async () => {
    await using host = await start()
    host.commands.disconnected()
    const id = submit(host, { kind: 'reload' })
    await waitFor('it ended', () => host.commands.counters.outcomes.done === 1)
    expect(told(host, id)).toEqual([])
    const results: string[] = []
    const connect = () =>
      host.commands.connected((message) => {
        if (message.type === 'command-result') results.push(message.id)
      })
    connect()
    await waitFor('it is sent', () => results.length >= 1)
    await waitFor('it is written down', async () => (await events(host)).includes('finished'))
    const before = results.length
    connect()
    await waitFor('it is sent again', () => results.length > before)
    host.commands.resultStored(id)
    await host.restart()
    results.length = 0
    connect()
    host.connect()
    const ping = submit(host, { kind: 'ping', server: null, system_identifier: null })
    await host.result(ping)
    expect(results).toEqual([])
  })

  test('the audit waits, and goes to the collector in order from where its copy ends', async () => {
    await using host = await start()
    await host.result(submit(host, { kind: 'reload' }))
    await host.result(submit(host, { kind: 'reload' }))
    const entries = () => host.sent.flatMap((one) => (one.type === 'audit' ? one.entries : []))
    const audit = await host.audit()
    host.commands.auditStored(2, audit[1]!.hash)
    await waitFor('the rest is sent', () => entries().length === 4)
    expect(entries()).toEqual(audit.slice(2))
    // A collector that has another chain under this name gets this one from its beginning.
    host.sent.length = 0
    host.commands.auditStored(2, 'f'.repeat(64))
    await waitFor('all of it is sent', () => entries().length === 6)
    host.sent.length = 0
    host.commands.auditStored(6, audit[5]!.hash)
    await host.result(submit(host, { kind: 'reload' }))
    await waitFor('what is new is sent', () => entries().length >= 1)
    expect(entries()[0]?.seq).toBe(7)
  })

  test("the collector's audit is anchored in the agent's, but not for each of its entries", async () => {
    await using host = await start()
    for (let seq = 1; seq < 20; seq++) host.commands.collectorHead?.(seq, 'a'.repeat(64))
    await waitFor('it is anchored', async () => (await events(host)).includes('anchored'))
    await host.result(submit(host, { kind: 'reload' }))
    expect((await events(host)).filter((event) => event === 'anchored')).toHaveLength(1)
  })
})

test('what concerns no command is in the same audit, and goes to the collector', async () => {
  await using host = await start()
  const fact = {
    event: 'enrolled',
    who: 'agent pg-main-1',
    what: 'certificate ab',
    where: 'pg-main-1',
  } as const
  host.commands.auditStored(0)
  expect(await host.commands.record({ ...fact, why: '', command: null, outcome: null, digest: null })).toBe(
    true,
  )
  expect(await host.audit()).toMatchObject([fact])
  await waitFor('it is sent', () => host.sent.some(({ type }) => type === 'audit'))
})

/** A host of anna's whose disk is full while the test says so. */
async function startOnDisk(disk: { isFull: boolean }, actions?: readonly Action[]): Promise<Host> {
  const host = await startHost({
    ...(actions === undefined ? {} : { actions }),
    files: {
      ...systemFiles,
      write(file, bytes, position) {
        if (disk.isFull) return Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
        return systemFiles.write(file, bytes, position)
      },
    },
  })
  await host.operators(anna)
  await host.policy(all)
  return host
}

describe('what a host cannot write down is not done', () => {
  test('because the disk is full', async () => {
    const disk = { isFull: false }
    await using host = await startOnDisk(disk)
    disk.isFull = true
    const id = submit(host, { kind: 'reload' })
    expect(await host.result(id)).toMatchObject({ outcome: 'refused' })
    expect(host.commands.counters.refusals).toEqual({ 'not-written': 1 })
    disk.isFull = false
    expect((await host.result(submit(host, { kind: 'reload' }))).outcome).toBe('done')
    expect(host.ran).toHaveLength(1)
  })

  test('and an agent that was killed starts on a full disk, and writes the end of what ran once there is room', async () => {
    const disk = { isFull: false }
    const { action, begun, release } = held()
    await using host = await startOnDisk(disk, [action])
    const id = submit(host, { kind: 'work' })
    await waitFor('it runs', () => begun.length === 1)
    disk.isFull = true
    await host.restart()
    await waitFor('its end waits for room', () => host.clock.sleepers > 1)
    expect(told(host, id)).not.toContain('command-result')
    disk.isFull = false
    await host.clock.advance(5_000)
    expect((await host.result(id)).outcome).toBe('unknown')
    release()
  })

  test('a journal that was removed lets no older command through', async () => {
    await using host = await start()
    const command = signCommand(payloadAt(host.clock.now()), anna)
    host.commands.submit(command)
    const { id } = JSON.parse(command.payload) as CommandPayload
    await host.result(id)
    await host.clock.advance(1_000)
    await rm(join(host.directory, 'journal'))
    await host.restart()
    host.commands.submit(command)
    await waitFor('it is refused', () => host.commands.counters.refusals.replayed === 1)
    expect(host.ran).toHaveLength(1)
  })

  test('a journal that was damaged lets no older command through', async () => {
    await using host = await start()
    const command = signCommand(payloadAt(host.clock.now()), anna)
    host.commands.submit(command)
    await host.result((JSON.parse(command.payload) as CommandPayload).id)
    await host.result(submit(host, { kind: 'reload' }))
    const path = join(host.directory, 'journal')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"kind":"terminate"', '"kind":"terminatx"'))
    await host.clock.advance(1_000)
    await host.restart()
    host.commands.submit(command)
    await waitFor('it is refused', () => host.commands.counters.refusals.replayed === 1)
    expect(host.ran).toHaveLength(2)
  })

  test('a torn end of the journal is set aside', async () => {
    await using host = await start()
    const id = submit(host, { kind: 'reload' })
    const first = await host.result(id)
    await appendFile(join(host.directory, 'journal'), 'deadbeef {"t":"comm')
    await host.restart()
    expect(host.commands.counters.refusals).toEqual({})
    expect(first.outcome).toBe('done')
    expect((await host.result(submit(host, { kind: 'reload' }))).outcome).toBe('done')
  })
})

describe('results', () => {
  test('are bounded, say so, and show no password', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [`${i}`, 'x'.repeat(100)])
    const action: Action = {
      ...held().action,
      run: () =>
        Promise.resolve({
          message: 'cannot reach postgres://a:s3cret@h/',
          output: [
            {
              type: 'facts',
              title: 'f',
              facts: { password: 's3cret', big: 10n, at: new Date(0), none: undefined },
            },
            { type: 'table', title: 't', columns: [], rows, truncated: false },
            { type: 'text', title: 'l', lines: rows.map(([, text]) => text!) },
          ],
        }),
    }
    await using host = await start(action)
    const result = await host.result(submit(host, { kind: 'work' }))
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(maxResultBytes)
    expect(hasTrueDigest(result)).toBe(true)
    expect(result.output[1]).toMatchObject({ type: 'table', truncated: true })
    expect(JSON.stringify(result).includes('s3cret')).toBe(false)
    expect(result.message).toBe('cannot reach postgres://a:***@h/')
  })
})

test('whatever a collector sends as a command, the agent goes on, and runs nothing', async () => {
  await using host = await start()
  const { payload, signatures } = signCommand(payloadAt(host.clock.now()), anna)
  const anything: fc.Arbitrary<SignedCommand> = fc.record({
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
      fc.nat(payload.length).map((at) => payload.slice(0, at)),
      fc
        .tuple(fc.nat(payload.length), fc.string())
        .map(([at, text]) => payload.slice(0, at) + text + payload.slice(at)),
    ),
    signatures: fc.constantFrom(signatures, [], [...signatures, ...signatures]),
  })
  const refused = () => Object.values(host.commands.counters.refusals).reduce((sum, count) => sum + count, 0)
  const forged = fc.sample(
    anything.filter((one) => one.payload !== payload || one.signatures.length !== 1),
    { numRuns: 150, seed: 7 },
  )
  const distinct = new Map(forged.map((command) => [command.payload, command]))
  for (const command of distinct.values()) host.commands.submit(command)
  await waitFor('all of them are refused', () => refused() === distinct.size, {
    timeoutMs: 3_000,
    explain: () => JSON.stringify([distinct.size, host.commands.counters.refusals]),
  })
  expect(host.ran).toEqual([])
  // A mad collector does not fill the disk.
  expect((await host.audit()).length).toBeLessThanOrEqual(101)
})
