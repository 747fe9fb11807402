import type { Needs, Proposal } from '../../../common/tuning/proposal.ts'
import { isSameSetting, settingValue } from '../../postgres/setting-value.ts'
import type { Draft } from './draft.ts'
import type { KnownServer, KnownSetting } from './known-server.ts'
import { printValue } from './print-value.ts'

/** What the memory budget counts on: with a server that nobody has asked it is said even where a new cluster has the same. */
const counted = new Set([
  'max_connections',
  'hash_mem_multiplier',
  'max_locks_per_transaction',
  'max_parallel_workers',
  'autovacuum_max_workers',
  'shared_buffers',
  'work_mem',
  'maintenance_work_mem',
  'autovacuum_work_mem',
])

/** Sizes this near to what is set are not worth a change. */
const tolerance = 0.05

/**
 * Which of the values the server does not have yet. What it does not know, or would refuse, is left out.
 * @param drafts - `rule`: what made it, where that is not the baseline
 */
export function compareWithServer(
  { settings, isRunning }: Pick<KnownServer, 'settings' | 'isRunning'>,
  drafts: readonly (Draft & { readonly rule?: string })[],
): { readonly proposals: readonly Proposal[]; readonly unchanged: readonly Proposal[] } {
  const proposals: Proposal[] = []
  const unchanged: Proposal[] = []
  for (const draft of drafts) {
    const setting = settings.get(draft.parameter)
    if (setting === undefined || !takes(setting, draft.proposed)) continue
    const isSame = isRunning
      ? isSameSetting(draft.proposed, setting.value, setting) ||
        isNear(draft.proposed, setting) ||
        isAutomatic(draft.proposed, setting)
      : isSameSetting(draft.proposed, setting.value, setting) && !counted.has(draft.parameter)
    const proposal = {
      ...draft,
      current: isRunning ? printValue(setting) : null,
      needs: isSame ? 'nothing' : needsOf(setting),
      rule: draft.rule ?? `baseline.${draft.parameter}`,
    } as const
    ;(isSame ? unchanged : proposals).push(proposal)
  }
  return { proposals, unchanged }
}

function needsOf({ context }: KnownSetting): Needs {
  return context === 'postmaster' ? 'restart' : 'reload'
}

/** Whether the server would accept a value: it is one of its enum, and within its bounds. */
export function takes(setting: KnownSetting, proposed: string): boolean {
  const { min, max, enumValues, vartype } = setting
  const value = settingValue(proposed, setting)
  if (vartype === 'enum') return enumValues === null || enumValues.includes(value)
  if (vartype !== 'integer' && vartype !== 'real') return true
  const number = Number(value)
  return !(number < Number(min ?? -Infinity) || number > Number(max ?? Infinity)) && !Number.isNaN(number)
}

/** Whether the server chooses the value itself and is meant to go on: it then shows what it has chosen, and not -1. */
function isAutomatic(proposed: string, setting: KnownSetting): boolean {
  return proposed === '-1' && setting.isSet === false
}

function isNear(proposed: string, setting: KnownSetting): boolean {
  const [wanted, now] = [Number(settingValue(proposed, setting)), Number(setting.value)]
  const isSize = /B$/.test(setting.unit ?? '')
  // Where one is 0 or -1 it means something else than its size.
  return isSize && wanted > 0 && now > 0 && Math.abs(wanted - now) <= tolerance * now
}
