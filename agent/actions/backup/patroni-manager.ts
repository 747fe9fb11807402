import type { ServerManager } from '../../../common/backup/server-manager.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import type { PatroniClient } from '../patroni/client.ts'
import { clusterDocument, nodeDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { describeMember, follows, leaderOf, leading, originOf } from '../patroni/members.ts'
import { askMember, ownMember, readSituation } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

interface Context {
  readonly clock: Clock
  readonly signal: AbortSignal
  progress?(percent: number | null, text: string): void
}

/** The Patroni of a server that is restored in place. */
export interface ManagedServer {
  readonly scope: string
  readonly wasPaused: boolean
  readonly manager: ServerManager
  /** For the plan. */
  readonly lines: readonly string[]
  readonly replicas: readonly string[]
  readonly own: string
  readonly patroni: PatroniClient
  resume(): Promise<void>
}

const waitMs = 120_000
const rebuildMs = 6 * 3_600_000

/** @param work gets undefined on a host without Patroni. @throws PgherdError REFUSED when etcd has no quorum */
export async function withManager<T>(
  patronis: readonly PatroniAccess[],
  scope: string | undefined,
  context: Context,
  work: (managed: ManagedServer | undefined) => Promise<T>,
): Promise<T> {
  if (patronis.length === 0) return work(undefined)
  return withPatroni(patronis, scope, (patroni, situation) => {
    const own = ownMember(situation).name
    if (situation.storeProblems.length > 0) {
      throw new PgherdError('REFUSED', situation.storeProblems.join('; '))
    }
    const replicas = situation.members.filter(({ name }) => name !== own)
    const setPause = async (isPaused: boolean): Promise<void> => {
      const body = { pause: isPaused ? true : null }
      const bounds = { timeoutMs: 15_000, signal: context.signal }
      expectAnswer(await patroni.change('PATCH', '/config', body, bounds), [200])
      await until(
        context,
        `every member says that it is ${isPaused ? '' : 'not '}paused`,
        waitMs,
        async () => {
          const said = await Promise.all(situation.members.map((member) => askMember(patroni, member)))
          return said.every((one) => one === undefined || one.pause === isPaused)
        },
      )
    }
    const manager: ServerManager = {
      name: 'Patroni',
      release: () => setPause(true),
      async start() {
        const bounds = { timeoutMs: waitMs, signal: context.signal }
        expectAnswer(await patroni.change('POST', '/restart', {}, bounds), [200, 202])
        await until(context, 'Patroni leads by the server that it has started', waitMs, async () => {
          const node = nodeDocument.parse(await patroni.get('/patroni'))
          const leader = leaderOf(clusterDocument.parse(await patroni.get('/cluster')).members)
          return node.state === 'running' && leader?.name === own
        })
      },
    }
    return work({
      scope: situation.scope,
      wasPaused: situation.isPaused,
      manager,
      own,
      patroni,
      replicas: replicas.map(({ name }) => name),
      lines: [
        ...(situation.leader?.name === own ? [] : [`REFUSED: ${own} does not lead ${situation.scope}`]),
        `Resumes Patroni, unless it is paused now, and REBUILDS the replicas one by one: ${replicas.map(({ name }) => name).join(', ') || 'none'}. Until then they have the data from before.`,
        ...situation.members.map(describeMember),
      ],
      resume: () => setPause(false),
    })
  })
}

/** @returns what was done, for a person. @throws PgherdError with the replica that did not come back */
export async function resumeAndRebuild(context: Context, managed: ManagedServer): Promise<readonly string[]> {
  const { patroni, wasPaused, replicas, scope } = managed
  if (wasPaused)
    return [`${scope} was paused before and still is: rebuild ${replicas.join(', ')} once it is resumed`]
  await managed.resume()
  const lines = [`${scope} is managed by Patroni again`]
  for (const name of replicas) {
    const startMs = context.clock.monotonic()
    context.progress?.(null, `rebuilds ${name}`)
    const { members, nodes } = await readSituation(patroni)
    const origin = originOf(members.find((member) => member.name === name)?.api_url ?? null)
    const startedBefore = nodes.get(name)?.postmaster_start_time
    if (origin === undefined) throw new PgherdError('COMMAND_FAILED', `${name} cannot be told to begin anew`)
    const bounds = { timeoutMs: 60_000, signal: context.signal, origin }
    expectAnswer(await patroni.change('POST', '/reinitialize', { force: true }, bounds), [200])
    await until(context, `${name} follows the new timeline`, rebuildMs, async () => {
      const now = clusterDocument.parse(await patroni.get('/cluster')).members
      const replica = now.find((member) => member.name === name)
      if (replica === undefined) return false
      const node = await askMember(patroni, replica)
      // A small copy takes less than a cycle of Patroni, but its server has started anew.
      const startedNow = node?.state === 'running' ? node.postmaster_start_time : null
      const isAnew = startedNow != null && startedNow !== startedBefore
      return isAnew && !leading.has(replica.role) && follows(replica, leaderOf(now))
    })
    lines.push(`${name} was rebuilt in ${((context.clock.monotonic() - startMs) / 1000).toFixed(1)} s`)
  }
  return lines
}

/** @throws PgherdError COMMAND_FAILED when it does not become so in time */
async function until(
  { clock, signal }: Context,
  what: string,
  limitMs: number,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const untilMs = clock.monotonic() + limitMs
  let why = ''
  for (;;) {
    try {
      if (await isSo()) return
    } catch (error) {
      why = error instanceof PgherdError ? `: ${error.message}` : ''
    }
    signal.throwIfAborted()
    if (clock.monotonic() > untilMs) throw new PgherdError('COMMAND_FAILED', `not so in time: ${what}${why}`)
    await clock.sleep(300, signal)
  }
}
