import type { IndexFact } from '../../../common/insight/index-evidence.ts'
import type { IndexFinding, IndexVerdict, MemberEvidence } from '../../../common/insight/index-view.ts'
import { judgeIndex } from './judge-index.ts'
import type { Judgement } from './judge-index.ts'
import { judgeForeignKey, judgeScannedTable } from './judge-missing.ts'
import type { MissingIndex } from './judge-missing.ts'
import { evidenceOfParts } from './evidence-of-parts.ts'
import { heirsAmong } from './heirs.ts'
import type { ClusterMember, Period } from './member-evidence.ts'
import type { MemberLedger } from './member-ledger.ts'
import { quoteName } from './quote-name.ts'
import type { ToldDatabase } from './read-evidence.ts'

export interface FindingsContext {
  readonly members: readonly ClusterMember[]
  readonly ledgers: ReadonlyMap<string, MemberLedger>
  /** Texts of statements of the database that name a word. */
  readonly texts: (word: string) => readonly string[]
  readonly period: Period
}

/** Everything that is to be said of the indexes of one database. */
export function findingsOf(told: ToldDatabase, context: FindingsContext): readonly IndexFinding[] {
  const members = context.members.map((member) => withRole(member, context.ledgers.get(member.server)))
  const strangers = strangersAmong(members, context.ledgers)
  const { days } = context.period
  const looked = told.indexes.map(({ fact, wasValid }) => ({
    fact,
    wasValid,
    evidence: members.map((member) =>
      evidenceOfParts(member, context.ledgers.get(member.server), {
        oids: fact.parts.length === 0 ? [fact.oid] : fact.parts,
        system: told.system,
        period: context.period,
      }),
    ),
  }))
  const heirs = heirsAmong(looked)
  const ofIndexes = looked.flatMap(({ fact, wasValid, evidence }) => {
    const ageMs = ageOf(fact, told, context)
    const heirOf = [fact.oid, ...fact.parts].map((oid) => heirs.get(oid)).find((one) => one !== undefined)
    return judgeIndex(fact, { members: evidence, days, ageMs, strangers, heirOf, wasValid }).map(
      (judgement) => ofIndex(told, { fact, judgement, evidence }),
    )
  })
  const missing = [
    ...told.foreignKeys.map(judgeForeignKey),
    ...told.tables.map((table) => judgeScannedTable(table, context.texts(table.table))),
  ]
  return [...ofIndexes, ...missing.map((one) => ofMissing(told, one))]
}

/** A member's own word is newer than what the collector makes of its health. */
function withRole(member: ClusterMember, ledger: MemberLedger | undefined): ClusterMember {
  if (ledger === undefined) return member
  return { server: member.server, role: ledger.about.inRecovery ? 'standby' : 'primary' }
}

/**
 * Standbys that follow a member and are none of the fleet's: they may use what all others do not.
 * @returns one sentence, or undefined where everybody is known
 */
function strangersAmong(
  members: readonly ClusterMember[],
  ledgers: ReadonlyMap<string, MemberLedger>,
): string | undefined {
  const followers = members.flatMap(({ server }) => ledgers.get(server)?.about.followers ?? [])
  const known = members.filter(({ role }) => role !== 'primary').length
  if (followers.length <= known) return undefined
  return `standbys follow its members that nobody looks at (${followers.length} follow, ${known} are known): ${followers.join(', ')}`
}

/** Since when the primary knows it, where it looked before that already: then it was made at that time. */
function ageOf(
  fact: IndexFact,
  told: ToldDatabase,
  { ledgers, period }: FindingsContext,
): number | undefined {
  const ledger = ledgers.get(told.server)
  const row = ledger?.row(fact.parts[0] ?? fact.oid)
  if (ledger === undefined || row === undefined || row.usedS !== 0) return undefined
  const firstMs = row.firstS * 1000
  return firstMs > ledger.about.beganMs + 1_000 ? period.nowMs - firstMs : undefined
}

function ofIndex(
  told: ToldDatabase,
  {
    fact,
    judgement,
    evidence,
  }: { fact: IndexFact; judgement: Judgement; evidence: readonly MemberEvidence[] },
): IndexFinding {
  return {
    ...placeOf(told),
    ...{ schema: fact.schema, table: fact.table, index: fact.index, oid: fact.oid },
    ...{ finding: judgement.finding, verdict: judgement.verdict, reasons: [...judgement.reasons] },
    ...{ definition: fact.definition, sizeBytes: fact.sizeBytes, savesBytes: judgement.savesBytes },
    ...{ writesPerDay: fact.writesPerDay, coveredBy: fact.coveredBy?.index ?? null, members: [...evidence] },
    next: fact.parts.length > 0 ? null : nextFor(told, fact, judgement.verdict),
  }
}

function ofMissing(told: ToldDatabase, one: MissingIndex): IndexFinding {
  return {
    ...placeOf(told),
    ...one,
    ...{ reasons: [...one.reasons], oid: null, finding: 'missing', savesBytes: 0, coveredBy: null },
    ...{ members: [], next: null },
  }
}

function placeOf({ cluster, server, database, databaseOid, atMs }: ToldDatabase) {
  return { cluster, server, database, databaseOid, atMs }
}

/** What agentctl can do about it. */
function nextFor(
  { cluster, database }: ToldDatabase,
  { schema, index, isUnique }: IndexFact,
  verdict: IndexVerdict,
): string | null {
  const name = shellWord(`${quoteName(schema)}.${quoteName(index)}`)
  const where = `${shellWord(cluster)} ${name} --database ${shellWord(database)}`
  // Another one keeps out equal rows as well, which the action does not know.
  const unique = isUnique ? ' --allow-unique' : ''
  if (verdict === 'droppable') return `agentctl index drop ${where}${unique}`
  if (verdict === 'reindex') return `agentctl index reindex ${where}`
  return null
}

function shellWord(text: string): string {
  return /^[\w.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
