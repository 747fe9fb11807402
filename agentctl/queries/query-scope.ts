import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { sinceOption } from '../since-option.ts'

/** What the commands about statements have in common. */
export interface ScopeFlags {
  readonly cluster?: string
  readonly server?: string
  readonly datname?: string
  readonly json: boolean
}

export interface RangeFlags {
  readonly since?: number
  readonly from?: string
  readonly to?: string
}

export function addScope(command: Command): Command {
  return command
    .option('-c, --cluster <name>', 'only statements of this cluster')
    .option('-s, --server <name>', 'only what this server executed')
    .option('-d, --datname <name>', 'only statements of this database')
    .option('--json', 'the same as -o json', false)
}

export function addRange(command: Command): Command {
  return command
    .addOption(sinceOption().conflicts('from'))
    .addOption(new Option('--from <time>', 'the first moment: RFC 3339, unix seconds or now-2h'))
    .addOption(new Option('--to <time>', 'the last moment; now unless told'))
}

/** What of a range goes to the collector, which reads its times. */
export function rangeParameters(
  { since, from, to }: RangeFlags,
  nowMs: number,
): Readonly<Record<string, string | number | undefined>> {
  return { start: since === undefined ? from : (nowMs - since) / 1000, end: to }
}

export function scopeParameters({
  cluster,
  server,
  datname,
}: ScopeFlags): Readonly<Record<string, string | undefined>> {
  return { cluster, server, datname }
}

export interface GivenRange {
  readonly start: string
  readonly end: string
}

/** `FROM..TO`, each as the collector reads it. */
export function parseRange(given: string): GivenRange {
  const [, start, end] = /^(.+?)\.\.(.*)$/.exec(given) ?? []
  if (start !== undefined && end !== undefined) return { start, end: end === '' ? 'now' : end }
  throw new InvalidArgumentError(
    'allowed: FROM..TO, such as now-25h..now-24h or 2026-11-27T02:00Z..2026-11-27T03:00Z',
  )
}

/** Which names tell rows apart: a table leaves out those of which there is but one. */
export function namesToShow(
  context: CliContext,
  rows: readonly { readonly cluster: string; readonly datname: string }[],
): { readonly cluster: boolean; readonly datname: boolean } {
  const isShown = (name: 'cluster' | 'datname'): boolean =>
    context.format() !== 'table' || new Set(rows.map((row) => row[name])).size > 1
  return { cluster: isShown('cluster'), datname: isShown('datname') }
}
