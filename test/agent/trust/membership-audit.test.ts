import { appendFile, mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noteJoin, readJoinNotes } from '../../../agent/trust/join-notes.ts'
import { createMembershipAudit } from '../../../agent/trust/membership-audit.ts'
import type { AuditFact } from '../../../common/audit/entry.ts'
import { createManualClock } from '../../manual-clock.ts'

const node = 'pg-main-1'
const note = { atMs: 0, serial: 'AB', validToMs: 86_400_000, url: 'https://collector:8432' }
const newDirectory = () => mkdtempDisposable(join(tmpdir(), 'pgherd-notes-'))

function opened(isWritten = true) {
  const clock = createManualClock()
  const facts: AuditFact[] = []
  const audit = createMembershipAudit({
    node,
    clock,
    record(fact) {
      facts.push(fact)
      return Promise.resolve(isWritten)
    },
  })
  return { clock, facts, audit, told: () => facts.map(({ event, outcome }) => `${event} ${outcome}`) }
}

describe("a host's audit of its certificate", () => {
  test('has that it joined, from the word that join has left, and has it once', async () => {
    await using directory = await newDirectory()
    const { audit, facts } = opened()
    await noteJoin(directory.path, note)
    await audit.joined(directory.path)
    await audit.joined(directory.path)
    expect(facts).toMatchObject([
      {
        event: 'enrolled',
        who: 'agent pg-main-1',
        what: 'certificate ab',
        where: node,
        outcome:
          'joined https://collector:8432 at 1970-01-01T00:00:00.000Z; valid until 1970-01-02T00:00:00.000Z',
      },
    ])
    expect(await readdir(directory.path)).toEqual([])
  })

  test('keeps the word of a join that could not be written down', async () => {
    await using directory = await newDirectory()
    await noteJoin(directory.path, note)
    await opened(false).audit.joined(directory.path)
    expect(await readJoinNotes(directory.path)).toEqual([note])
  })

  test('has each join, also behind a line that is none', async () => {
    await using directory = await newDirectory()
    await noteJoin(directory.path, note)
    await appendFile(join(directory.path, 'joins.jsonl'), '{"atMs":\n')
    await noteJoin(directory.path, { ...note, serial: 'CD' })
    const { audit, facts } = opened()
    await audit.joined(directory.path)
    expect(facts.map(({ what }) => what)).toEqual(['certificate ab', 'certificate cd'])
  })

  test.each([
    ['a time that no calendar has', { atMs: 1e300 }],
    ['an end that no calendar has', { validToMs: -1e300 }],
    ['what is no serial number', { serial: 'not a number' }],
    ['a serial number longer than any', { serial: 'A'.repeat(10_000) }],
    ['a URL longer than any', { url: `https://${'a'.repeat(10_000)}` }],
  ])('has each join, also behind a word of one with %s', async (_, altered) => {
    await using directory = await newDirectory()
    await writeFile(join(directory.path, 'joins.jsonl'), `${JSON.stringify({ ...note, ...altered })}\n`)
    await noteJoin(directory.path, note)
    const { audit, facts } = opened()
    await audit.joined(directory.path)
    expect(facts.map(({ what }) => what)).toEqual(['certificate ab'])
    expect(await readdir(directory.path)).toEqual([])
  })

  test('does not lose the word of a join that comes while it writes', async () => {
    await using directory = await newDirectory()
    const later = { ...note, serial: 'CD' }
    await noteJoin(directory.path, note)
    const audit = createMembershipAudit({
      node,
      clock: createManualClock(),
      async record() {
        await noteJoin(directory.path, later)
        return true
      },
    })
    await audit.joined(directory.path)
    expect(await readJoinNotes(directory.path)).toEqual([later])
  })

  test('has a renewal that fails when the reason changes, and once a day', async () => {
    const { audit, clock, told } = opened()
    for (const reason of ['refused', 'refused', 'unreachable', 'unreachable']) audit.failed(reason)
    await clock.advance(86_400_000 - 1)
    audit.failed('unreachable')
    await clock.advance(1)
    audit.failed('unreachable')
    expect(told()).toEqual(['refused', 'unreachable', 'unreachable'].map((why) => `renewal-failed ${why}`))
  })

  test('has a failure again after a renewal', () => {
    const { audit, told } = opened()
    audit.failed('refused')
    audit.renewed({ node, serial: 'EF', validFromMs: 0, validToMs: 86_400_000 })
    audit.failed('refused')
    expect(told()).toEqual([
      'renewal-failed refused',
      'certificate-renewed valid until 1970-01-02T00:00:00.000Z',
      'renewal-failed refused',
    ])
  })
})
