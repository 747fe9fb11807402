import type { ToldObject } from '../../../common/insight/schema-changes.ts'

/** An object of a schema as the collector keeps it. */
export type StoredObject = Pick<
  ToldObject,
  'class' | 'oid' | 'kind' | 'name' | 'parentOid' | 'parent' | 'facts'
>

const onTables = new Set(['constraint', 'trigger', 'policy', 'rule'])

/** `public.orders`, `orders_pkey on public.orders`, `postgres`. */
export function labelOf(object: Pick<StoredObject, 'class' | 'name' | 'parent'>): string {
  const { class: name, name: own, parent } = object
  if (parent === null) return own
  return onTables.has(name) ? `${own} on ${parent}` : `${parent}.${own}`
}

/** Those that tell their table as parent. */
export const classesOnTables: readonly string[] = [...onTables]
