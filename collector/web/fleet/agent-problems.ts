import type { NodeView } from '../../../common/wire/nodes.ts'
import { formatAge } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'
import type { Level } from './level.ts'

export interface Problem {
  readonly level: Level
  readonly text: string
}

/** Three scrapes of ten seconds, and some patience. */
const silentAfterMs = 45_000
/** Clocks further apart than this make ages and lags of seconds meaningless. */
const skewWarningMs = 5_000

/** What is wrong with an agent and what it sends, whatever its server does. */
export function agentProblems(node: NodeView, nowMs: number): readonly Problem[] {
  const problems: Problem[] = []
  if (!node.connected) {
    problems.push({
      level: 'warning',
      text: `agent not connected, last seen ${formatAge(nowMs - node.lastSeenMs)}`,
    })
  }
  if (node.lastSampleMs === null) {
    problems.push({ level: 'warning', text: 'no sample in the last 5 min' })
  } else if (nowMs - node.lastSampleMs > silentAfterMs) {
    problems.push({ level: 'warning', text: `last sample ${formatAge(nowMs - node.lastSampleMs)}` })
  }
  if (Math.abs(node.clockSkewMs) >= skewWarningMs) {
    const direction = node.clockSkewMs > 0 ? 'ahead' : 'behind'
    problems.push({
      level: 'warning',
      text: `clock ${formatSeconds(Math.abs(node.clockSkewMs) / 1000)} ${direction}`,
    })
  }
  return problems
}
