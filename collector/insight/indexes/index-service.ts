import type { Clock } from '../../../common/clock.ts'
import { mostIndexFacts } from '../../../common/insight/index-evidence.ts'
import { indexVerdicts } from '../../../common/insight/index-view.ts'
import type { IndexFinding, IndexQuery } from '../../../common/insight/index-view.ts'
import type { IndexesService } from '../../../common/insight/indexes-service.ts'
import { findingsOf } from './findings-of.ts'
import type { ClusterMember } from './member-evidence.ts'
import { quoteName } from './quote-name.ts'
import type { KeptEvidence, ToldDatabase } from './read-evidence.ts'

export interface IndexServiceOptions {
  readonly evidence: KeptEvidence
  /** Servers that the fleet knows as members of a cluster. */
  readonly members: (cluster: string) => readonly ClusterMember[]
  /** Whether a node is still one of the fleet's. */
  readonly isKnownNode: (node: string) => boolean
  /** Normalised texts of statements that name a word, of one database. */
  readonly texts: (cluster: string, database: string, word: string) => readonly string[]
  /** insight.index_days. */
  readonly days: number
  readonly clock: Clock
}

const maxFindings = 2_000

export function createIndexService(options: IndexServiceOptions): IndexesService {
  const { evidence, isKnownNode, texts, clock } = options

  /** Those that the fleet knows, and those that have told themselves and were not taken out of it. */
  const membersOf = (cluster: string): readonly ClusterMember[] => {
    const known = options.members(cluster)
    const names = new Set(known.map(({ server }) => server))
    const told = evidence
      .members(cluster)
      .filter(({ server, node }) => !names.has(server) && isKnownNode(node))
      .map(({ server }): ClusterMember => ({ server, role: 'unknown' }))
    return [...known, ...told].toSorted((a, b) => a.server.localeCompare(b.server, 'en', { numeric: true }))
  }

  return {
    list(query) {
      const days = query.days ?? options.days
      const period = { days, nowMs: clock.now() }
      const databases = evidence.databases(query)
      const clusters = Map.groupBy(databases, ({ cluster }) => cluster)
      const findings = [...clusters]
        .flatMap(([cluster, told]) => {
          const members = membersOf(cluster)
          return told.flatMap((one) =>
            findingsOf(one, {
              members,
              ledgers: evidence.ledgers(cluster, one.databaseOid),
              texts: (word) => texts(cluster, one.database, word),
              period,
            }),
          )
        })
        .filter((one) => matches(one, query))
        .toSorted(byWorth)
      return {
        days,
        findings: findings.slice(0, maxFindings),
        notes: [...notesOf(query, findings.length), ...databases.flatMap(noteOfCut)],
      }
    },
  }

  function notesOf(query: IndexQuery, found: number): string[] {
    const clusters = evidence.clusters()
    if (query.cluster !== undefined && !clusters.includes(query.cluster)) {
      return [`no agent has told of indexes of a cluster that is called "${query.cluster}" yet`]
    }
    if (clusters.length === 0) return ['no agent has told of indexes yet']
    return found > maxFindings
      ? [
          `${found - maxFindings} more are not shown, those worth least: narrow it by a cluster, --database, --finding or --days`,
        ]
      : []
  }
}

/** The agent tells no more of one database, so that no question to the collector brings the others. */
function noteOfCut({ cluster, database, indexes }: ToldDatabase): readonly string[] {
  if (indexes.length < mostIndexFacts) return []
  return [
    `of ${database} of ${cluster} the ${mostIndexFacts} indexes are known that matter most (those that nothing speaks for first, the largest before the others); smaller ones come into the list as these are dealt with`,
  ]
}

function matches(one: IndexFinding, { finding, name }: IndexQuery): boolean {
  if (finding !== undefined && one.finding !== finding) return false
  if (name === undefined) return true
  const { schema, index } = one
  const [quotedSchema, quoted] = [quoteName(schema), quoteName(index)]
  return [index, `${schema}.${index}`, quoted, `${quotedSchema}.${quoted}`].includes(name)
}

function byWorth(a: IndexFinding, b: IndexFinding): number {
  return (
    indexVerdicts.indexOf(a.verdict) - indexVerdicts.indexOf(b.verdict) ||
    b.savesBytes - a.savesBytes ||
    b.sizeBytes - a.sizeBytes ||
    a.cluster.localeCompare(b.cluster) ||
    a.index.localeCompare(b.index)
  )
}
