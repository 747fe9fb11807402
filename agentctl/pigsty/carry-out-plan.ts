import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../common/make-directory.ts'
import type { JoinTokenView } from '../../common/wire/tokens.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'
import type { Plan, PlannedHost } from './plan.ts'
import type { Outcome } from './show-plan.ts'

/** Beside the other files of a host: the line to paste, with a join token. */
const lineFile = 'enrol.sh'
const goodUntil = /^# good until (\S+)$/m
/** A token that ends sooner is no use to whoever is about to paste it. */
const leastMs = 5 * 60_000

/**
 * Writes the files of each host that is not enrolled into a folder of its name, and a join token for each. A line that was written before and is still
 * good is kept, and so is a file that somebody has changed since: the new one is put beside it with `.new`.
 * @throws PgherdError of the collector, DIRECTORY_UNUSABLE, DISK_FULL; what was written until then stays, and is found by the next call
 */
export async function carryOutPlan(
  plan: Plan,
  about: {
    readonly directory: string
    readonly nowMs: number
    readonly offer: (node: string) => Promise<JoinTokenView>
    readonly lineFor: (offer: JoinTokenView) => string
  },
): Promise<ReadonlyMap<PlannedHost, Outcome>> {
  const outcomes = new Map<PlannedHost, Outcome>()
  for (const host of plan.hosts) {
    if (host.skipped === undefined) outcomes.set(host, await prepare(host, about))
  }
  return outcomes
}

async function prepare(host: PlannedHost, about: Parameters<typeof carryOutPlan>[1]): Promise<Outcome> {
  const directory = join(about.directory, host.member.node)
  makeDirectory(directory)
  const changed: string[] = []
  for (const [name, content] of host.files) {
    const path = join(directory, name)
    const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
    if (before === content) continue
    if (before !== undefined) changed.push(name)
    await writeFileDurably(before === undefined ? path : `${path}.new`, content, 0o644)
  }
  const beside = changed.length === 0 ? '' : `; ${changed.join(' and ')} differs, see .new beside it`
  const path = join(directory, lineFile)
  const kept = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const [, until = ''] = goodUntil.exec(kept) ?? []
  if (Date.parse(until) > about.nowMs + leastMs) {
    const line = kept.trimEnd().split('\n').at(-1) ?? ''
    return { state: `enrolment offered before, until ${until}${beside}`, directory, line }
  }
  const offer = await about.offer(host.member.node)
  const line = about.lineFor(offer)
  const ends = new Date(offer.expiresMs).toISOString()
  await writeFileDurably(path, `# good until ${ends}\n${line}\n`, 0o600)
  return { state: `enrolment offered until ${ends}${beside}`, directory, line }
}
