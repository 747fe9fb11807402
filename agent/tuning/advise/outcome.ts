import { chooseConnections } from '../recommend/connections.ts'
import { constants } from '../recommend/constants.ts'
import type { KnownSetting } from '../recommend/known-server.ts'
import type { Load, Sizes } from '../recommend/load.ts'
import { unitBytes } from '../recommend/setting-bytes.ts'
import type { Situation } from '../recommend/situation.ts'
import { settingValue } from '../../postgres/setting-value.ts'
import type { Advised } from './advised.ts'

/** A server as it would be with what is advised, and with what stays. */
export interface Outcome {
  readonly load: Load
  readonly sizes: Sizes
}

/** @param decoders - processes that decode WAL, at most at once */
export function outcomeOf(situation: Situation, advised: readonly Advised[], decoders: number): Outcome {
  const { machine, profile, server } = situation
  const wanted = new Map(
    advised
      .filter(({ scope }) => scope === undefined)
      .map(({ parameter, proposed }) => [parameter, proposed]),
  )
  const raw = (name: string): number | undefined => {
    const setting = server.settings.get(name)
    return setting === undefined ? undefined : Number(valueOf(setting, wanted.get(name)))
  }
  const bytes = (name: string): number => {
    const value = raw(name) ?? 0
    return value < 0 ? value : value * (unitBytes(server.settings.get(name)?.unit ?? null) ?? 1)
  }
  const sharedBuffers = bytes('shared_buffers')
  const maintenance = bytes('maintenance_work_mem')
  const autovacuum = bytes('autovacuum_work_mem')
  const walBuffers = bytes('wal_buffers')
  const connections = raw('max_connections') ?? 0
  return {
    load: {
      memoryBytes: machine.memoryBytes,
      profile,
      connections,
      active: chooseConnections({ ...situation, connections }).active,
      parallelWorkers: raw('max_parallel_workers') ?? 0,
      vacuumWorkers: raw('autovacuum_max_workers') ?? 0,
      locksPerTransaction: raw('max_locks_per_transaction') ?? constants.locks,
      preparedTransactions: raw('max_prepared_transactions') ?? 0,
      walBufferBytes:
        walBuffers >= 0 ? walBuffers : Math.min(constants.walBuffersAutomaticBytes, sharedBuffers / 32),
      hashMemMultiplier: raw('hash_mem_multiplier') ?? 1,
      decodingBytes: decoders * bytes('logical_decoding_work_mem'),
    },
    sizes: {
      sharedBuffers,
      workMem: bytes('work_mem'),
      maintenance,
      autovacuum: autovacuum < 0 ? maintenance : autovacuum,
    },
  }
}

const valueOf = (setting: KnownSetting, wanted: string | undefined): string =>
  wanted === undefined ? setting.value : settingValue(wanted, setting)
