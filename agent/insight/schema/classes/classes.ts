import { constraints, policies, rules, triggers } from './of-relations.ts'
import {
  defaultPrivileges,
  eventTriggers,
  extensions,
  foreignServers,
  publications,
  publishedParts,
  publishedSchemas,
  schemas,
} from './of-databases.ts'
import { collations, searchConfigurations, searchDictionaries } from './of-languages.ts'
import { casts, operatorClasses, operatorFamilies, operators } from './of-operators.ts'
import { routines, statisticsObjects, types } from './of-schemas.ts'
import type { ObjectClass } from './object-class.ts'
import { relations } from './relations.ts'
import { databases, parameterPrivileges, roles, subscriptions, tablespaces } from './shared.ts'

/** Everything that is looked at, in the order in which it is told: schemas before what is in them. */
const all: readonly ObjectClass[] = [
  ...[schemas, extensions, types, relations, constraints, triggers, policies, rules, routines],
  ...[
    operators,
    operatorFamilies,
    operatorClasses,
    casts,
    collations,
    searchDictionaries,
    searchConfigurations,
  ],
  ...[
    statisticsObjects,
    publications,
    publishedParts,
    publishedSchemas,
    eventTriggers,
    defaultPrivileges,
    foreignServers,
  ],
  ...[roles, databases, tablespaces, subscriptions, parameterPrivileges],
]

/** Of one database, or (`isShared`) of a server as a whole. */
export function classesOf(versionNumber: number, isShared: boolean): readonly ObjectClass[] {
  return all.filter((one) => (one.since ?? 0) <= versionNumber && (one.isShared === true) === isShared)
}
