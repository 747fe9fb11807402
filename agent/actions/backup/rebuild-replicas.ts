import { PgherdError, messageOf } from '../../../common/errors.ts'
import { clusterDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { follows, leaderOf, leading, originOf } from '../patroni/members.ts'
import { askMember, readSituation } from '../patroni/situation.ts'
import { until } from './patroni-manager.ts'
import type { Context, ManagedServer } from './patroni-manager.ts'

const rebuildMs = 6 * 3_600_000

/** @returns what was done, for a person. @throws PgherdError with the replicas that did not come back, once the others have */
export async function resumeAndRebuild(context: Context, managed: ManagedServer): Promise<readonly string[]> {
  const { wasPaused, replicas, scope } = managed
  if (wasPaused)
    return [`${scope} was paused before and still is: rebuild ${replicas.join(', ')} once it is resumed`]
  await managed.resume()
  const lines = [`${scope} is managed by Patroni again`]
  const failed: string[] = []
  for (const name of replicas) {
    try {
      lines.push(await rebuild(context, managed, name))
    } catch (error) {
      context.signal.throwIfAborted()
      failed.push(`${name} was not rebuilt: ${messageOf(error)}`)
    }
  }
  if (failed.length > 0) throw new PgherdError('COMMAND_FAILED', [...lines, ...failed].join('; '))
  return lines
}

/** @returns half a sentence: that it was resumed, and who leads where it is another member */
export async function resumeAndTell({ patroni, own, resume }: ManagedServer): Promise<string> {
  await resume()
  const leader = leaderOf(clusterDocument.parse(await patroni.get('/cluster')).members)
  return leader === undefined || leader.name === own
    ? 'Patroni was resumed'
    : `Patroni was resumed, and ${leader.name} leads`
}

/**
 * Goes on where a restore was left whose server is known to be good: resumes Patroni and, with `rebuilds`, rebuilds the replicas that do
 * not follow. One that cannot be rebuilt is told and does not hold up the others.
 * @returns half sentences for the operator
 */
export async function resumeAndMend(
  context: Context,
  managed: ManagedServer,
  rebuilds: boolean,
): Promise<readonly string[]> {
  const { patroni, wasPaused, replicas, own } = managed
  const byHand = (names: readonly string[]): string =>
    `${names.join(', ')} may still have the data from before: agentctl run patroni-reinitialize for each`
  if (wasPaused) return [`Patroni was paused before and still is; ${byHand(replicas)} once it is resumed`]
  await managed.resume()
  const { members } = clusterDocument.parse(await patroni.get('/cluster'))
  const leader = leaderOf(members)
  if (leader?.name !== own) {
    return [
      `Patroni was resumed, and ${leader?.name ?? 'nobody'} leads instead of ${own}: look at the cluster`,
    ]
  }
  const strays = members.filter(({ name }) => replicas.includes(name)).filter((one) => !follows(one, leader))
  const names = strays.map(({ name }) => name)
  const lines = ['Patroni was resumed']
  if (names.length > 0 && !rebuilds) return [...lines, byHand(names)]
  for (const name of names) {
    lines.push(
      await rebuild(context, managed, name).catch(
        (error: unknown) => `${name} was not rebuilt: ${messageOf(error)}; ${byHand([name])}`,
      ),
    )
    context.signal.throwIfAborted()
  }
  return lines
}

/** @returns half a sentence. @throws PgherdError */
async function rebuild(context: Context, { patroni }: ManagedServer, name: string): Promise<string> {
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
  return `${name} was rebuilt in ${((context.clock.monotonic() - startMs) / 1000).toFixed(1)} s`
}
