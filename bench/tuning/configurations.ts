import { plannedServer } from '../../agent/tuning/recommend/planned-server.ts'
import { recommend } from '../../agent/tuning/recommend/recommend.ts'
import type { Machine, Profile } from '../../agent/tuning/recommend/machine.ts'

/** Settings by name, as they are written into a configuration file. */
export type Configuration = Readonly<Record<string, string>>

const mebibyte = 1024 ** 2
const megabytes = (bytes: number): string => `${Math.floor(bytes / mebibyte)}MB`

/** What `pgherd-agent tune --offline` gives for the machine. */
export function ofPgherd(
  machine: Machine,
  profile: Profile,
  major: number,
  databaseBytes: number | null,
): Configuration {
  const server = plannedServer(major, { databaseBytes, hasLz4: true })
  const { proposals } = recommend({ machine, profile, connections: null, server })
  return Object.fromEntries(proposals.map(({ parameter, proposed }) => [parameter, proposed]))
}

/**
 * What PGTune gives for the machine: its formulas for PostgreSQL 15 on Linux with an SSD, up to three processors, and data smaller than
 * memory. Source: le0pard/pgtune 7caef27, its selectors.
 */
export function ofPgtune(machine: Machine, profile: 'oltp' | 'olap'): Configuration {
  const { memoryBytes, processors } = machine
  if (processors > 3) throw new Error('the formulas for four and more processors are not written down here')
  const isWarehouse = profile === 'olap'
  const connections = isWarehouse ? 40 : 300
  const sharedBuffers = memoryBytes / 4
  const maintenance = Math.min(memoryBytes / (isWarehouse ? 8 : 16), 8 * 1024 * mebibyte)
  // max_worker_processes stays at its default of 8 with so few processors.
  const workMem = (((memoryBytes - sharedBuffers) / ((connections + 8) * 3)) * 1.3) / (isWarehouse ? 2 : 1)
  return {
    max_connections: String(connections),
    shared_buffers: megabytes(sharedBuffers),
    effective_cache_size: megabytes((memoryBytes * 3) / 4),
    maintenance_work_mem: megabytes(maintenance),
    work_mem: `${Math.max(4096, Math.floor(workMem / 1024))}kB`,
    ...(maintenance >= 2048 * mebibyte ? { autovacuum_work_mem: '2GB' } : {}),
    huge_pages: sharedBuffers >= 2048 * mebibyte ? 'try' : 'off',
    min_wal_size: isWarehouse ? '4GB' : '2GB',
    max_wal_size: isWarehouse ? '16GB' : '8GB',
    checkpoint_completion_target: '0.9',
    wal_buffers: '16MB',
    wal_compression: 'lz4',
    default_statistics_target: isWarehouse ? '500' : '100',
    random_page_cost: '1.1',
    effective_io_concurrency: '200',
    ...(isWarehouse ? {} : { jit: 'off' }),
  }
}
