import type { CommandResult } from '../../../common/command/result.ts'
import type { LineFile } from '../../../common/lines/line-file.ts'
import type { JournalMemory } from './memory.ts'
import { commandRecord, finishedRecord, writeRecord } from './record.ts'
import type { JournalRecord } from './record.ts'

/** Where a command's result lies in the new file. */
export interface MovedResult {
  readonly id: string
  readonly offset: number
  readonly bytes: number
}

/**
 * Writes what is remembered, and nothing else, into a new file.
 * @param batchBytes about so many in each writing, because each is synced
 */
export async function copyJournal(
  memory: JournalMemory,
  to: LineFile,
  options: {
    readonly readResult: (id: string) => Promise<CommandResult | undefined>
    readonly nowMs: number
    readonly batchBytes: number
  },
): Promise<readonly MovedResult[]> {
  const { readResult, nowMs, batchBytes } = options
  const moved: MovedResult[] = []
  let lines: string[] = []
  let moving: { readonly id: string; readonly line: number }[] = []
  let bytes = 0
  const flush = async () => {
    if (lines.length === 0) return
    const offsets = await to.append(lines)
    for (const { id, line } of moving) {
      moved.push({ id, offset: offsets[line]!, bytes: Buffer.byteLength(lines[line]!) })
    }
    lines = []
    moving = []
    bytes = 0
  }
  const write = async (record: JournalRecord) => {
    const line = writeRecord(record)
    if (record.t === 'finished') moving.push({ id: record.id, line: lines.length })
    lines.push(line)
    bytes += line.length
    if (bytes > batchBytes) await flush()
  }
  await write({ t: 'began', atMs: memory.beganMs ?? nowMs })
  await write({ t: 'forgotten', untilMs: memory.forgottenUntilMs, newestMs: memory.newestMs })
  for (const entry of memory.entries.values()) {
    const { id, undo } = entry
    await write(commandRecord.parse(entry))
    if (entry.state === 'running') await write({ t: 'started', id })
    const result = await readResult(id)
    if (undo !== undefined) await write({ t: 'undo', id, noted: undo })
    if (result !== undefined) await write(finishedRecord(id, result, undo !== undefined))
    if (entry.stored) await write({ t: 'stored', id })
  }
  await flush()
  return moved
}
