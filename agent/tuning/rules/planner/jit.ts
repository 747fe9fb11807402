import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** Statements are compiled for longer than it saves. */
export const jit: Rule = {
  id: 'P2',
  what: 'time that goes into compiling statements',
  advise({ evidence, situation }) {
    const compiled = evidence.increase('statements.jit_time') ?? 0
    const ran = evidence.increase('statements.exec_time') ?? 0
    const share = ran > 0 ? compiled / ran : 0
    const isOn = situation.server.settings.get('jit')?.value === 'on'
    if (!isOn || share <= constants.jitShare || !isWarm(evidence)) return nothing
    if ((evidence.increase('statements.calls') ?? 0) < constants.statements) return nothing
    const why = {
      reason: `${printShare(share)} of the time of statements went into compiling them, ${Math.round(compiled / 1000)} of ${Math.round(ran / 1000)} seconds`,
      evidence:
        'pg_stat_statements.jit_generation_time + jit_inlining_time + jit_optimization_time + jit_emission_time, total_exec_time',
      confidence: 'high',
    } as const
    const { profile } = situation
    const cost = settingOf(situation, 'jit_above_cost') ?? -1
    if ((profile === 'mixed' || profile === 'olap') && cost > 0) {
      return {
        drafts: [
          {
            ...why,
            parameter: 'jit_above_cost',
            proposed: String(cost * constants.jitAboveCostFactor),
            risk: 'statements of a middling size are no longer compiled',
            effect: 'only long statements are compiled',
          },
        ],
        notes: [],
      }
    }
    return {
      drafts: [
        {
          ...why,
          parameter: 'jit',
          proposed: 'off',
          risk: 'a few long statements take longer',
          effect: 'no statement stalls for its compilation',
        },
      ],
      notes: [],
    }
  },
}
