import { settingBytes } from '../../recommend/setting-bytes.ts'
import type { Situation } from '../../recommend/situation.ts'
import { constants } from './constants.ts'

interface VacuumMemory {
  readonly parameter: 'autovacuum_work_mem'
  /** Bytes; -1 of the setting is what maintenance_work_mem has. */
  readonly now: number
  /** Twice that, as far as VACUUM of this version can use it. */
  readonly next: number
}

/** What each process of autovacuum may use for what it has found dead. */
export function vacuumMemory(situation: Pick<Situation, 'server'>): VacuumMemory | undefined {
  const own = settingBytes(situation, 'autovacuum_work_mem')
  const now = own !== undefined && own > 0 ? own : settingBytes(situation, 'maintenance_work_mem')
  if (now === undefined) return undefined
  const most = situation.server.major >= 17 ? constants.memoryMostBytesSince17 : constants.memoryMostBytes
  return { parameter: 'autovacuum_work_mem', now, next: Math.max(now, Math.min(2 * now, most)) }
}
