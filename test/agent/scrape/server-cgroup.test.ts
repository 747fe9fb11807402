import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCommand } from '../../../testbed/run-command.ts'
import { findProgram } from '../../../testbed/find-program.ts'

const module = fileURLToPath(new URL('../../../agent/scrape/server-cgroup.ts', import.meta.url))
const obstacle =
  process.getuid?.() !== 0
    ? 'only root can mount /proc'
    : ['unshare', 'setpriv'].find((name) => findProgram(name) === undefined)

test.skipIf(obstacle !== undefined).each([1, 2])(
  'a server is not measured where /proc hides its processes (hidepid=%i), and that is all',
  async (hidepid) => {
    const look = `import { createServerCgroup } from '${module}'
      const tables = await createServerCgroup({ host: '/run/postgresql' }).measure(${process.pid})
      process.stdout.write(JSON.stringify(tables))`
    const { stdout, stderr } = await runCommand(findProgram('unshare')!, [
      ...['--mount', 'sh', '-c', `mount -t proc -o hidepid=${hidepid} proc /proc && exec "$@"`, 'sh'],
      ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
      ...[process.execPath, '--input-type=module', '--eval', look],
    ])
    expect([stdout, stderr]).toEqual(['[]', ''])
  },
)
