import { PgherdError } from '../../common/errors.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { SeriesCardinality, StoreAdministration } from '../../common/store-administration.ts'

/** @throws PgherdError NOT_SUPPORTED where the store behind the API has no such operations */
export function requireAdministration({ administration }: HttpDependencies): StoreAdministration {
  if (administration === undefined) throw unsupported('exports, deletion and snapshots')
  return administration
}

/** @throws PgherdError NOT_SUPPORTED where the store behind the API does not count its series */
export function requireCardinality({ cardinality }: HttpDependencies): SeriesCardinality {
  if (cardinality === undefined) throw unsupported('counts of series')
  return cardinality
}

function unsupported(what: string): PgherdError {
  return new PgherdError('NOT_SUPPORTED', `the store behind this collector does not support ${what}`)
}
