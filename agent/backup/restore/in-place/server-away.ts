import { PgherdError } from '../../../../common/errors.ts'
import { BackupFailure } from '../../backup-failure.ts'

/** `the database system is starting up`, or shutting down. */
const cannotConnectNow = '57P03'

/** What a person needs to exchange the two directories in place of this program. */
export interface ByHand {
  readonly cluster: string
  readonly node: string
  readonly data: string
  readonly hasPatroni: boolean
  /** Whether the data directory is still there. */
  readonly hasDirectory: boolean
}

/**
 * Why a restore in place is refused of a server that does not answer, which is when it is needed most: with the way to do it by hand.
 * @returns the error itself where the server answers and refuses, as with a wrong password
 */
export function serverAway(error: unknown, byHand: ByHand): unknown {
  if (!(error instanceof PgherdError)) return error
  const state = error.details['sqlstate']
  const isAway = error.code === 'POSTGRES_UNAVAILABLE' && (state === undefined || state === cannotConnectNow)
  if (!isAway && error.code !== 'TIMED_OUT') return error
  return new BackupFailure(
    'server-unreachable',
    `${error.message}; a restore in place asks the server that it replaces, so while it is down do it by hand: ${stepsByHand(byHand).join('; ')}`,
    { cause: error },
  )
}

/** The steps that `restore --in-place` takes, for a person on the host. */
export function stepsByHand({ cluster, node, data, hasPatroni, hasDirectory }: ByHand): readonly string[] {
  const fresh = `${data}.restored`
  const kept = `${data}.before`
  const pause = hasPatroni ? [`agentctl ha pause ${cluster}, so that Patroni starts nothing meanwhile`] : []
  const restore = (into: string): string =>
    `agentctl backup restore ${cluster} --into ${into} --node ${node}, with the same target, which proves the point`
  const start = hasPatroni
    ? `agentctl ha restart ${cluster} and this member, agentctl ha resume ${cluster}, and agentctl ha reinit of each replica`
    : 'start it as it is started always; standbys are copied anew'
  const exchange = [
    restore(fresh),
    ...pause,
    `stop the server where it still runs: pg_ctl stop -D ${data} -m fast`,
    `as its owner: cp -p ${data}/*.conf ${fresh}/, which has it archive again`,
    `mv ${data} ${kept}`,
    `mv ${fresh} ${data}`,
    start,
  ]
  const anew = [
    ...pause,
    `${restore(data)}, since ${data} is not there any more`,
    `remove the line archive_mode from ${data}/postgresql.auto.conf, which has it archive again`,
    start,
  ]
  const steps = hasDirectory ? exchange : anew
  return steps.map((step, i) => `(${i + 1}) ${step}`)
}
