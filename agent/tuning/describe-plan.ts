import { hideSecrets } from '../../common/hide-secrets.ts'
import type { PlannedSetting, SettingsPlan } from './plan-settings.ts'

/** A plan in lines for a person; what speaks against it begins with `REFUSED`. */
export function describePlan(
  { settings, by, refusals, notes }: SettingsPlan,
  keeper: string,
): readonly string[] {
  const changes = settings.filter(({ state }) => state === 'change')
  const staged = settings.filter(({ state }) => state === 'staged')
  const how =
    by === 'keeper'
      ? `in the configuration of ${keeper}, for every member`
      : 'by ALTER SYSTEM on this server alone'
  return [
    ...changes.map((one) => `sets ${tellChange(one)}`),
    ...(changes.length === 0
      ? []
      : [`sets them ${how}; a reload follows, and the server is never restarted`]),
    ...staged.map(({ name, wanted }) => `${name} is set to ${tell(wanted)} already and waits for a restart`),
    ...(changes.length + staged.length === 0 ? ['the settings of the server are as they are to be'] : []),
    ...notes,
    ...refusals.map((why) => `REFUSED: ${why}`),
  ]
}

/** Such as `archive_command to X (was Y in FILE:LINE)`. */
export function tellChange({ name, wanted, was, where, needsRestart, isForeign }: PlannedSetting): string {
  const from =
    was === null || was === ''
      ? 'was not set'
      : `was ${hideSecrets(was)}${where === '' ? '' : ` in ${where}`}`
  const restart = needsRestart ? ', from a restart on' : ''
  return `${name} to ${tell(wanted)} (${from})${restart}${isForeign ? '; what archives now ends' : ''}`
}

const tell = (value: string): string => (value === '' ? 'empty' : hideSecrets(value))
