import type { Member } from './member.ts'

const waldump = '/usr/lib/postgresql/15/bin/pg_waldump'

/**
 * Where the log of a server ends that does not run, in bytes since its beginning.
 * @param from a position of a record on the timeline
 */
export async function endOfLog(member: Member, timeline: number, from: number): Promise<number> {
  const start = `${Math.floor(from / 2 ** 32).toString(16)}/${(from % 2 ** 32).toString(16)}`
  const args = ['-p', `${member.dataDirectory}/pg_wal`, '-t', String(timeline), '-s', start]
  // It reads until there is no valid record, and says so as an error.
  const { stdout, stderr } = await member.host.run(waldump, args, { timeoutMs: 60_000 })
  const records = [...stdout.matchAll(/len \(rec\/tot\): +\d+\/ +(\d+), .* lsn: ([0-9A-F]+)\/([0-9A-F]+)/g)]
  const last = records.at(-1)
  if (last === undefined) throw new Error(`no record of timeline ${timeline} from ${start}: ${stderr}`)
  return Number.parseInt(last[2]!, 16) * 2 ** 32 + Number.parseInt(last[3]!, 16) + Number(last[1])
}
