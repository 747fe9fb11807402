import { join } from 'node:path'

/** A package: `pgherd-agent`, or `pgherd-collector` with agentctl. */
export type PackageName = 'agent' | 'collector'

/** One program of a package: a file of plain JavaScript in the package's folder, and the command that starts it. */
interface Program {
  readonly entry: string
  readonly file: string
  /** Of which `#!` line the command has its flags and variables; undefined for a thread, which no command starts. */
  readonly command?: { readonly name: string; readonly like: string; readonly section: 1 | 8 }
  readonly mangle: boolean
}

/** Files that programs read beside themselves: where they are in the repository, and in the package's folder. */
interface Data {
  readonly from: string
  readonly to: string
  readonly omit?: RegExp
}

interface Contents {
  readonly summary: string
  readonly description: readonly string[]
  readonly suggests: readonly string[]
  readonly programs: readonly Program[]
  readonly data: readonly Data[]
  readonly units: readonly string[]
}

/** What is in each package beside its runtime. */
export const contents: Readonly<Record<PackageName, Contents>> = {
  agent: {
    summary: 'watches, tunes and backs up the PostgreSQL servers of this host',
    description: [
      'pgherd looks after a herd of PostgreSQL servers. The agent is on every',
      'database host: it measures PostgreSQL, pgBouncer, the machine and its',
      'neighbours, answers health checks of load balancers, proposes and applies',
      'settings, and runs backups by pgBackRest. It pushes what it measures to the',
      'collector, which may be on this host or on another.',
    ],
    suggests: ['pgherd-collector', 'pgbackrest', 'postgresql'],
    programs: [
      { entry: 'agent/health-http/answer-thread.ts', file: 'answer-thread.mjs', mangle: true },
      {
        entry: 'agent/main.ts',
        file: 'start.mjs',
        command: { name: 'pgherd-agent', like: 'agent/start.mjs', section: 8 },
        mangle: true,
      },
    ],
    data: [
      { from: 'package.json', to: 'package.json' },
      { from: 'agent/probes/catalogue', to: 'probes' },
      { from: 'common/known-passwords/known-passwords.yaml', to: 'known-passwords.yaml' },
    ],
    units: ['pgherd-agent.service', 'pgherd-agent@.service'],
  },
  collector: {
    summary: 'stores and shows what pgherd agents measure, with agentctl',
    description: [
      'pgherd looks after a herd of PostgreSQL servers. The collector takes what the',
      'agents measure, stores it, answers PromQL, evaluates alert rules, shows',
      'dashboards and carries signed commands back to the agents. agentctl, the',
      "operator's command, comes with it.",
    ],
    suggests: ['pgherd-agent', 'grafana', 'prometheus-alertmanager'],
    programs: [
      {
        entry: 'collector/main.ts',
        file: 'start.mjs',
        command: { name: 'pgherd-collector', like: 'collector/start.mjs', section: 8 },
        mangle: false,
      },
      {
        entry: 'agentctl/main.ts',
        file: 'agentctl.mjs',
        command: { name: 'agentctl', like: 'agentctl/main.ts', section: 1 },
        mangle: true,
      },
    ],
    data: [
      { from: 'package.json', to: 'package.json' },
      { from: 'common/known-passwords/known-passwords.yaml', to: 'known-passwords.yaml' },
      { from: 'collector/web/dist', to: 'web' },
      { from: 'dashboards/json', to: 'dashboards' },
      { from: 'rules', to: 'rules', omit: /\.test\.yaml$/ },
    ],
    units: ['pgherd-collector.service'],
  },
}

/**
 * Where a file of the repository that a program reads beside itself is in the package's folder.
 * @param path from the top of the repository
 * @throws Error for a file that the package does not have
 */
export function installedPlace(name: PackageName, path: string): string {
  for (const { entry, file } of contents[name].programs) if (entry === path) return file
  for (const { from, to } of contents[name].data) {
    if (path === from) return to
    if (path.startsWith(`${from}/`)) return join(to, path.slice(from.length + 1))
  }
  throw new Error(`setup/packages/contents.ts: the package ${name} has no ${path}, which its program reads`)
}
