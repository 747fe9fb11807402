import type { KnownServer } from '../recommend/known-server.ts'
import type { Advised, Sifted } from './advised.ts'
import { memorySettings } from './constants.ts'
import { directionOf } from './direction.ts'

/** While memory is short: leaves out whatever would take more of it. */
export function freezeMemory(
  advised: readonly Advised[],
  { settings }: Pick<KnownServer, 'settings'>,
): Sifted {
  const frozen: string[] = []
  const left = advised.filter((one) => {
    if (!takesMore(one, settings)) return true
    frozen.push(one.parameter)
    return false
  })
  const names = [...new Set(frozen)]
  return {
    advised: left,
    notes:
      names.length === 0
        ? []
        : [`memory is short, so nothing that takes more of it is proposed: ${names.join(', ')}`],
  }
}

function takesMore(
  { parameter, proposed, takesMemory }: Advised,
  settings: KnownServer['settings'],
): boolean {
  if (takesMemory === true) return true
  const setting = settings.get(parameter)
  return setting !== undefined && memorySettings.has(parameter) && directionOf(setting, proposed) === 'up'
}
