import { join } from 'node:path'
import { findProgram } from '../../testbed/find-program.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { freePort } from '../../testbed/ports.ts'
import { startChild } from '../../testbed/process.ts'

export const nodeExporter = findProgram('prometheus-node-exporter', 'node_exporter')

export interface NodeExporter extends AsyncDisposable {
  /** Series by name and labels in the order of their names, as the text format writes them. */
  scrape(): Promise<ReadonlyMap<string, number>>
}

/**
 * Starts the real node_exporter on a loopback port, with its default collectors, processes and tcpstat.
 * @param root where /proc, /sys, /run and /etc lie
 */
export async function startNodeExporter(root = '/'): Promise<NodeExporter> {
  const port = await freePort()
  const own = createOwnDirectory({ prefix: 'pgherd-node-exporter-' })
  const elsewhere = [
    `--path.procfs=${join(root, 'proc')}`,
    `--path.sysfs=${join(root, 'sys')}`,
    `--path.rootfs=${root}`,
    `--path.udev.data=${join(root, 'run/udev/data')}`,
    // These ask the kernel itself, which knows nothing of a root.
    '--no-collector.netdev.netlink',
    '--no-collector.uname',
  ]
  const child = await startChild({
    name: 'node_exporter',
    command: nodeExporter!,
    args: [
      `--web.listen-address=127.0.0.1:${port}`,
      ...(root === '/' ? ['--collector.processes', '--collector.tcpstat'] : elsewhere),
    ],
    logFile: join(own.path, 'log'),
  })
  const fetchText = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  await child.waitFor('an answer', () => fetchText().catch(() => undefined))
  return {
    scrape: async () => parse(await fetchText()),
    async [Symbol.asyncDispose]() {
      await child.stop()
      own[Symbol.dispose]()
    },
  }
}

/** The text format, of which the exporter writes one sample per line without a time. */
function parse(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>()
  for (const [, name, labels = '', value] of text.matchAll(/^(node_\w+)(?:\{(.*)\})? (\S+)$/gm)) {
    series.set(`${name}{${labels}}`, Number(value))
  }
  return series
}
