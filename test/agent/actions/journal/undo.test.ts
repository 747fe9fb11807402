import { stat } from 'node:fs/promises'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { journalEntry } from '../../../../agent/actions/journal-entry.ts'
import { openJournal } from '../../../../agent/actions/journal/journal.ts'
import type { Journal } from '../../../../agent/actions/journal/journal.ts'
import { withDigest } from '../../../../common/command/digest.ts'
import { signCommand } from '../../../../common/command/sign.ts'
import { silentLog } from '../../../../common/log.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { anna } from '../command-host.ts'
import { payloadAt, startMs } from '../host.ts'

const clock = createManualClock(startMs)
const noted = { before: 7 }
const result = (size = 10) =>
  withDigest({
    outcome: 'failed',
    message: 'It failed.',
    steps: [],
    output: [{ type: 'text', title: '', lines: ['x'.repeat(size)] }],
    startedMs: null,
    finishedMs: startMs,
  })

async function begin(journal: Journal): Promise<string> {
  const payload = payloadAt(clock.now())
  const command = signCommand(payload, anna)
  await journal.receive(
    journalEntry(command, { payload, operators: ['anna'] }, undefined, false, clock.now()),
  )
  await journal.started(payload.id)
  return payload.id
}

describe('what a command has left to undo', () => {
  test.each(['interrupted', 'unsettled'] as const)(
    'is remembered with who asked for it while the file is written anew and results are cut: %s',
    async (state) => {
      await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-journal-'))
      const options = {
        path: join(directory.path, 'journal'),
        clock,
        log: silentLog,
        maxResultsBytes: 50_000,
      }
      let id: string
      {
        await using journal = await openJournal(options)
        id = await begin(journal)
        await journal.undo(id, noted)
        if (state === 'unsettled') await journal.finished(id, result(40_000), true)
        // Each of them is in the file twice, whole and cut.
        for (let i = 0; i < 30; i++) await journal.finished(await begin(journal), result(45_000))
        expect((await stat(options.path)).size).toBeLessThan(1_300_000)
        expect(journal.find(id)?.undo).toEqual(noted)
      }
      await using journal = await openJournal(options)
      expect(journal[state]).toMatchObject([{ id, undo: noted, asked: { operators: ['anna'] } }])
    },
  )

  test('is kept until it is settled, however old it becomes', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-journal-'))
    const later = createManualClock(startMs)
    const options = { path: join(directory.path, 'journal'), clock: later, log: silentLog }
    await using journal = await openJournal(options)
    const id = await begin(journal)
    await journal.undo(id, noted)
    await journal.finished(id, result(), true)
    await journal.stored(id)
    await later.advance(100 * 86_400_000)
    await begin(journal)
    expect(journal.find(id)?.undo).toEqual(noted)
    await journal.settled(id)
    await begin(journal)
    expect(journal.find(id)).toBeUndefined()
  })

  test('is nothing once it has finished without', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-journal-'))
    const options = { path: join(directory.path, 'journal'), clock, log: silentLog }
    {
      await using journal = await openJournal(options)
      const id = await begin(journal)
      await journal.undo(id, noted)
      await journal.finished(id, result())
      expect(journal.find(id)).not.toHaveProperty('asked')
    }
    await using journal = await openJournal(options)
    expect([...journal.interrupted, ...journal.unsettled]).toEqual([])
  })
})
