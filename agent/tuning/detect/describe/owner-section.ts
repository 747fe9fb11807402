import type { ConfigurationOwner } from '../configuration-owner.ts'
import type { Told } from '../told.ts'
import { fact, section } from './section.ts'
import type { Section } from './section.ts'

export function ownerSection(owner: ConfigurationOwner, told: Told): readonly Section[] {
  return section('Who keeps its settings', [
    fact('owner', owner.name, owner.signs.join('; ')),
    fact('a change', owner.how, 'what this owner takes'),
    fact(
      'pgherd',
      owner.mayApply
        ? 'may change settings itself'
        : 'does not change settings, and gives them to be put there',
      owner.kind,
    ),
    fact(
      'on its command line',
      [...told.commandLine].sort().join(', '),
      "pg_settings.source = 'command line'",
    ),
  ])
}
