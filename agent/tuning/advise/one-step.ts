import { constants as baseline } from '../recommend/constants.ts'
import type { KnownServer, KnownSetting } from '../recommend/known-server.ts'
import { printValue } from '../recommend/print-value.ts'
import { unitBytes } from '../recommend/setting-bytes.ts'
import type { Advised } from './advised.ts'
import { constants, longSteps, urgentRules } from './constants.ts'
import { directionOf, numberOf } from './direction.ts'

/** Bounds what rules want to one step from what is set, so that what it does can be seen before the next. */
export function oneStep(
  advised: readonly Advised[],
  { settings }: Pick<KnownServer, 'settings'>,
): readonly Advised[] {
  return advised.map((one) => {
    const setting = settings.get(one.parameter)
    if (setting === undefined || one.scope?.table !== undefined || urgentRules.has(one.rule)) return one
    const bounded = boundedBy(setting, one)
    if (bounded === undefined) return one
    const proposed = printValue({ value: String(bounded), unit: setting.unit })
    return { ...one, proposed, reason: `${one.reason}; ${one.proposed} in more than one step` }
  })
}

/** In the setting's unit; undefined where it is near enough. */
function boundedBy(setting: KnownSetting, { parameter, proposed }: Advised): number | undefined {
  const direction = directionOf(setting, proposed)
  if (direction !== 'up' && direction !== 'down') return undefined
  const step = longSteps.get(parameter) ?? constants.largestStep
  const now = Number(setting.value)
  const most = direction === 'up' ? now * step : now / step
  const wanted = numberOf(setting, proposed) ?? now
  if (direction === 'up' ? wanted <= most : wanted >= most) return undefined
  if (parameter === 'work_mem') return stepOfWorkMem(most, setting, direction)
  return setting.vartype === 'real' ? most : direction === 'up' ? Math.floor(most) : Math.ceil(most)
}

function stepOfWorkMem(most: number, setting: KnownSetting, direction: 'up' | 'down'): number {
  const unit = unitBytes(setting.unit) ?? 1024
  const steps = baseline.workMemSteps.map((bytes) => bytes / unit)
  const found =
    direction === 'up' ? steps.findLast((step) => step <= most) : steps.find((step) => step >= most)
  return found ?? most
}
