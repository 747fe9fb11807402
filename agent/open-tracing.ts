import type { Clock } from '../common/clock.ts'
import { noTracer } from '../common/tracer.ts'
import type { Tracer } from '../common/tracer.ts'
import type { AgentConfig } from './config.ts'

/** Traces to the receiver of the configuration; without one nothing that they need is loaded. */
export async function openTracing(
  config: AgentConfig,
  clock: Clock,
): Promise<AsyncDisposable & { readonly tracer: Tracer }> {
  const endpoint = config['tracing.endpoint']
  if (endpoint === undefined) {
    return { tracer: noTracer, [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  const { createTracing } = await import('../common/tracing.ts')
  const instance = `${config['identity.cluster']}-${config['identity.seq']}`
  return createTracing({ endpoint, service: 'pgherd-agent', instance, clock })
}
