import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../../../../common/errors.ts'
import { writeFileDurably } from '../../../../common/write-file-durably.ts'

/** A data directory from before a restore, kept until somebody confirms what was restored. */
export const keptDirectory = z.object({
  cluster: z.string(),
  data: z.string(),
  kept: z.string(),
  /** Of the directory that is kept: no other of its name is deleted. */
  inode: z.string(),
  restoredMs: z.number(),
})
export type KeptDirectory = z.infer<typeof keptDirectory>

const content = z.object({ version: z.literal(1), kept: z.array(keptDirectory) })

/** Those of this host. What a promise of it resolves for is on the disk. */
export interface KeptDirectories {
  all(): readonly KeptDirectory[]
  /** @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
  add(one: KeptDirectory): Promise<void>
  remove(kept: string): Promise<void>
}

/** @throws PgherdError when the file is there and cannot be read, because only it says what may be deleted */
export async function openKeptDirectories(path: string): Promise<KeptDirectories> {
  let state = await read(path)
  const write = async (kept: readonly KeptDirectory[]): Promise<void> => {
    await writeFileDurably(path, JSON.stringify({ version: 1, kept }), 0o600)
    state = kept
  }
  return {
    all: () => state,
    add: (one) => write([...state.filter(({ kept }) => kept !== one.kept), one]),
    async remove(kept) {
      if (state.some((one) => one.kept === kept)) await write(state.filter((one) => one.kept !== kept))
    },
  }
}

async function read(path: string): Promise<readonly KeptDirectory[]> {
  try {
    return content.parse(JSON.parse(await readFile(path, 'utf8'))).kept
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}
