import type { CommandView } from '../../../common/command/command-view.ts'

export const tuneKinds = ['tune-advise', 'tune-apply', 'tune-status', 'tune-rollback'] as const

/** What is known of the tuning of one server: the commands whose results tell it. */
export interface TunedServer {
  readonly server: string
  readonly node: string
  /** The newest that was done. */
  readonly advice: CommandView | null
  readonly plan: CommandView | null
  /** Those that tell of changes, the newest first: a list of all, and what was done since. */
  readonly changes: readonly CommandView[]
  readonly newestMs: number
}

/** More would only tell of changes that the list of all has too. */
const mostChanges = 12
const names = new Intl.Collator('en', { numeric: true })

/**
 * Finds among commands (of any order) those that tell how a server is tuned now.
 * @returns by server, the one that was tuned last first
 */
export function tunedServers(commands: readonly CommandView[]): readonly TunedServer[] {
  const done = commands
    .filter(({ state, finishedMs }) => state === 'done' && finishedMs !== null)
    .toSorted((a, b) => (b.finishedMs ?? 0) - (a.finishedMs ?? 0))
  return [...Map.groupBy(done, ({ server, node }) => server ?? node)]
    .map(([server, own]): TunedServer => {
      const listed = own.findIndex(({ kind }) => kind === 'tune-status')
      const since = listed < 0 ? own : own.slice(0, listed + 1)
      const isChange = ({ kind, mode }: CommandView): boolean =>
        kind === 'tune-status' || (mode === 'run' && (kind === 'tune-apply' || kind === 'tune-rollback'))
      return {
        server,
        node: own[0]!.node,
        advice: own.find(({ kind }) => kind === 'tune-advise') ?? null,
        plan: own.find(({ kind, mode }) => kind === 'tune-apply' && mode === 'plan') ?? null,
        changes: since.filter(isChange).slice(0, mostChanges),
        newestMs: own[0]!.finishedMs ?? 0,
      }
    })
    .sort((a, b) => b.newestMs - a.newestMs || names.compare(a.server, b.server))
}
