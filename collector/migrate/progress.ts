import { readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'

const schema = z.object({
  version: z.literal(1),
  from: z.string(),
  to: z.string(),
  match: z.array(z.string()),
  startMs: z.number(),
  endMs: z.number(),
  phase: z.enum(['copy', 'compare']),
  /** The first moment that is not done with in this phase. */
  nextMs: z.number(),
  samples: z.number(),
  nan: z.number(),
})
export type Progress = Omit<z.infer<typeof schema>, 'version'>
export type Task = Pick<Progress, 'from' | 'to' | 'match'>

/** How far a migration has come, on disk: one that was killed goes on there. */
export interface ProgressFile {
  read(): Promise<Progress | undefined>
  write(progress: Progress): Promise<void>
  remove(): Promise<void>
}

/**
 * @param task what is to be moved: the file of another one is refused
 * @throws PgherdError (from read) REFUSED, STORE_CORRUPT, DIRECTORY_UNUSABLE
 */
export function progressFile(path: string, task: Task): ProgressFile {
  return {
    async read() {
      let text: string
      try {
        text = await readFile(path, 'utf8')
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined
        throw new PgherdError('DIRECTORY_UNUSABLE', `${path} cannot be read: ${messageOf(error)}`)
      }
      const parsed = schema.safeParse(orNothing(text))
      if (!parsed.success)
        throw new PgherdError(
          'STORE_CORRUPT',
          `${path} is damaged, or of a newer release: remove it to begin anew`,
        )
      const { from, to, match } = parsed.data
      if (from === task.from && to === task.to && match.join('\n') === task.match.join('\n'))
        return parsed.data
      throw new PgherdError(
        'REFUSED',
        `${path} is of a migration from ${from} to ${to} that has not ended: finish it first, or remove the file`,
      )
    },
    write: (progress) => writeFileDurably(path, `${JSON.stringify({ version: 1, ...progress })}\n`, 0o600),
    remove: () => rm(path, { force: true }),
  }
}

function orNothing(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
