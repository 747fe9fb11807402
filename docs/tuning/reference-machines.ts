import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { diskClasses } from '../../agent/tuning/recommend/machine.ts'
import type { Machine, Profile } from '../../agent/tuning/recommend/machine.ts'
import { plannedServer } from '../../agent/tuning/recommend/planned-server.ts'
import type { Situation } from '../../agent/tuning/recommend/situation.ts'

export const tools = ['pgtune', 'timescaledb-tune', 'pigsty'] as const
export type Tool = (typeof tools)[number]

export interface ReferenceMachine {
  readonly name: string
  readonly machine: Machine
  /** What PGTune calls it: web, oltp, dw, desktop or mixed. */
  readonly type: string
  readonly profile: Profile
  readonly connections: number | null
  readonly databaseBytes: number
  readonly major: number
  /** What each of the other tools sets. */
  readonly others: Readonly<Record<Tool, ReadonlyMap<string, string>>>
}

/** PGTune's types by ours, which has no web: that is oltp with a smaller WAL. */
const profileOf = new Map<string, Profile>([
  ['web', 'oltp'],
  ['oltp', 'oltp'],
  ['dw', 'olap'],
  ['desktop', 'tiny'],
  ['mixed', 'mixed'],
])
/** PGTune asks how the data compares to the memory; a figure is needed for each answer. */
const dataOfMemory = new Map([
  ['less_ram', 0.5],
  ['mid_ram', 2],
  ['greater_ram', 10],
])

/** The machines of other-tools.tsv. */
export function readReferenceMachines(): readonly ReferenceMachine[] {
  const file = fileURLToPath(new URL('other-tools.tsv', import.meta.url))
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
  const factsOf = (fact: string): readonly string[] =>
    rows.find(([of, name]) => of === 'machine' && name === fact)!.slice(2)
  const facts = (fact: string, index: number): string => factsOf(fact)[index]!
  return factsOf('name').map((name, index) => {
    const memoryBytes = Number(facts('mem_mb', index)) * 1024 ** 2
    const wanted = facts('max_connections_wanted', index)
    const type = facts('type', index)
    const settingsOf = (tool: Tool): ReadonlyMap<string, string> =>
      new Map(
        rows
          .filter(([of, , ...values]) => of === tool && values[index] !== '-')
          .map(([, parameter, ...values]) => [parameter!, values[index]!]),
      )
    return {
      name,
      machine: {
        memoryBytes,
        processors: Number(facts('cpu', index)),
        diskClass: diskClasses.find((one) => one === facts('disk', index))!,
        dataDiskBytes: Number(facts('disk_gb', index)) * 1024 ** 3,
        walDiskBytes: null,
        fileSystem: null,
        freeHugePageBytes: null,
      },
      type,
      profile: profileOf.get(type)!,
      connections: wanted === '-' ? null : Number(wanted),
      databaseBytes: memoryBytes * dataOfMemory.get(facts('db_size_class', index))!,
      major: Number(facts('pg', index)),
      others: {
        pgtune: settingsOf('pgtune'),
        'timescaledb-tune': settingsOf('timescaledb-tune'),
        pigsty: settingsOf('pigsty'),
      },
    }
  })
}

/** What a recommendation for it is made from, for its own major version or another one. */
export function situationOf(
  { machine, profile, connections, databaseBytes, major: own }: ReferenceMachine,
  { major = own, hasLz4 = false }: { readonly major?: number; readonly hasLz4?: boolean } = {},
): Situation {
  return { machine, profile, connections, server: plannedServer(major, { databaseBytes, hasLz4 }) }
}
