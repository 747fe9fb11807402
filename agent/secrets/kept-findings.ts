import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { defaultPassword } from '../../common/insight/default-passwords.ts'
import type { DefaultPassword } from '../../common/insight/default-passwords.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'

const kept = z.strictObject({
  /** Of the last look, milliseconds since the epoch. */
  lookedMs: z.number(),
  /** How many looks there were. */
  turn: z.int(),
  findings: z.array(defaultPassword),
})

/** What the last look has found; kept on disk, so that a restart neither repeats the tries nor forgets what is open. */
export type KeptFindings = Readonly<z.infer<typeof kept>>

export const nothingKept: KeptFindings = { lookedMs: 0, turn: 0, findings: [] }

/** What cannot be read was nothing: the next look makes it anew. */
export async function readFindings(path: string): Promise<KeptFindings> {
  try {
    return kept.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return nothingKept
  }
}

/** @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
export async function writeFindings(path: string, findings: KeptFindings): Promise<void> {
  await writeFileDurably(path, JSON.stringify(findings), 0o600)
}

/** Whether they are the same login or phrase. */
export function isSame(a: DefaultPassword, b: DefaultPassword): boolean {
  return a.service === b.service && a.address === b.address && a.user === b.user
}
