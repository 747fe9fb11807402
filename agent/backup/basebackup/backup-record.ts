import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileDurably } from '../../../common/write-file-durably.ts'

/** What is known of a backup beside its files, in `pgherd.json` among them. Moments are milliseconds since the epoch. */
export const backupRecord = z.object({
  format: z.literal(1),
  label: z.string().max(64),
  startedMs: z.number(),
  finishedMs: z.number(),
  /** Of the files of the database, and of what they take here. */
  sizeBytes: z.number(),
  storedBytes: z.number(),
  /** Text, because it exceeds 2^53. */
  systemIdentifier: z.string().max(32),
  timeline: z.int(),
  /** First and last segment that it needs, which are among its files. */
  walStart: z.string().length(24),
  walStop: z.string().length(24),
  /** server_version_num, such as 150018. */
  serverVersion: z.int(),
  /** Of pg_basebackup. */
  programVersion: z.string().max(64),
  isOfStandby: z.boolean(),
  /** Pages that failed their checksum on the server; it was made with them. */
  errors: z.array(z.string().max(500)).max(100),
  /** SHA-256 of the file with the log, which is not in PostgreSQL's own manifest. */
  walFile: z.object({ name: z.string().max(64), sha256: z.string().length(64) }),
  tablespaces: z.array(z.object({ oid: z.string(), name: z.string() })),
})
export type BackupRecord = z.infer<typeof backupRecord>

const fileName = 'pgherd.json'

/** @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
export function writeRecord(directory: string, record: BackupRecord): Promise<void> {
  return writeFileDurably(join(directory, fileName), `${JSON.stringify(record, null, 2)}\n`, 0o600)
}

/** @throws Error for a file that is missing, or is not one of these */
export async function readRecord(directory: string): Promise<BackupRecord> {
  return backupRecord.parse(JSON.parse(await readFile(join(directory, fileName), 'utf8')))
}
