import type { ServerManager } from '../../../common/backup/server-manager.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import type { PatroniClient } from '../patroni/client.ts'
import { clusterDocument, nodeDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { describeMember, leaderOf } from '../patroni/members.ts'
import { askMember, ownMember } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

/** What a change of Patroni is made in. */
export interface Context {
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
  readonly resume: () => Promise<void>
}

const waitMs = 120_000

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
        await until(context, 'Patroni has started the server, and has a leader', waitMs, async () => {
          const node = nodeDocument.parse(await patroni.get('/patroni'))
          const leader = leaderOf(clusterDocument.parse(await patroni.get('/cluster')).members)
          return node.state === 'running' && leader !== undefined
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

/** @throws PgherdError COMMAND_FAILED when it does not become so in time */
export async function until(
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
