import { createHash } from 'node:crypto'
import { PgherdError } from '../../../common/errors.ts'
import type { IndexFacts } from './find-index.ts'

/** What speaks against it, a sentence each; none where nothing does. */
export type Problems = readonly string[]

/** What holds for everything that changes an index. */
function problemsOfAny(index: IndexFacts, inRecovery: boolean): Problems {
  return [
    ...(inRecovery
      ? ['this is a standby: an index is changed on the primary, and its standbys take that over']
      : []),
    ...(index.isSystem ? [`${index.sql} is an index of the system`] : []),
    ...(index.kind === 'I' ? [`${index.sql} is the index of a partitioned table`] : []),
    ...(index.builtBy === null ? [] : [`process ${index.builtBy} builds an index of ${index.table} now`]),
    ...(index.isOwner || index.isSuperuser ? [] : [`the role ${index.role} does not own ${index.table}`]),
  ]
}

/** What an index does beside finding rows. */
function problemsOfUse(index: IndexFacts): Problems {
  return [
    ...(index.isAttached
      ? [`${index.sql} belongs to the index of a partitioned table, without which it cannot go`]
      : []),
    ...index.constraints.map((one) => `it belongs to ${one}`),
    ...(index.isExclusion && index.constraints.length === 0 ? ['it enforces an exclusion'] : []),
    ...(index.isReplicaIdentity ? [`it is the replica identity of ${index.table}`] : []),
    ...(index.extension === null ? [] : [`it, or its table, belongs to the extension ${index.extension}`]),
  ]
}

/** Why an index is not to be dropped. */
export function problemsOfDrop(
  index: IndexFacts,
  inRecovery: boolean,
  allowed: { readonly foreignKeys: boolean; readonly unique: boolean },
): Problems {
  return [
    ...problemsOfAny(index, inRecovery),
    ...problemsOfUse(index),
    ...(allowed.foreignKeys
      ? []
      : index.foreignKeys.map(
          (one) =>
            `it is the only one that leads with columns of the foreign key ${one}, where deletes and updates would read all of ${index.table} (allow_fk=true all the same)`,
        )),
    ...(index.isUnique && index.constraints.length === 0 && !allowed.unique
      ? ['it is unique: without it nothing keeps out duplicates (allow_unique=true all the same)']
      : []),
  ]
}

/** Why the planner is not to be kept from an index by its row in pg_index. */
export function problemsOfTrial(index: IndexFacts, inRecovery: boolean): Problems {
  return [
    ...problemsOfAny(index, inRecovery),
    ...problemsOfUse(index),
    ...(index.isSuperuser ? [] : ['it takes a superuser: pg_index is written by hand']),
    ...(index.isUnique
      ? [
          'it is unique: INSERT ... ON CONFLICT would fail without it, and new foreign keys could not refer to it',
        ]
      : []),
    ...index.foreignKeys.map(
      (one) => `it serves the foreign key ${one}: deletes and updates there would read all of ${index.table}`,
    ),
    ...(index.isClustered ? [`${index.table} is clustered by it`] : []),
    ...(index.tableKind === 'r' ? [] : [`${index.table} is no plain table`]),
    ...(index.isValid && index.isReady && index.isLive
      ? []
      : ['it is not valid: it was disabled by somebody, or its building or dropping was not finished']),
    ...(index.checksXmin ? ['it was built not long ago, and older transactions may not use it yet'] : []),
  ]
}

/** Why an index is not to be built anew. */
export function problemsOfReindex(index: IndexFacts, inRecovery: boolean): Problems {
  return [
    ...problemsOfAny(index, inRecovery),
    ...(index.isExclusion ? ['REINDEX CONCURRENTLY does not do an index of an exclusion constraint'] : []),
    ...(index.isLive ? [] : ['it is being dropped']),
  ]
}

/** @param what - of the action, such as `index-drop` @throws PgherdError REFUSED with all of them */
export function refuseFor(what: string, sql: string, problems: Problems): void {
  if (problems.length === 0) return
  throw new PgherdError('REFUSED', `${what} of ${sql} is refused: ${problems.join('; ')}`)
}

/** SHA-256 of a definition without its spacing, in hexadecimal. */
export function definitionHash(definition: string): string {
  return createHash('sha256').update(flat(definition)).digest('hex')
}

/**
 * Whether an index is the one that somebody has seen.
 * @param named - its definition, or `sha256:` with the beginning of `definitionHash`
 */
export function definitionProblem(index: IndexFacts, named: string | undefined): Problems {
  if (named === undefined) return []
  const isSame = named.startsWith('sha256:')
    ? definitionHash(index.definition).startsWith(named.slice('sha256:'.length).toLowerCase())
    : isSameDefinition(named, index.definition)
  return isSame ? [] : [`it is another one than the command names: ${index.definition}`]
}

/** Whether two definitions differ in their spacing alone. */
export function isSameDefinition(one: string, other: string): boolean {
  return flat(one) === flat(other)
}

const flat = (definition: string): string => definition.replaceAll(/\s+/g, ' ').replace(/;\s*$/, '').trim()
