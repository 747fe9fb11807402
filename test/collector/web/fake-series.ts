import type { NodeView } from '../../../common/wire/nodes.ts'

/** Invented but plausible answers to the page's expressions: enough to draw, not an evaluator of PromQL. */

interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

type Labels = Readonly<Record<string, string>>

const labelValues: Readonly<Record<string, readonly string[]>> = {
  state: ['active', 'idle', 'idle in transaction'],
  datname: ['app', 'postgres', 'reporting'],
  appname: ['pg-main-2', 'pg-main-3'],
  mountpoint: ['/', '/data'],
  device: ['sda', 'nvme0n1'],
}
const lockModes = ['AccessShareLock', 'RowExclusiveLock', 'AccessExclusiveLock']
const cpuModes = ['user', 'system', 'iowait', 'steal']

/** Middle of the values that an expression over a metric gives. */
const sizes: readonly (readonly [RegExp, number])[] = [
  [/1 - node_|1 - avg|1 - sum/, 0.4],
  [/blks_hit/, 0.985],
  [/cpu/, 0.08],
  [/io_time/, 0.3],
  [/commit/, 850],
  [/rollback/, 12],
  [/activity_max/, 22],
  [/activity_count/, 14],
  [/pg_lag/, 0.4],
  [/repl_replay_diff/, 380_000],
  [/wal_bytes/, 4_200_000],
  [/pg_size/, 42_000_000_000],
  [/checkpoint.*timed/, 2],
  [/checkpoint.*req/, 0.4],
  [/pg_lock/, 21],
  [/MemFree|MemAvailable|MemTotal/, 9_000_000_000],
  [/read_bytes|written_bytes/, 12_000_000],
  [/network/, 6_000_000],
]

/** Seconds before now at which a node's PostgreSQL went down or its agent was silent for two minutes. */
const downFor = 240
const silentFrom = 480
const silentTo = 360

function combinations(expr: string, nodes: readonly NodeView[]): readonly Labels[] {
  const names = (/\bby \(([^)]*)\)/.exec(expr)?.[1] ?? '').split(',').flatMap((name) => name.trim() || [])
  const pattern = (label: string): RegExp =>
    new RegExp(
      `^(?:${(new RegExp(`\\b${label}=~"([^"]*)"`).exec(expr)?.[1] ?? '.*').replaceAll('\\\\', '\\')})$`,
    )
  const members = nodes.filter(
    ({ cluster, node }) => pattern('cls').test(cluster) && pattern('ins').test(node),
  )
  let found: Labels[] = members.length === 0 ? [] : [{}]
  for (const name of names) {
    const values =
      name === 'ins'
        ? members.map(({ node }) => node)
        : name === 'cls'
          ? [...new Set(members.map(({ cluster }) => cluster))]
          : name === 'mode'
            ? expr.includes('cpu')
              ? cpuModes
              : lockModes
            : (labelValues[name] ?? [])
    found = found.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value })))
  }
  const isStandbyOnly = expr.includes('pg_lag')
  const isPrimaryOnly = expr.includes('pg_repl_')
  return found.filter(({ ins }) => {
    const role = nodes.find(({ node }) => node === ins)?.role
    return (!isStandbyOnly || role !== 'primary') && (!isPrimaryOnly || role !== 'standby')
  })
}

function phase(labels: Labels): number {
  let sum = 0
  for (const character of JSON.stringify(labels)) sum = (sum * 31 + character.charCodeAt(0)) % 6283
  return sum / 1000
}

function valueAt(
  expr: string,
  labels: Labels,
  nodes: readonly NodeView[],
  at: number,
  now: number,
): number | null {
  const node = nodes.find((one) => one.node === labels['ins'])
  const age = now - at
  const isMachine = expr.includes('node_')
  if (node?.node.endsWith('-3') === true && age < silentFrom && age > silentTo) return null
  const isDown = node?.up === false && age < downFor
  if (expr.includes('pg_up')) return isDown ? 0 : node?.role === 'standby' ? 2 : 1
  if (isDown && !isMachine) return null
  const size = sizes.find(([pattern]) => pattern.test(expr))?.[1] ?? 1
  const shift = phase(labels)
  const wave =
    Math.sin(at / 240 + shift) * 0.3 + Math.sin(at / 47 + 2 * shift) * 0.12 + Math.sin(at * 7.3) * 0.05
  if (size === 0.985) return 0.985 + wave * 0.02
  return size * (0.6 + (shift % 1)) * (1 + wave)
}

/** The data of a range answer. */
export function rangeOf(expr: string, nodes: readonly NodeView[], range: Range): unknown {
  const now = Date.now() / 1000
  const result = combinations(expr, nodes).map((metric) => {
    const values: [number, string][] = []
    for (let at = range.start; at <= range.end; at += range.step) {
      const value = valueAt(expr, metric, nodes, at, now)
      if (value !== null) values.push([at, String(value)])
    }
    return { metric, values }
  })
  return { resultType: 'matrix', result: result.filter(({ values }) => values.length > 0) }
}

/** The data of an instant answer. */
export function vectorOf(expr: string, nodes: readonly NodeView[], now: number): unknown {
  const result = combinations(expr, nodes).flatMap((metric) => {
    const value = valueAt(expr, metric, nodes, now, now)
    return value === null ? [] : [{ metric, value: [now, String(value)] }]
  })
  return { resultType: 'vector', result }
}
