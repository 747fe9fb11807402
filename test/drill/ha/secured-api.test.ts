import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import { credentials } from '../../../testbed/ha/credentials.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { operationsOf } from './operations-of.ts'
import { demandOfClients, secureRestApi, secureUrl, tlsFilesOf } from './secure-rest-api.ts'
import { startSteeredCluster } from './steered-cluster.ts'
import type { SteeredCluster } from './steered-cluster.ts'

/** Patroni's REST API with https, passwords and certificates: what agents are told of it, and what they do with it. */

const scope = 'ha-secure'

/** The third has everything in the agent's own configuration, the others in Patroni's. */
function neighboursOf(member: Member) {
  const { caFile, clientCertFile, clientKeyFile, passwordFile } = tlsFilesOf(member)
  const patroni =
    member.name === 'm3'
      ? {
          url: `${secureUrl(member)}/metrics`,
          ca_file: caFile,
          cert_file: clientCertFile,
          key_file: clientKeyFile,
          username: credentials.patroni.user,
          password_file: passwordFile,
        }
      : { config_file: member.patroniFile }
  return [{ kind: 'patroni', ...patroni }, { kind: 'etcd' }]
}

let steered: SteeredCluster
beforeAll(async () => {
  steered = await startSteeredCluster({
    ...{ scope, route: 'postgres', neighboursOf, prepare: secureRestApi },
  })
}, 300_000)
afterAll(async () => {
  await steered[Symbol.asyncDispose]()
})

const isKnown = ({ status, members }: ClusterView): boolean =>
  status === 'healthy' &&
  members.length === 3 &&
  members.every(
    ({ health: { patroni } }) =>
      patroni?.isReachable === true && patroni.apiUrl?.startsWith('https:') === true,
  )
const leaderOf = ({ members, primary }: ClusterView) =>
  members.find(({ server }) => server === primary)?.health.patroni?.member

/** Switches over through agentctl, and back to healthy. */
async function switchOver(): Promise<void> {
  const before = await steered.untilViewed('all three Patronis by https', isKnown)
  const switched = await steered.agentctl('ha', 'switchover', scope, '--yes')
  expect(switched.stderr + switched.stdout).toMatch(/Successfully switched over to "m\d"; nobody led for/)
  expect(switched.status).toBe(0)
  const after = await steered.untilViewed(
    'another leader',
    (view) => isKnown(view) && leaderOf(view) !== leaderOf(before),
  )
  expect(after.primary).not.toBe(before.primary)
}

test('with https and a password agents know every Patroni, measure it and switch over', async () => {
  await switchOver()
  await waitFor(
    'the metrics of three Patronis',
    async () => {
      const { stdout } = await steered.agentctl('-o', 'json', 'query', 'count(patroni_postgres_running == 1)')
      return stdout.includes('"3"')
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  )
})

test('when certificates of clients are demanded, agents show theirs, and switch over', async () => {
  await demandOfClients(steered.cluster, 'required')
  await switchOver()
  const paused = await steered.agentctl('ha', 'pause', scope, '--yes')
  expect(paused.stdout).toContain('m1 is paused')
  expect(paused.status).toBe(0)
  expect((await steered.agentctl('ha', 'resume', scope, '--yes')).status).toBe(0)
})

test('who lacks the authority, the certificate or the password is told what is missing', async () => {
  const [member] = steered.cluster.members
  const { caFile, clientCertFile: certFile, clientKeyFile: keyFile } = tlsFilesOf(member!)
  const url = secureUrl(member!)
  await expect(operationsOf(member!, { url }).run('patroni-pause')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/) as string,
  })
  await expect(operationsOf(member!, { url, tls: { caFile } }).run('patroni-pause')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('CERTIFICATE_REQUIRED') as string,
  })
  await expect(
    operationsOf(member!, { url, tls: { caFile, certFile, keyFile } }).run('patroni-pause'),
  ).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('asks for a user and password') as string,
  })
})
