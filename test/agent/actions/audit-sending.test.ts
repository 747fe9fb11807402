import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createAuditSending } from '../../../agent/actions/audit-sending.ts'
import { openAuditChain } from '../../../common/audit/chain.ts'
import type { AuditFact } from '../../../common/audit/entry.ts'
import { silentLog } from '../../../common/log.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { createManualClock } from '../../manual-clock.ts'

const fact: AuditFact = {
  event: 'started',
  who: 'anna',
  what: '{}',
  where: 'pg-main-1',
  why: '',
  command: null,
  outcome: null,
  digest: null,
}

/** A chain of so many entries on its way to a collector that answers each message at once. */
async function sendingTo(count: number, answer: (newest: number) => { seq: number; hash: string | null }) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-audit-sending-'))
  const chain = await openAuditChain({
    path: join(directory, 'audit.jsonl'),
    clock: createManualClock(),
    log: silentLog,
  })
  onTestFinished(async () => {
    await chain[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })
  for (let at = 0; at < count; at++) await chain.append(fact)
  const sent: number[][] = []
  const sending = createAuditSending(chain, silentLog)
  sending.connected((message) => {
    if (message.type !== 'audit') return
    const seqs = message.entries.map(({ seq }) => seq)
    sent.push(seqs)
    if (sent.length > 20) return
    const { seq, hash } = answer(seqs.at(-1) ?? 0)
    queueMicrotask(() => sending.stored(seq, hash))
  })
  const grow = async () => {
    await chain.append(fact)
    sending.grown()
  }
  return { sending, sent, grow }
}

test('a collector whose copy is longer than the audit, the end of which was cut off, is told all of it once, and then what is new', async () => {
  const theirs = { seq: 500, hash: 'f'.repeat(64) }
  const { sending, sent, grow } = await sendingTo(250, () => theirs)
  sending.stored(theirs.seq, theirs.hash)
  await waitFor('all of it', () => sent.flat().includes(250))
  await grow()
  await waitFor('what is new', () => sent.flat().includes(251))
  expect(sent.flat()).toEqual(Array.from({ length: 251 }, (_, at) => at + 1))
})

test('a collector that does not take an entry is told it again only when there is more', async () => {
  const { sending, sent, grow } = await sendingTo(3, () => ({ seq: 0, hash: null }))
  sending.stored(0, null)
  await waitFor('the first message', () => sent.length > 0)
  await grow()
  await waitFor('the second message', () => sent.flat().includes(4))
  expect(sent).toEqual([
    [1, 2, 3],
    [1, 2, 3, 4],
  ])
})
