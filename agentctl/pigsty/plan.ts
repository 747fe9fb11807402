import type { KnownPassword } from '../../common/known-passwords/known-passwords.ts'
import { agentFile } from './agent-file.ts'
import { backupFile } from './backup-file.ts'
import type { Inventory } from './inventory.ts'
import { judgeClusters } from './judge-clusters.ts'
import { judgeSecrets } from './judge-secrets.ts'
import { readMember } from './member.ts'
import type { PigstyMember } from './member.ts'
import type { Question } from './question.ts'

/** What is made of one host. */
export interface PlannedHost {
  readonly member: PigstyMember
  /** Why nothing is done, in words; undefined where something is. */
  readonly skipped: string | undefined
  /** Whether its agent is a member of the fleet already. */
  readonly isEnrolled: boolean
  /** Files by their names. */
  readonly files: ReadonlyMap<string, string>
}

export interface Plan {
  readonly hosts: readonly PlannedHost[]
  readonly questions: readonly Question[]
  /** Without the values: only names and places. */
  readonly notUnderstood: readonly string[]
}

/**
 * What an inventory means for the fleet. Of hosts that would have one name none is enrolled.
 * @param enrolled the nodes that are members already; undefined where that is not known
 */
export function planFleet(
  inventory: Inventory,
  about: {
    readonly file: string
    readonly collector: string
    readonly enrolled: ReadonlySet<string> | undefined
    readonly known: readonly KnownPassword[]
  },
): Plan {
  const { file, collector, enrolled } = about
  const notes: { readonly what: string; readonly host: string }[] = []
  const read = inventory.hosts.map((host) => ({
    host,
    member: readMember(host, (variable, why) => notes.push({ what: `${variable}: ${why}`, host: host.name })),
  }))
  const members = read.flatMap(({ member }) => (member === undefined ? [] : [member]))
  const names = Map.groupBy(members, ({ node }) => node)
  const hosts = read.flatMap(({ host, member }): readonly PlannedHost[] => {
    if (member === undefined) return []
    const isEnrolled = enrolled?.has(member.node) ?? false
    const isTwin = (names.get(member.node)?.length ?? 0) > 1
    const skipped = isTwin ? 'another host has the same name' : isEnrolled ? 'enrolled already' : undefined
    if (skipped !== undefined) return [{ member, skipped, isEnrolled, files: new Map() }]
    const backup = backupFile(member, host, file)
    const files = new Map([
      ['agent.yaml', agentFile(member, { collector, inventory: file })],
      ...(backup === undefined ? [] : [['backup.yaml', backup] as const]),
    ])
    return [{ member, skipped, isEnrolled, files }]
  })
  const nobody = read.flatMap(({ host, member }) => (member === undefined ? [host.name] : []))
  return {
    hosts,
    questions: [...judgeClusters(inventory, members), ...judgeSecrets(inventory, about.known)],
    notUnderstood: [
      ...inventory.notUnderstood,
      ...[...Map.groupBy(notes, ({ what }) => what)].map(
        ([what, ones]) => `${what} (${shortList([...new Set(ones.map(({ host }) => host))])})`,
      ),
      ...(nobody.length === 0
        ? []
        : [
            `no cluster and number (pg_cluster and pg_seq, etcd_seq, minio_seq, infra_seq): ${shortList(nobody)}`,
          ]),
    ],
  }
}

function shortList(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}
