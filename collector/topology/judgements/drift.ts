import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { livePatroni } from '../member.ts'
import type { Member } from '../member.ts'
import type { Situation } from '../situation.ts'

/** Members that should be alike and are not. */
export function judgeDrift({ fresh }: Situation): readonly Finding[] {
  return [...versionDrift(fresh), ...settingDrift(fresh)]
}

function versionDrift(fresh: readonly Member[]): readonly Finding[] {
  const servers = differing(fresh, ({ health }) => health.versionNumber?.toString())
  const patronis = differing(fresh, (member) => livePatroni(member)?.version ?? undefined)
  const parts = [
    ...(servers === undefined ? [] : [`PostgreSQL ${servers}`]),
    ...(patronis === undefined ? [] : [`Patroni ${patronis}`]),
  ]
  if (parts.length === 0) return []
  return [finding('version-drift', 'warning', fresh, `versions differ: ${parts.join('; ')}`)]
}

function settingDrift(fresh: readonly Member[]): readonly Finding[] {
  const keys = new Set(fresh.flatMap(({ health }) => Object.keys(health.settings)))
  const parts = [...keys].sort().flatMap((key) => {
    const values = differing(fresh, ({ health }) => health.settings[key])
    return values === undefined ? [] : [`${key} ${values}`]
  })
  const digests = differing(fresh, ({ health }) => health.settingsDigest?.slice(0, 8))
  if (parts.length === 0 && digests === undefined) return []
  const what =
    parts.length > 0
      ? `settings differ: ${parts.slice(0, 8).join('; ')}${parts.length > 8 ? `; and ${parts.length - 8} more` : ''}`
      : `settings differ that are not reported one by one: digests ${digests}`
  return [finding('setting-drift', 'warning', fresh, what)]
}

/** `100 on a, b and 200 on c`; undefined when all that say something say the same. */
function differing(
  members: readonly Member[],
  valueOf: (member: Member) => string | undefined,
): string | undefined {
  const groups = new Map<string, string[]>()
  for (const member of members) {
    const value = valueOf(member)
    if (value === undefined) continue
    const group = groups.get(value)
    if (group === undefined) groups.set(value, [member.server])
    else group.push(member.server)
  }
  if (groups.size < 2) return undefined
  return [...groups]
    .map(([value, servers]) => `${value === '' ? "''" : value.slice(0, 100)} on ${servers.join(', ')}`)
    .join(' and ')
}
