import type { QueryFilter } from '../../../common/insight/queries-view.ts'

/** Statements without a series of their own, together. */
export const otherStatements = 'other'

const quoted = (text: string): string => JSON.stringify(text)

/** Matchers of PromQL for what is asked for, each with a comma before it. */
export function matchersOf({ cluster, server, datname }: QueryFilter): string {
  return [
    cluster === undefined ? '' : `,cls=${quoted(cluster)}`,
    server === undefined ? '' : `,ins=${quoted(server)}`,
    datname === undefined ? '' : `,datname=${quoted(datname)}`,
  ].join('')
}

/** A matcher for these statements; identifiers have nothing that a regular expression would take for its own. */
export function oneOf(queries: readonly string[]): string {
  return `,query=~${quoted([...new Set(queries)].join('|'))}`
}

/** A matcher for all but these. */
export function noneOf(queries: readonly string[]): string {
  return `,query!~${quoted([...new Set(queries)].join('|'))}`
}

/** A duration as every PromQL reads it. */
export function durationOf(ms: number): string {
  return `${Math.max(1, Math.round(ms))}ms`
}
