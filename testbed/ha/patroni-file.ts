import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { writeOwned } from '../postgres-settings.ts'
import { waitFor } from '../wait.ts'
import { fault } from '../fault.ts'
import type { Fault } from '../fault.ts'
import type { HaCluster } from './cluster.ts'
import type { Member } from './member.ts'
import { readCluster } from './patroni-api.ts'

export type PatroniConfig = Record<string, unknown>

/** Rewrites a member's file; Patroni does not read it until it is told. */
export function changePatroniFile(
  member: Pick<Member, 'patroniFile'>,
  change: (config: PatroniConfig) => PatroniConfig,
): void {
  const config = parse(readFileSync(member.patroniFile, 'utf8')) as PatroniConfig
  writeOwned(member.patroniFile, stringify(change(config)))
}

/** Gives a member tags by its file, until all know; healing it takes them away again. */
export async function tagMember(
  cluster: HaCluster,
  member: Member,
  tags: Readonly<Record<string, unknown>>,
): Promise<Fault> {
  const set = async (wanted: Readonly<Record<string, unknown>>): Promise<void> => {
    changePatroniFile(member, (config) => ({ ...config, tags: wanted }))
    member.patroni.signal('SIGHUP')
    const expected = JSON.stringify(wanted)
    await waitFor(
      `the tags of ${member.name} to be known`,
      async () => {
        const views = await Promise.all(cluster.members.map(({ patroniUrl }) => readCluster(patroniUrl)))
        return views.every((view) => {
          const own = view?.find(({ name }) => name === member.name)
          return own !== undefined && JSON.stringify(own.tags ?? {}) === expected
        })
      },
      { timeoutMs: 30_000, intervalMs: 100, explain: () => member.patroni.logTail() },
    )
  }
  await set(tags)
  return fault(() => set({}))
}
