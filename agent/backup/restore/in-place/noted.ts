import { z } from 'zod'
import { usualStart } from './usual-start.ts'

/** What is written down before a server is stopped, so that its directory can be put back, whoever does it. */
export const notedInPlace = z.object({
  cluster: z.string(),
  /** Where the server has its data. */
  data: z.string(),
  /** Where the directory of before goes, on the same file system. */
  kept: z.string(),
  /** Where the new one was restored. */
  fresh: z.string(),
  /** Of the two directories, whatever their names are by then. */
  oldInode: z.string(),
  freshInode: z.string(),
  /** As whom the server runs; null is who runs the agent. */
  user: z.object({ uid: z.number(), gid: z.number() }).nullable(),
  start: usualStart,
  /** The restored server was seen to run: it is not taken back any more. */
  isDone: z.boolean(),
})
export type NotedInPlace = z.infer<typeof notedInPlace>
