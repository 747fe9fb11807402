import { settingValue } from '../../postgres/setting-value.ts'
import { constants } from '../recommend/constants.ts'
import type { KnownServer } from '../recommend/known-server.ts'
import { printValue } from '../recommend/print-value.ts'
import type { Advised } from './advised.ts'

/** A setting that may not be more than a part of another one, or does nothing then. */
interface Bound {
  readonly name: string
  readonly of: string
  readonly part: number
  readonly why: string
}

const bounds: readonly Bound[] = [
  {
    name: 'min_wal_size',
    of: 'max_wal_size',
    part: 0.5,
    why: 'half of max_wal_size is the most that is useful',
  },
  {
    name: 'max_parallel_workers',
    of: 'max_worker_processes',
    part: 1,
    why: 'more than max_worker_processes never run',
  },
  {
    name: 'max_parallel_workers_per_gather',
    of: 'max_parallel_workers',
    part: 1,
    why: 'more than max_parallel_workers never run',
  },
  {
    name: 'autovacuum_max_workers',
    of: 'autovacuum_worker_slots',
    part: 1,
    why: 'more than autovacuum_worker_slots never run',
  },
]

/** Has values that depend on each other agree, whoever made each of them. Only what is advised is changed. */
export function agree(
  advised: readonly Advised[],
  { settings }: Pick<KnownServer, 'settings'>,
): readonly Advised[] {
  let all = advised
  for (const { name, of, part, why } of bounds) {
    const value = (wanted: string): number | undefined => {
      const setting = settings.get(wanted)
      const one = all.find(({ parameter, scope }) => parameter === wanted && scope === undefined)
      if (setting === undefined) return undefined
      return Number(one === undefined ? setting.value : settingValue(one.proposed, setting))
    }
    const [low, high] = [value(name), value(of)]
    if (low === undefined || high === undefined || low <= high * part) continue
    const proposed = printValue({
      value: String(Math.floor(high * part)),
      unit: settings.get(name)?.unit ?? null,
    })
    all = all.map((one) =>
      one.parameter === name && one.scope === undefined
        ? { ...one, proposed, reason: `${one.reason}; ${why}` }
        : one,
    )
  }
  return withoutSmallerThanAutomatic(all, settings)
}

/** PostgreSQL chooses wal_buffers by shared_buffers: where those grow, a value that somebody else has chosen may be the smaller one. */
function withoutSmallerThanAutomatic(
  advised: readonly Advised[],
  settings: KnownServer['settings'],
): readonly Advised[] {
  const [wal, shared] = [settings.get('wal_buffers'), settings.get('shared_buffers')]
  if (wal === undefined || shared === undefined || wal.isSet !== false) return advised
  const wanted = advised.find(({ parameter }) => parameter === 'shared_buffers')?.proposed
  const blocks = Number(wanted === undefined ? shared.value : settingValue(wanted, shared))
  const automatic = Math.min(blocks / 32, constants.walBuffersAutomaticBytes / 8192)
  return advised.map((one) => {
    const value = Number(settingValue(one.proposed, wal))
    if (one.parameter !== 'wal_buffers' || value <= 0 || value > automatic) return one
    const chosen = printValue({ value: String(Math.floor(automatic)), unit: wal.unit })
    return {
      ...one,
      proposed: '-1',
      reason: `with the shared_buffers of this advice PostgreSQL itself takes ${chosen}`,
    }
  })
}
