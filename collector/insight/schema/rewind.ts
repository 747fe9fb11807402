import type { DdlChange, DdlDifference, DdlObject } from '../../../common/insight/ddl-view.ts'
import { differingFacts } from './compare-objects.ts'

/** Objects at an instant, by class and oid. */
export type Objects = ReadonlyMap<string, DdlObject>

const keyOf = (name: string, oid: number): string => `${name} ${oid}`

export const objectsByKey = (objects: readonly DdlObject[]): Objects =>
  new Map(objects.map((object) => [keyOf(object.class, object.oid), object]))

/**
 * Objects as they were before these changes.
 * @param changes the newest first, and none left out between them and `objects`
 */
export function rewind(objects: Objects, changes: readonly DdlChange[]): Objects {
  const was = new Map(objects)
  for (const change of changes) {
    const { class: name, oid, kind, database, formerly, formerOid, before, after } = change
    const key = keyOf(name, oid)
    if (change.change === 'commanded') continue
    if (change.change === 'created') {
      was.delete(key)
      continue
    }
    if (change.change === 'dropped') {
      was.set(key, { database, class: name, oid, kind, object: change.object, facts: before })
      continue
    }
    const now = was.get(key)
    if (now === undefined) continue
    const kept = Object.entries(now.facts).filter(([fact]) => after[fact] === undefined)
    const facts = { ...Object.fromEntries(kept), ...before }
    was.delete(key)
    const formerKey = formerOid ?? oid
    was.set(keyOf(name, formerKey), { ...now, oid: formerKey, object: formerly ?? now.object, facts })
  }
  return was
}

/** How two instants differ, by the names of what does. */
export function differencesBetween(earlier: Objects, later: Objects): readonly DdlDifference[] {
  const differences: DdlDifference[] = []
  const left = new Map([...earlier].filter(([key]) => !later.has(key)))
  const unpaired = [...later].filter(([key]) => !earlier.has(key))
  const formers = new Map([...left].map(([key, object]) => [`${object.class} ${object.object}`, key]))
  const pair = (before: DdlObject, after: DdlObject): void => {
    const facts = differingFacts(before.facts, after.facts)
    const isSame = Object.keys({ ...facts.before, ...facts.after }).length === 0
    if (isSame && before.object === after.object && before.oid === after.oid) return
    const formerly = before.object === after.object ? null : before.object
    differences.push({ database: after.database, kind: after.kind, object: after.object, formerly, ...facts })
  }
  for (const [key, after] of later) {
    const before = earlier.get(key)
    if (before !== undefined) pair(before, after)
  }
  for (const [, after] of unpaired) {
    // Dropped and made again under its name.
    const former = formers.get(`${after.class} ${after.object}`)
    const before = former === undefined ? undefined : left.get(former)
    if (former !== undefined && before !== undefined) {
      left.delete(former)
      pair(before, after)
      continue
    }
    const { database, kind, object, facts } = after
    differences.push({ database, kind, object, formerly: null, before: null, after: facts })
  }
  for (const { database, kind, object, facts } of left.values()) {
    differences.push({ database, kind, object, formerly: null, before: facts, after: null })
  }
  return differences.sort((a, b) => a.kind.localeCompare(b.kind) || a.object.localeCompare(b.object))
}
