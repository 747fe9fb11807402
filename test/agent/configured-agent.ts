import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { agentProgram } from '../../agent/config.ts'
import type { AgentConfig } from '../../agent/config.ts'
import { loadConfig } from '../../common/config/load-config.ts'

/**
 * The configuration of pg-test-1's agent, with its spool in a directory that is gone after the test.
 * @param url of the server that it measures
 * @param options settings beside those
 * @param directory that of another agent, in place of one of its own
 */
export async function configuredAgent(
  url: string,
  options: Readonly<Record<string, string>> = {},
  directory?: string,
): Promise<{ readonly config: AgentConfig; readonly directory: string }> {
  const own = directory ?? (await mkdtemp(join(tmpdir(), 'pgherd-agent-')))
  onTestFinished(() => rm(own, { recursive: true, force: true }))
  const { config, problems } = loadConfig(agentProgram.table, {
    environment: {},
    environmentPrefix: agentProgram.environmentPrefix,
    flags: new Map(
      Object.entries({
        'identity.cluster': 'pg-test',
        'identity.seq': '1',
        'postgres.url': url,
        'spool.directory': join(own, 'spool'),
        ...options,
      }),
    ),
  })
  if (config === undefined) throw new Error(problems.join('; '))
  return { config, directory: own }
}
