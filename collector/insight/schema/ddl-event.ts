import type { z } from 'zod'
import type { blockedBy } from '../../../common/insight/schema-changes.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import type { NewChange } from './change-store.ts'

interface Where {
  readonly cluster: string
  readonly server: string
  readonly database: string
}

/** Named in the text of one event; the others are counted. */
const mostNamed = 3
const mostFacts = 3

/** One event for all changes of one look; undefined where nothing but files has changed. */
export function changesEvent(
  { cluster, server, database }: Where,
  changes: readonly NewChange[],
): NewEvent | undefined {
  const told = changes.filter(({ change }) => change !== 'rewritten')
  if (told.length === 0) return undefined
  const named = told.slice(0, mostNamed).map(describe).join(', ')
  const more = told.length > mostNamed ? ` and ${told.length - mostNamed} more` : ''
  const actors = [...new Set(told.flatMap(({ actor }) => actor ?? []))]
  const by = actors.length === 0 ? '' : `, by ${actors.slice(0, 2).join(' and ')}`
  const where = database === '' ? 'server-wide' : `schema of ${database}`
  return { type: 'ddl', node: server, cluster, command: null, text: `${where}: ${named}${more}${by}` }
}

/** Whoever holds up others with a change of a schema. */
export function blockedEvent(
  { cluster, server, database }: Where,
  { act, isWaiting, tree }: z.infer<typeof blockedBy>,
): NewEvent {
  const who = `${act.actor ?? 'somebody'}${act.pid === null ? '' : ` (process ${act.pid})`}`
  const how = isWaiting ? 'waits for a lock, and others wait behind it' : 'has a lock that others wait for'
  const text = `schema of ${database}: a change by ${who} ${how}: ${tree.map((line) => line.trim()).join(' < ')}`
  return { type: 'ddl', node: server, cluster, command: null, text }
}

function describe({ change, kind, object, formerly, before, after }: NewChange): string {
  const facts = Object.keys({ ...before, ...after })
  const shown = facts.slice(0, mostFacts).join(', ')
  const which = change === 'altered' ? ` (${shown}${facts.length > mostFacts ? ', ...' : ''})` : ''
  const was = formerly === null ? '' : ` (was ${formerly})`
  return `${kind} ${object} ${change}${was}${which}`
}
