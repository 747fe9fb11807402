import type { Proposal } from '../../../common/tuning/proposal.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'

type Why = Pick<Proposal, 'reason' | 'risk' | 'effect' | 'evidence' | 'confidence'>

/** SHOW CONFIG, by which it is known what this version of pgBouncer has and what it takes to change it. */
export interface PoolerConfig {
  /** Undefined where this version has no such setting, or it is no number. */
  number(key: string): number | undefined
  /** Undefined where this version has no such setting, or has that value. */
  propose(key: string, value: number, why: Why): Proposal | undefined
}

export function poolerConfig(rows: readonly ConsoleRow[]): PoolerConfig {
  const byKey = new Map(rows.map((row) => [row.get('key') ?? '', row]))
  return {
    number(key) {
      const value = byKey.get(key)?.get('value')
      return value === undefined || !/^-?[\d.]+$/.test(value) ? undefined : Number(value)
    },
    propose(key, value, why) {
      const row = byKey.get(key)
      const current = row?.get('value')
      if (row === undefined || current === undefined || Number(current) === value) return undefined
      return {
        ...why,
        parameter: key,
        current,
        proposed: String(value),
        needs: row.get('changeable') === 'no' ? 'restart' : 'reload',
        rule: `pooler.${key}`,
      }
    },
  }
}
