import { readFile } from 'node:fs/promises'
import { BackupFailure } from '../../backup-failure.ts'
import type { AskServer } from '../../server/ask-server.ts'
import type { RestorePlan } from '../restore-plan.ts'
import { unitOf } from './usual-start.ts'

export interface InPlaceNames {
  readonly data: string
  readonly kept: string
  readonly fresh: string
}

/** Of the server that is to be put aside. */
export interface InPlaceFacts {
  readonly isStandby: boolean
  readonly clients: number
  readonly standbys: readonly string[]
  readonly slots: number
}

const facts = `
select pg_is_in_recovery(),
       (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()),
       (select string_agg(application_name, ',' order by application_name) from pg_stat_replication),
       (select count(*) from pg_replication_slots)`

/** @throws BackupFailure configuration on a standby; PgherdError when the server does not answer */
export async function readInPlaceFacts(ask: AskServer, signal: AbortSignal): Promise<InPlaceFacts> {
  const [row] = await ask(facts, signal)
  const [isStandby, clients, standbys, slots] = row ?? []
  if (isStandby === 't') {
    throw new BackupFailure('configuration', 'this server is a standby; a cluster is restored on its primary')
  }
  return {
    isStandby: false,
    clients: Number(clients ?? 0),
    standbys: standbys == null || standbys === '' ? [] : standbys.split(','),
    slots: Number(slots ?? 0),
  }
}

/** Of this program; null where systemd has not started it. */
export async function ownUnit(): Promise<string | null> {
  return unitOf(await readFile('/proc/self/cgroup', 'utf8').catch(() => ''))
}

/** Every step in its order, for a person. */
export function inPlaceLines(
  plan: RestorePlan,
  names: InPlaceNames,
  { clients, standbys, slots }: InPlaceFacts,
  manager: string | undefined,
  startCommand: readonly string[] | undefined,
): readonly string[] {
  const { data, kept, fresh } = names
  const [restores = '', replays = '', ...rest] = plan.lines
  const figures = rest.filter((line) => /^(Whether|Takes|How long)/.test(line))
  const startedBy =
    manager ?? (startCommand === undefined ? 'the way it was started before' : startCommand.join(' '))
  return [
    `1. ${restores}`,
    `2. ${replays} A server that nobody else can reach proves the point. Until then the server that runs is not touched, and where the point is not reached nothing else happens.`,
    ...figures,
    ...(manager === undefined
      ? []
      : [`3. Pauses ${manager}, so that no other member takes over in the meantime.`]),
    `${manager === undefined ? 3 : 4}. STOPS the server: ${clients} clients lose their connections. What was written after the point, until then, is only in the directory that is kept.`,
    `${manager === undefined ? 4 : 5}. Renames ${data} to ${kept}, and ${fresh} to ${data}; the configuration stays as it is now.`,
    `${manager === undefined ? 5 : 6}. Starts the server by ${startedBy}, and looks whether it is open for writing on its new timeline. If not, the directory of before is put back and started.`,
    ...(slots === 0 ? [] : [`The ${slots} replication slots are not restored.`]),
    ...(manager === undefined && standbys.length > 0
      ? [`The standbys ${standbys.join(', ')} do not follow any more: copy each anew afterwards.`]
      : []),
    `${kept} stays until agentctl backup confirm. To go back by hand until then: stop the server, rename the two directories, and start it.`,
  ]
}
