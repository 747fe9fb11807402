import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { parseProcessStat } from '../../../common/kernel/process-stat.ts'
import { orNothing } from '../../../common/or-nothing.ts'

/** A process of this host, as far as this user may see it. */
export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly name: string
  readonly argv: readonly string[]
  readonly uid: number
  readonly gid: number
  /** Undefined where it may not be seen. */
  readonly cwd: string | undefined
  /** Whether it is in another namespace of processes than we are: in a container. */
  readonly isContained: boolean
  /** Its environment; empty where it may not be read. */
  environment(): ReadonlyMap<string, string>
}

/** @param root where /proc lies: `/` */
export function listProcesses(root: string): readonly RunningProcess[] {
  const proc = join(root, 'proc')
  const own = orNothing(() => readlinkSync('/proc/self/ns/pid'))
  const pids = (orNothing(() => readdirSync(proc)) ?? []).filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    const at = join(proc, pid)
    const text = (file: string): string => orNothing(() => readFileSync(join(at, file), 'utf8')) ?? ''
    const seen = parseProcessStat(text('stat'))
    const owner = orNothing(() => statSync(at))
    if (seen === undefined || owner === undefined) return []
    const namespace = orNothing(() => readlinkSync(join(at, 'ns/pid')))
    return [
      {
        pid: Number(pid),
        parent: seen.parent,
        name: seen.name,
        argv: text('cmdline').split('\0').slice(0, -1),
        uid: owner.uid,
        gid: owner.gid,
        cwd: orNothing(() => readlinkSync(join(at, 'cwd'))),
        isContained: namespace !== undefined && own !== undefined && namespace !== own,
        environment: () =>
          new Map(
            text('environ')
              .split('\0')
              .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
          ),
      },
    ]
  })
}

/** A path of its command line, as it means it. */
export function pathOf(running: RunningProcess, path: string): string {
  return isAbsolute(path) ? path : resolve(running.cwd ?? '/', path)
}

/** The value of an option in a command line: `--name value`, `--name=value`. */
export function argumentOf(argv: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [i, word] of argv.entries()) {
    for (const name of names) {
      if (word === name) return argv[i + 1]
      if (word.startsWith(`${name}=`)) return word.slice(name.length + 1)
    }
  }
  return undefined
}

/** The text of a file; undefined where it is not there or may not be read. */
export function readIfAllowed(path: string): string | undefined {
  return orNothing(() => readFileSync(path, 'utf8'))
}
