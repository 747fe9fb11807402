import { join } from 'node:path'
import { bundleIsFresh } from '../agent/bundle.mjs'
import { run } from './command.mjs'
import { withProgress } from './progress.mjs'
import { refuse, repository } from './repository.mjs'

/** Builds the agent's bundle when it was never built or its sources have changed since. */
export async function buildAgent() {
  if (bundleIsFresh()) return
  const { ok, output } = await withProgress('building the agent', () =>
    run(join(repository, 'node_modules/.bin/node'), [join(repository, 'setup/agent-bundle.mjs')]),
  )
  if (!ok) refuse(`the agent cannot be built:\n${output}`)
}
