import type { DdlChange } from '../../../common/insight/ddl-view.ts'
import { namesObject } from '../../../common/insight/names-object.ts'
import type { SchemaAct } from '../../../common/insight/schema-changes.ts'

export type MergedAct = Pick<
  DdlChange,
  'actor' | 'application' | 'client' | 'pid' | 'statement' | 'xid' | 'lock' | 'lockMs' | 'waiters'
> & { readonly seenBy: DdlChange['seenBy'] }

/** What several have seen of one act, the surest first: each fact from the first that knows it. */
export function mergeActs(acts: readonly SchemaAct[]): MergedAct {
  const [first] = acts
  // Two that contradict each other are two acts, and the second one is not this one.
  const same = acts.filter(({ pid, actor }) => pid === first?.pid && actor === first.actor)
  const pick = <Name extends keyof SchemaAct>(name: Name): SchemaAct[Name] | null =>
    same.find((act) => act[name] !== null)?.[name] ?? null
  return {
    actor: pick('actor'),
    application: pick('application'),
    client: pick('client'),
    pid: pick('pid'),
    statement: pick('statement'),
    xid: pick('xid'),
    lock: pick('lock'),
    lockMs: pick('lockMs'),
    waiters: pick('waiters'),
    seenBy: [...new Set(same.map(({ source }) => source))],
  }
}

/** The last one whose statement has the name in it, and what others have seen of that session's before it. */
export function namingActs(name: string, acts: readonly SchemaAct[]): readonly SchemaAct[] {
  const isNamedIn = namesObject(name)
  const named = acts.filter(({ statement }) => isNamedIn(statement ?? '')).toReversed()
  const [last] = named
  return named.filter(({ pid, actor }) => pid === last?.pid && actor === last.actor)
}
