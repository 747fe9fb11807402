import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { backupRun } from '../../../common/backup/backup-run.ts'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'

/** What a run leaves behind when the agent is killed. */
export const leftover = z.discriminatedUnion('kind', [
  /** A process group by its leader, which is the same one only if it started at the same tick. */
  z.object({ kind: z.literal('process'), pid: z.int().min(2), startTicks: z.string() }),
  z.object({ kind: z.literal('scratch'), directory: z.string() }),
])
export type Leftover = z.infer<typeof leftover>

const content = z.object({
  version: z.literal(1),
  runs: z.array(backupRun),
  /** Of the runs that go on, by id. */
  leftovers: z.record(z.string(), z.array(leftover)),
})
type Content = z.infer<typeof content>

/** The runs of this member. What a promise of it resolves for is on the disk. */
export interface RunJournal {
  /** The oldest first. */
  runs(): readonly BackupRun[]
  /** Those that ran when the agent ended last time, and what they may have left. */
  readonly interrupted: readonly { readonly run: BackupRun; readonly leftovers: readonly Leftover[] }[]
  /** Adds a run or replaces that of the same id. @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE */
  put(run: BackupRun): Promise<void>
  /** @throws PgherdError as put */
  note(id: string, left: Leftover): Promise<void>
}

/** Of all clusters of this host; a backup each hour for a week. */
const keptRuns = 200
/** And so many that were done of each operation of a cluster, whose durations are compared: a full backup may come once a week. */
const keptOfEach = 12

/** A journal is small and written a few times per run, so each write replaces the whole file. */
export async function openRunJournal(path: string, log: Log): Promise<RunJournal> {
  let state = await read(path, log)
  let writing: Promise<void> = Promise.resolve()
  const unfinished = state.runs.filter(({ outcome }) => outcome === 'running')
  const interrupted = unfinished.map((run) => ({ run, leftovers: state.leftovers[run.id] ?? [] }))
  const change = (next: (before: Content) => Content): Promise<void> => {
    const write = async (): Promise<void> => {
      const after = next(state)
      await writeFileDurably(path, JSON.stringify(after), 0o600)
      state = after
    }
    const written = writing.then(write)
    writing = written.catch(() => undefined)
    return written
  }
  return {
    runs: () => state.runs,
    interrupted,
    put: (run) =>
      change(({ runs, leftovers, version }) => {
        const others = runs.filter(({ id }) => id !== run.id)
        const { [run.id]: own, ...rest } = leftovers
        const still = run.outcome === 'running' && own !== undefined ? { ...rest, [run.id]: own } : rest
        return { version, runs: kept([...others, run]), leftovers: still }
      }),
    note: (id, left) =>
      change((before) => ({
        ...before,
        leftovers: { ...before.leftovers, [id]: [...(before.leftovers[id] ?? []), left] },
      })),
  }
}

/** @param runs the oldest first */
function kept(runs: readonly BackupRun[]): BackupRun[] {
  const done = new Map<string, number>()
  return runs
    .toReversed()
    .filter(({ cluster, operation, outcome }, newer) => {
      if (outcome !== 'done') return newer < keptRuns
      const key = `${cluster} ${operation}`
      const count = (done.get(key) ?? 0) + 1
      done.set(key, count)
      return newer < keptRuns || count <= keptOfEach
    })
    .toReversed()
}

/** A journal that cannot be read must not stop backups: it is told, and begun anew. */
async function read(path: string, log: Log): Promise<Content> {
  const empty: Content = { version: 1, runs: [], leftovers: {} }
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return empty
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
  try {
    return content.parse(JSON.parse(text))
  } catch (error) {
    log.error({ path }, `backup: the journal of runs is not one and is begun anew: ${messageOf(error)}`)
    return empty
  }
}
