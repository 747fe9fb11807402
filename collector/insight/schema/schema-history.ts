import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../../common/clock.ts'
import type { DdlRange, DdlService } from '../../../common/insight/ddl-service.ts'
import type { DdlChange, DdlObject } from '../../../common/insight/ddl-view.ts'
import { escapePattern } from '../../../common/insight/names-object.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import type { InsightBook } from '../book.ts'
import { openChangeStore } from './change-store.ts'
import type { ChangeLimits } from './change-store.ts'
import { openObjectStore } from './object-store.ts'
import type { KnownPlace } from './object-store.ts'
import { differencesBetween, objectsByKey, rewind } from './rewind.ts'
import type { Objects } from './rewind.ts'
import { createSchemaBook } from './schema-book.ts'
import { labelOf } from './stored-object.ts'
import type { StoredObject } from './stored-object.ts'

/** The history of schemas, and where it comes in. */
export interface SchemaHistory extends DdlService {
  readonly book: InsightBook
}

export function openSchemaHistory(options: {
  readonly database: DatabaseSync
  readonly add: (event: NewEvent) => void
  readonly clock: Clock
  readonly limits?: Partial<ChangeLimits>
}): SchemaHistory {
  const { database, add, clock } = options
  const objects = openObjectStore(database)
  const changes = openChangeStore(database, options.limits)

  const placesOf = ({ cluster, database: name }: DdlRange): readonly KnownPlace[] =>
    objects.places(cluster).filter((place) => name === undefined || place.database === name)
  const view = (place: KnownPlace, object: StoredObject): DdlObject => {
    const { class: name, oid, kind, facts } = object
    return { database: place.database, class: name, oid, kind, object: labelOf(object), facts }
  }
  const at = (place: KnownPlace, atMs: number): Objects =>
    rewind(objectsByKey(objects.all(place).map((object) => view(place, object))), changes.since(place, atMs))
  /** Those that have changed, as they are now: what did not differs at no time. */
  const touched = (place: KnownPlace, since: readonly DdlChange[]): Objects =>
    objectsByKey(
      since.flatMap(({ class: name, oid }) => {
        const object = objects.byOid(place, name, oid)
        return object === undefined ? [] : [view(place, object)]
      }),
    )
  const knownSince = (places: readonly KnownPlace[]): number =>
    Math.max(0, ...places.map(({ sinceMs }) => sinceMs))

  return {
    book: createSchemaBook({ objects, changes, add, clock }),
    list: (query) => changes.list(query),
    one: (seq) => changes.one(seq),
    state({ atMs, object, limit, ...range }) {
      const places = placesOf(range)
      if (places.length === 0) return undefined
      const isAsked = object === undefined ? () => true : named(object)
      const found = places.flatMap((place) => [...at(place, atMs).values()].filter(isAsked))
      return {
        knownSinceMs: knownSince(places),
        objects: found.slice(0, limit),
        isCut: found.length > limit,
      }
    },
    diff({ fromMs, toMs, ...range }) {
      const places = placesOf(range)
      if (places.length === 0) return undefined
      const differences = places.flatMap((place) => {
        const all = changes.since(place, fromMs)
        const later = rewind(
          touched(place, all),
          all.filter(({ atMs }) => atMs > toMs),
        )
        const earlier = rewind(
          later,
          all.filter(({ atMs }) => atMs <= toMs),
        )
        return differencesBetween(earlier, later)
      })
      return { knownSinceMs: knownSince(places), differences }
    },
  }
}

function named(pattern: string): (object: DdlObject) => boolean {
  const text = pattern.split('*').map(escapePattern).join('.*')
  const whole = new RegExp(`^(?:.*\\.)?${text}$|^${text} on |(?: on )(?:.*\\.)?${text}$`)
  return ({ object }) => whole.test(object)
}
