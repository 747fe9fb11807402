import type { RunningProcess } from '../../../../agent/setup/find/running-process.ts'

/** A process as /proc tells of it, where the program itself is not to be had. */
export function processNamed(
  name: string,
  argv: readonly string[],
  {
    environment = new Map(),
    ...more
  }: Partial<Pick<RunningProcess, 'pid' | 'parent' | 'isContained'>> & {
    readonly environment?: ReadonlyMap<string, string>
  } = {},
): RunningProcess {
  return {
    ...{ pid: 100, parent: 1, name, argv, uid: 0, gid: 0, cwd: '/', isContained: false },
    environment: () => environment,
    ...more,
  }
}
