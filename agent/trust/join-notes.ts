import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeDirectory } from '../../common/make-directory.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'

/** That this host was given a certificate by `join`, which cannot write into the audit: that is the running agent's. */
const joinNote = z.object({
  atMs: z.number(),
  serial: z.string(),
  validToMs: z.number(),
  /** The collector's, without a path. */
  url: z.string(),
})
export type JoinNote = z.infer<typeof joinNote>

const maxNotes = 100
const fileOf = (directory: string): string => join(directory, 'joins.jsonl')

/** Adds one, for the agent to find. @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
export async function noteJoin(directory: string, note: JoinNote): Promise<void> {
  makeDirectory(directory)
  const notes = [...(await readJoinNotes(directory)), note].slice(-maxNotes)
  await writeFileDurably(fileOf(directory), notes.map((one) => `${JSON.stringify(one)}\n`).join(''), 0o600)
}

/** Those that no audit has yet; lines that are none are left out. Never rejects. */
export async function readJoinNotes(directory: string): Promise<readonly JoinNote[]> {
  const text = await readFile(fileOf(directory), 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = joinNote.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      return []
    }
  })
}

export async function removeJoinNotes(directory: string): Promise<void> {
  await rm(fileOf(directory), { force: true })
}
