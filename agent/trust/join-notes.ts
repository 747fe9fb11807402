import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { makeDirectory } from '../../common/make-directory.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'

/** What a Date can be (ECMA-262, 21.4.1.1). */
const time = z.number().min(-8.64e15).max(8.64e15)

/** That this host was given a certificate by `join`, which cannot write into the audit: that is the running agent's. */
const joinNote = z.object({
  atMs: time,
  /** At most 20 bytes (RFC 5280, 4.1.2.2), in hexadecimal. */
  serial: z.string().regex(/^[0-9A-Fa-f]{1,42}$/),
  validToMs: time,
  /** The collector's, without a path. */
  url: z.string().max(300),
})
export type JoinNote = z.infer<typeof joinNote>

const maxNotes = 100
const fileOf = (directory: string): string => join(directory, 'joins.jsonl')

/** Adds one, for the agent to find. @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
export async function noteJoin(directory: string, note: JoinNote): Promise<void> {
  makeDirectory(directory)
  const notes = [...(await readJoinNotes(directory)), note].slice(-maxNotes)
  await writeNotes(directory, notes)
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

/** Removes those that the audit has. Another join may have left word meanwhile. @throws PgherdError as `noteJoin` */
export async function removeJoinNotes(directory: string, told: readonly JoinNote[]): Promise<void> {
  const left = (await readJoinNotes(directory)).filter(
    (note) => !told.some((one) => isDeepStrictEqual(one, note)),
  )
  if (left.length === 0) await rm(fileOf(directory), { force: true })
  else await writeNotes(directory, left)
}

async function writeNotes(directory: string, notes: readonly JoinNote[]): Promise<void> {
  await writeFileDurably(fileOf(directory), notes.map((one) => `${JSON.stringify(one)}\n`).join(''), 0o600)
}
