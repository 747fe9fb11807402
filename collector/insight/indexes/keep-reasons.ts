import type { IndexFact } from '../../../common/insight/index-evidence.ts'

/** What an index does beside speeding up queries; whatever stands here, it is never proposed for dropping. */
export function keepReasons(fact: IndexFact): readonly string[] {
  return [
    ...(fact.constraint === null ? [] : [`constraint ${fact.constraint} stands on it`]),
    ...(fact.isReplicaIdentity ? ['it is the replica identity of its table'] : []),
    ...(fact.extension === null ? [] : [`it belongs to extension ${fact.extension}`]),
    ...(fact.partOf === null
      ? []
      : [`it is a part of the partitioned index ${fact.partOf}, and is kept or dropped with that`]),
    ...(fact.isClustered ? ['CLUSTER orders the table by it'] : []),
    ...(fact.isBeingBuilt ? ['it is being built'] : []),
  ]
}

/** What it does that another index with the same columns does as well. */
export function serviceReasons(fact: IndexFact): readonly string[] {
  return [
    ...(fact.isUnique && fact.constraint === null
      ? ['it is unique: it keeps equal rows out without a scan']
      : []),
    ...fact.foreignKeys.map(
      (key) =>
        `foreign key ${key} has no other index: each delete in the referenced table would read this one from end to end`,
    ),
    ...(fact.hasExpressions
      ? ['the statistics of its expressions help plans, whether it is scanned or not']
      : []),
  ]
}
