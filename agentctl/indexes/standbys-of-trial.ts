import { toPgherdError } from '../../common/errors.ts'
import { indexesAnswer } from '../../common/insight/index-view.ts'
import type { MemberEvidence } from '../../common/insight/index-view.ts'
import type { CollectorClient } from '../client.ts'
import { askForCluster } from '../steer/cluster-member.ts'
import { withQuery } from '../with-query.ts'

export interface StandbysOfTrial {
  /** As `index-trial` takes it: undefined without standbys, and where they speak against it. */
  readonly standbys: 'unused' | undefined
  /** A sentence about each that is not known to do without the index. */
  readonly warnings: readonly string[]
}

/**
 * Whether the standbys of a cluster do without an index, by what their agents have seen: a trial takes it from them as well, and watches
 * the primary alone.
 */
export async function standbysOfTrial(
  client: CollectorClient,
  {
    cluster,
    server,
    named,
    database,
  }: {
    readonly cluster: string
    /** Whose index is tried. */
    readonly server: string
    readonly named: string
    readonly database: string | undefined
  },
): Promise<StandbysOfTrial> {
  const others = (await membersOf(client, cluster)).filter((one) => one !== server)
  if (others.length === 0) return { standbys: undefined, warnings: [] }
  const path = withQuery('/api/v1/indexes', { cluster, name: named, database })
  const { findings } = (await client.call('GET', path, indexesAnswer)).data
  // Of several databases, one in which it is used is enough.
  const evidence = findings.filter(({ finding }) => finding !== 'missing').flatMap(({ members }) => members)
  const warnings = others.flatMap((one) => {
    const told = evidence.filter((member) => member.server === one)
    if (told.length > 0 && told.every(({ state }) => state === 'unused')) return []
    return [`${one} gets the trial, too, and nobody watches it there: ${whyOf(told)}`]
  })
  return { standbys: warnings.length === 0 ? 'unused' : undefined, warnings }
}

/** Also those that have not been heard of lately. */
async function membersOf(client: CollectorClient, cluster: string): Promise<readonly string[]> {
  try {
    return (await askForCluster(client, cluster)).members.map(({ server }) => server)
  } catch (error) {
    if (toPgherdError(error).code === 'NOT_FOUND') return []
    throw error
  }
}

function whyOf(told: readonly MemberEvidence[]): string {
  const [first] = told.filter(({ state }) => state !== 'unused')
  return first?.text ?? 'whether it uses the index is not known'
}
