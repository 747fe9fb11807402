import { hideSecrets } from '../../../common/hide-secrets.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import type { ChangeRequest } from '../../../common/tuning/change-request.ts'

/** A plan for a person, a line each; what speaks against it begins with `REFUSED`. */
export function planLines(
  { by, settings, refusals, notes }: TunePlan,
  guard: ChangeRequest['guard'],
): readonly string[] {
  const changes = settings.filter(({ state }) => state === 'change')
  return [
    ...settings.map(settingLine),
    ...(changes.length === 0
      ? ['the settings of the server are as they are to be: nothing would be done']
      : [by === 'keeper' ? keeperLine : serverLine, guardLine(guard)]),
    ...notes,
    ...refusals.map((why) => `REFUSED: ${why}`),
  ]
}

const serverLine =
  'written by ALTER SYSTEM on this server alone; a reload follows, and the server is never restarted'
const keeperLine =
  'written into the configuration of Patroni for every member; each reloads, and none is restarted'

function settingLine({ name, current, where, wanted, needs, state }: TunePlan['settings'][number]): string {
  const to = hideSecrets(wanted)
  if (state === 'as-wanted') return `${name} is ${to} already`
  if (state === 'staged') return `${name} is set to ${to} already and waits for a restart`
  const from = current === null ? 'was not set' : `was ${hideSecrets(current)}`
  const place = where === '' ? '' : ` in ${where}`
  return `${name} to ${to} (${from}${place}), ${needs === 'restart' ? 'from a restart on' : 'by a reload'}`
}

function guardLine({ windowSeconds, bound }: ChangeRequest['guard']): string {
  if (windowSeconds === 0) {
    return 'NO GUARD: nothing watches whether the server does worse, and nothing takes the change back by itself'
  }
  return `watched for ${printSeconds(windowSeconds)}, and taken back by itself where the server does worse by more than ${Math.round(bound * 100)} %`
}

/** `90` as `90 s`, `1800` as `30 min`. */
export function printSeconds(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
