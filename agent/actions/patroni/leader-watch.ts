import type { Clock } from '../../../common/clock.ts'
import type { PatroniClient } from './client.ts'
import type { MemberNow } from './documents.ts'
import { originOf } from './members.ts'

export interface LeaderWatch {
  /** The member other than `from` that said last that it leads. */
  leader(): string | undefined
  /** Between the last time that `from` said that it leads and the first time that another did; undefined unless both were seen. */
  gapMs(): number | undefined
  /** Every member's last word, for progress. */
  describe(): string
  /** How long a gap may be wrong by, milliseconds. */
  readonly resolutionMs: number
  stop(): Promise<void>
}

const everyMs = 200

/** Asks every member five times a second whether it leads (`GET /leader`): what a load balancer would see. */
export function watchLeader(
  { clock, patroni }: { readonly clock: Clock; readonly patroni: PatroniClient },
  members: readonly MemberNow[],
  from: string | undefined,
): LeaderWatch {
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  const leads = new Map<string, boolean | undefined>()
  let lastOldMs: number | undefined
  let firstNewMs: number | undefined
  let leader: string | undefined

  const watch = async ({ name, api_url: url }: MemberNow): Promise<void> => {
    const origin = originOf(url)
    if (origin === undefined) return
    while (!isStopped()) {
      const status = await patroni.status('/leader', origin)
      const atMs = clock.monotonic()
      leads.set(name, status === undefined ? undefined : status === 200)
      if (status === 200 && name === from && firstNewMs === undefined) lastOldMs = atMs
      if (status === 200 && name !== from) {
        firstNewMs ??= atMs
        leader = name
      }
      await clock.sleep(everyMs, stopping.signal)
    }
  }
  const watching = Promise.all(members.map(watch))
  return {
    leader: () => leader,
    gapMs: () =>
      lastOldMs === undefined || firstNewMs === undefined ? undefined : Math.max(0, firstNewMs - lastOldMs),
    describe: () =>
      [...leads]
        .map(
          ([name, isLeading]) =>
            `${name} ${isLeading === undefined ? 'silent' : isLeading ? 'leads' : 'does not lead'}`,
        )
        .join(', '),
    resolutionMs: everyMs,
    async stop() {
      stopping.abort()
      await watching
    },
  }
}
