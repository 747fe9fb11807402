import { shown } from './describe-deed.ts'
import type { Root } from './lock-roots.ts'
import type { Harm } from './policy.ts'
import type { Session } from './session.ts'

/** What a session does to others, in words; undefined where it does not do enough of it. */
export function harmDone(
  harm: Harm,
  session: Pick<Session, 'pid' | 'xminAge'>,
  about: { readonly root: Root | undefined; readonly exclusive: ReadonlySet<number> },
): readonly string[] | undefined {
  if (harm === 'none') return []
  const { root, exclusive } = about
  const { blocks_longer_than: blocks, xmin_older_than: xmin, holds_exclusive_lock: exclusively } = harm
  const done: string[] = []
  if (blocks !== undefined && root !== undefined && root.longestMs >= blocks) done.push(blocking(root))
  if (xmin !== undefined && session.xminAge !== null && session.xminAge >= xmin) {
    done.push(`vacuum can remove nothing that ${session.xminAge} transactions since have left`)
  }
  if (exclusively === true && exclusive.has(session.pid)) done.push('it holds an ACCESS EXCLUSIVE lock')
  return done.length > 0 ? done : undefined
}

function blocking({ victims, longestMs }: Root): string {
  const count = victims.length
  return `${count} ${count === 1 ? 'session waits' : 'sessions wait'} for it, the longest for ${shown(longestMs)}`
}
