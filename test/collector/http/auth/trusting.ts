import { Registry } from 'prom-client'
import type { HttpDependencies } from '../../../../collector/http/dependencies.ts'
import type { TokenRole } from '../../../../common/wire/tokens.ts'
import { handClock, newRequest, startFleet } from '../../fleet/trust-lab.ts'
import { startServer } from '../test-server.ts'

/** A server with a fleet of its own behind it; nobody is anything without a token unless the test says so. */
export async function startTrustingServer(
  options: { readonly anonymousRole?: TokenRole } & Partial<HttpDependencies> = {},
) {
  const { anonymousRole, ...parts } = options
  // Real certificates are judged by the system's clock too.
  const clock = handClock(Date.now())
  const lab = await startFleet(clock)
  const { certificates, tokens } = lab.fleet
  const registry = new Registry()
  const server = await startServer({
    registry,
    clock,
    auth: {
      ...(anonymousRole === undefined ? {} : { anonymousRole }),
      checkToken: (token) => tokens.check(token),
      certificateProblem: (node, serial) => certificates.problem(node, serial),
      onRevoked(listener) {
        certificates.onRevoked(() => listener())
        tokens.onRevoked(listener)
      },
      tokens,
      enrolment: lab.enrolment,
    },
    ...parts,
  })
  const tokenOf = async (role: TokenRole): Promise<string> =>
    (await tokens.create({ name: `the-${role}`, role, lifetimeMs: 3_600_000 }, 'test')).token
  const failures = async (): Promise<Record<string, number>> => {
    const metric = await registry.getSingleMetric('pgherd_collector_http_auth_failures_total')?.get()
    return Object.fromEntries(
      (metric?.values ?? []).map(({ labels, value }) => [String(labels['reason']), value]),
    )
  }
  return { ...lab, clock, server, tokenOf, failures }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** An agent that has joined: what it opens connections with. */
export async function joinedAgent(lab: Awaited<ReturnType<typeof startTrustingServer>>, node = 'pg-main-1') {
  const { csr, key } = await newRequest()
  const { token } = await lab.enrolment.offer(node, 3_600_000, 'test')
  const { certificate } = await lab.enrolment.join(token, csr)
  return { cert: certificate, key }
}
