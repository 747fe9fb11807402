import type { DdlChangeKind } from '../../../common/insight/ddl-view.ts'
import { labelOf } from './stored-object.ts'
import type { StoredObject } from './stored-object.ts'

export interface ObjectDifference {
  readonly change: DdlChangeKind
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  readonly formerly: string | null
}

/** Of the files that hold it: new ones say that its rows were written anew. */
const storage = 'storage'

/** How an object differs from what was kept of it; undefined where it does not. What its schema is called by now is no change of it. */
export function compareObjects(before: StoredObject, after: StoredObject): ObjectDifference | undefined {
  const facts = differingFacts(before.facts, after.facts)
  const isRenamed = before.name !== after.name
  const isMoved = before.parentOid !== after.parentOid
  const names = Object.keys({ ...facts.before, ...facts.after })
  const formerly = isRenamed || isMoved ? labelOf(before) : null
  if (isRenamed) return { change: 'renamed', ...facts, formerly }
  if (isMoved) return { change: 'moved', ...facts, formerly }
  if (names.length === 0) return undefined
  const isRewritten = names.every((name) => name === storage)
  return { change: isRewritten ? 'rewritten' : 'altered', ...facts, formerly }
}

/** Only what differs. */
export function differingFacts(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Pick<ObjectDifference, 'before' | 'after'> {
  const only = (from: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(from).filter(([name, text]) => other[name] !== text))
  return { before: only(before, after), after: only(after, before) }
}
