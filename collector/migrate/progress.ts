import { readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'

const schema = z.object({
  version: z.literal(1),
  from: z.string(),
  to: z.string(),
  match: z.array(z.string()),
  /** As they were given, if they were. */
  start: z.string().optional(),
  end: z.string().optional(),
  startMs: z.number(),
  endMs: z.number(),
  phase: z.enum(['copy', 'compare']),
  /** The first moment that is not done with in this phase. */
  nextMs: z.number(),
  samples: z.number(),
  nan: z.number(),
  /** Series by window of which only counts could be compared. */
  more: z.number().default(0),
})
export type Progress = Omit<z.infer<typeof schema>, 'version'>
export type Task = Pick<Progress, 'from' | 'to' | 'match' | 'start' | 'end'>

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
      const begun = printTask(parsed.data)
      if (begun === printTask(task)) return parsed.data
      throw new PgherdError(
        'REFUSED',
        `${path} is of another migration that has not ended: ${begun}. Call it so to finish it, remove the file to forget it, or name another by --progress-file`,
      )
    },
    write: (progress) => writeFileDurably(path, `${JSON.stringify({ version: 1, ...progress })}\n`, 0o600),
    remove: () => rm(path, { force: true }),
  }
}

/** As options of the command. */
function printTask({ from, to, match, start, end }: Task): string {
  const given = [...match.map((one) => ['match', one]), ['start', start], ['end', end]]
  return [['from', from], ['to', to], ...given]
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]))
    .join(' ')
}

function orNothing(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
