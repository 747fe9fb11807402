import type { Proposal } from '../proposal.ts'

/** What is to be written into pgbouncer.ini, and how it takes effect. */
export function poolerLines(proposals: readonly Proposal[]): readonly string[] {
  const own = proposals.filter(({ target }) => target === undefined)
  const others = proposals.filter(({ target }) => target !== undefined)
  const restart = proposals.filter(({ needs }) => needs === 'restart').map(({ parameter }) => parameter)
  if (proposals.length === 0) return []
  return [
    '# pgbouncer.ini; then RELOAD on its console',
    ...(own.length === 0 ? [] : ['[pgbouncer]']),
    ...own.map(({ parameter, proposed }) => `${parameter} = ${proposed}`),
    ...(others.length === 0 ? [] : ['# [databases]']),
    ...others.map(({ target, parameter, proposed }) => `# ${target ?? ''}: ... ${parameter}=${proposed}`),
    ...(restart.length === 0 ? [] : [`# these wait for a restart of pgBouncer: ${restart.join(', ')}`]),
  ]
}
