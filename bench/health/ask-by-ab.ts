import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../testbed/find-program.ts'
import { runCommand } from '../../testbed/run-command.ts'

const requests = 20_000

/**
 * What Apache's `ab`, which is compiled, measures with one request at a time, as many as come: an asker in JavaScript has pauses of its
 * own. Undefined where it is not installed.
 * @param connections - kept, or a new one each
 */
export async function askByAb(
  url: string,
  connections: 'keep' | 'new',
): Promise<{ readonly perSecond: number; readonly p50: number; readonly p99: number } | undefined> {
  const ab = findProgram('ab')
  if (ab === undefined) return undefined
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-ab-'))
  try {
    const file = join(directory, 'percentiles.csv')
    const kept = connections === 'keep' ? ['-k'] : []
    const { stdout } = await runCommand(ab, [
      '-q',
      '-n',
      String(requests),
      '-c',
      '1',
      '-e',
      file,
      ...kept,
      url,
    ])
    const percentiles = new Map(
      (await readFile(file, 'utf8')).split('\n').map((line) => line.split(',') as [string, string]),
    )
    return {
      perSecond: Number(/^Requests per second: +([\d.]+)/m.exec(stdout)?.[1]),
      p50: Number(percentiles.get('50')),
      p99: Number(percentiles.get('99')),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
