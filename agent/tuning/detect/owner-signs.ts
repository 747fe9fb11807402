import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { Told } from './told.ts'

/** What tells who keeps a server's settings. */
export interface OwnerSigns {
  readonly told: Pick<
    Told,
    'roles' | 'prefixes' | 'commandLine' | 'socketDirectories' | 'allowsAlterSystem' | 'dataDirectory'
  >
  /** Of the postmaster's environment, the names alone; empty where it may not be read. */
  readonly environment: ReadonlySet<string>
  /** Files in its data directory that are there. */
  readonly files: ReadonlySet<string>
  /** The first lines of postgresql.conf that are comments; empty where it cannot be read. */
  readonly header: string
  /** By what it runs in a container; undefined where it does not. */
  readonly container: string | undefined
}

const lookedFor = ['patroni.dynamic.json', 'custom.conf', 'override.conf', 'postgresql.base.conf']

/**
 * Looks at what lies beside the server.
 * @param at - where its process and its files are; undefined for a server that is not on this host
 */
export function readOwnerSigns(
  files: KernelFiles,
  told: Told,
  at: { readonly pid: number; readonly base: string; readonly container: string | undefined } | undefined,
): OwnerSigns {
  if (at === undefined) {
    return { told, environment: new Set(), files: new Set(), header: '', container: undefined }
  }
  const { pid, base, container } = at
  const { dataDirectory, configFile } = told
  const below = (path: string): string => `${base}${path}`.replace(/^\//, '')
  const environment = (files.value(`proc/${pid}/environ`) ?? '')
    .split('\0')
    .map((pair) => pair.slice(0, pair.indexOf('=')))
  const conf = configFile === null ? '' : (files.value(below(configFile)) ?? '')
  return {
    told,
    environment: new Set(environment),
    files: new Set(
      dataDirectory === null
        ? []
        : lookedFor.filter((name) => files.value(below(`${dataDirectory}/${name}`)) !== undefined),
    ),
    header: conf
      .split('\n', 40)
      .filter((line) => line.startsWith('#'))
      .join('\n'),
    container,
  }
}
