import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { join } from 'node:path'
import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineFindings, EngineRun } from '../engine.ts'
import { createRate } from '../engine/rate.ts'
import type { BackupRecord } from './backup-record.ts'
import { createArchiveCheck } from './check-archive.ts'
import { readManifest } from './manifest.ts'
import type { BasebackupOptions } from './options.ts'
import { currentRecords, readRepository } from './repository.ts'
import { hashStored, readStored, storedFiles } from './stored-files.ts'

const mostProblems = 100
type Problem = EngineFindings['problems'][number]

/**
 * Reads all backups and compares each file with PostgreSQL's manifest, and the log with its own checksum. pg_verifybackup does the
 * same with tar files since 18 only, and needs the programs of the right version.
 * @throws BackupFailure for a directory that cannot be read; PgherdError CANCELLED, or what the signal was aborted with
 */
export async function verify(options: BasebackupOptions, run: EngineRun): Promise<EngineFindings> {
  const { directory, clock } = options
  const found = await readRepository(directory)
  const records = currentRecords(found)
  const problems: Problem[] = found.unreadable.map(({ name, why }) => ({
    problem: 'checksum',
    text: `${name} is no whole backup: ${why}`,
  }))
  const totalBytes = records.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  const rateOf = createRate(clock)
  let readBytes = 0
  let toldMs = -Infinity
  let files = 0
  for (const record of records) {
    const onBytes = (count: number): void => {
      readBytes += count
      if (clock.monotonic() - toldMs < 500) return
      toldMs = clock.monotonic()
      const percent = totalBytes === 0 ? null : Math.min(100, (readBytes / totalBytes) * 100)
      run.progress?.(percent, `reads ${record.label}`, rateOf(readBytes))
    }
    const wrong = await verifyBackup(directory, record, { signal: run.signal, onBytes })
    files += wrong.files
    problems.push(...wrong.problems)
  }
  const summary = `${records.length} backups, ${files} files, ${readBytes} bytes as they are stored`
  return { problems: problems.slice(0, mostProblems), summary }
}

async function verifyBackup(
  directory: string,
  record: BackupRecord,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
): Promise<{ readonly files: number; readonly problems: readonly Problem[] }> {
  const place = join(directory, record.label)
  const problems: Problem[] = []
  const add = (text: string): void => {
    if (problems.length < mostProblems)
      problems.push({ problem: 'checksum', text: `${record.label}: ${text}` })
  }
  let files = 0
  try {
    const manifest = await readManifest(place)
    files = manifest.files.size
    const check = createArchiveCheck(manifest, add)
    const archives = await storedFiles(place)
    for (const archive of archives) {
      const nowhere = new Writable({ write: (_, __, done) => done() })
      try {
        await pipeline([...readStored(archive, onBytes), check.through(archive), nowhere], { signal })
      } catch (error) {
        signal.throwIfAborted()
        add(`${archive.name} cannot be read to its end: ${messageOf(error)}`)
      }
    }
    const missing = check.missing()
    if (missing.length > 0) add(`${missing.length} files are missing, ${missing[0] ?? ''} among them`)
    const wal = archives.find(({ name }) => name === record.walFile.name)
    if (wal === undefined) add(`${record.walFile.name}, the log, is missing`)
    else if ((await hashStored(wal.path)) !== record.walFile.sha256) add(`${wal.name} has another checksum`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof BackupFailure) && systemCodeOf(error) === undefined) throw error
    add(messageOf(error))
  }
  return { files, problems }
}
