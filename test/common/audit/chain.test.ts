import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtempDisposable, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openAuditChain } from '../../../common/audit/chain.ts'
import type { AuditChainOptions } from '../../../common/audit/chain.ts'
import { auditEntry } from '../../../common/audit/entry.ts'
import { createChainVerifier } from '../../../common/audit/verify.ts'
import { silentLog } from '../../../common/log.ts'
import { systemFiles } from '../../../common/spool/file-operations.ts'
import { createManualClock } from '../../manual-clock.ts'
import { fact } from './fact.ts'

async function fresh() {
  const directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-audit-'))
  const path = join(directory.path, 'audit.jsonl')
  const reopen = (options: Partial<AuditChainOptions> = {}) =>
    openAuditChain({ path, clock: createManualClock(5_000), log: silentLog, ...options })
  return { path, directory, reopen, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() }
}

const findingsOf = async (path: string) => {
  const verifier = createChainVerifier()
  for (const line of (await readFile(path, 'utf8')).split('\n').slice(0, -1)) {
    verifier.take(auditEntry.parse(JSON.parse(line)))
  }
  return verifier.finish().findings
}

describe('an audit chain', () => {
  test('numbers and chains what it is told, in the order of the calls, over a restart', async () => {
    await using place = await fresh()
    {
      await using chain = await place.reopen()
      const entries = await Promise.all(['a', 'b', 'c'].map((why) => chain.append(fact({ why }))))
      expect(entries.map(({ seq, why, atMs }) => [seq, why, atMs])).toEqual([
        [1, 'a', 5_000],
        [2, 'b', 5_000],
        [3, 'c', 5_000],
      ])
    }
    await using chain = await place.reopen()
    expect(chain.head.seq).toBe(3)
    await chain.append(fact({ why: 'd' }))
    expect(await findingsOf(place.path)).toEqual([])
    expect((await chain.read(0, 100)).map(({ why }) => why)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('is read from any entry on', async () => {
    await using place = await fresh()
    await using chain = await place.reopen()
    await Promise.all(Array.from({ length: 300 }, (_, i) => chain.append(fact({ why: 'x'.repeat(i) }))))
    for (const after of [0, 63, 64, 65, 199, 299, 300, 400]) {
      const read = await chain.read(after, 10)
      expect(read.map(({ seq }) => seq)).toEqual(
        Array.from({ length: Math.min(10, Math.max(0, 300 - after)) }, (_, i) => after + 1 + i),
      )
    }
  })

  test('shortens what is too long, and shows no password', async () => {
    await using place = await fresh()
    await using chain = await place.reopen()
    const long = await chain.append(
      fact({ what: '\u0001'.repeat(9_000), outcome: 'cannot reach postgres://a:s3cret@h/', why: '\ud800' }),
    )
    expect(long.what).toHaveLength(4_000)
    expect(long.outcome).toBe('cannot reach postgres://a:***@h/')
    expect(await chain.read(0, 1)).toEqual([long])
  })
})

describe('after a crash', () => {
  test('a torn end is set aside wherever it was torn, and the chain says so', async () => {
    await using place = await fresh()
    {
      await using chain = await place.reopen()
      await chain.append(fact({ why: 'kept' }))
      await chain.append(fact({ why: 'torn' }))
    }
    const whole = await readFile(place.path)
    const first = whole.indexOf(10) + 1
    for (const length of [first + 1, first + 100, whole.length - 2, whole.length - 1]) {
      await writeFile(place.path, whole.subarray(0, length))
      const clock = createManualClock(length)
      await using chain = await place.reopen({ clock })
      expect((await chain.read(0, 10)).map(({ event, why }) => [event, why])).toEqual([
        ['started', 'kept'],
        ['repaired', ''],
      ])
      expect(await readFile(`${place.path}.torn-${length}`)).toEqual(whole.subarray(first, length))
      expect(await findingsOf(place.path)).toEqual([])
    }
  })

  test('an end of zeros, as a power cut leaves it, is set aside', async () => {
    await using place = await fresh()
    {
      await using chain = await place.reopen()
      await chain.append(fact())
    }
    await appendFile(place.path, Buffer.alloc(200_000))
    await using chain = await place.reopen()
    expect((await chain.read(1, 10)).map(({ event, outcome }) => [event, outcome])).toEqual([
      ['repaired', `200000 bytes behind the last whole entry were set aside as ${place.path}.torn-5000`],
    ])
  })

  test('an entry that was altered stays where it is, and is told', async () => {
    await using place = await fresh()
    {
      await using chain = await place.reopen()
      for (const why of ['a', 'b', 'c']) await chain.append(fact({ why }))
    }
    const text = await readFile(place.path, 'utf8')
    await writeFile(place.path, text.replace('"why":"c"', '"why":"x"'))
    await using chain = await place.reopen()
    expect(chain.findings).toMatchObject([{ kind: 'altered', seq: 3 }])
    await chain.append(fact({ why: 'd' }))
    expect((await chain.read(0, 10)).map(({ why }) => why)).toEqual(['a', 'b', 'x', 'd'])
    expect(await findingsOf(place.path)).toMatchObject([{ kind: 'altered', seq: 3 }])
  })

  test('everything that was acknowledged before kill -9 is there, and nothing is broken', async () => {
    await using place = await fresh()
    const source = (name: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../../common/${name}`, import.meta.url)))
    const script = `
      const { openAuditChain } = await import(${source('audit/chain.ts')})
      const { systemClock } = await import(${source('clock.ts')})
      const { silentLog } = await import(${source('log.ts')})
      const chain = await openAuditChain({ path: ${JSON.stringify(place.path)}, clock: systemClock, log: silentLog })
      const fact = ${JSON.stringify(fact())}
      const write = async () => { for (;;) process.stdout.write((await chain.append(fact)).seq + '\\n') }
      for (let i = 0; i < 4; i++) void write()`
    for (let round = 0; round < 2; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let told = ''
      child.stdout.on('data', (data: Buffer) => {
        told += data.toString()
        if (told.length > 200) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const acknowledged = Math.max(...told.split('\n').slice(0, -1).map(Number))
      await using chain = await place.reopen()
      expect(chain.head.seq).toBeGreaterThanOrEqual(acknowledged)
      expect(chain.findings).toEqual([])
    }
  })
})

describe('on a full disk', () => {
  test('a fact is refused whole, and the chain goes on when there is room again', async () => {
    await using place = await fresh()
    let full = false
    const files: typeof systemFiles = {
      ...systemFiles,
      async write(file, bytes, position) {
        if (!full) return systemFiles.write(file, bytes, position)
        await systemFiles.write(file, bytes.subarray(0, 100), position)
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      },
    }
    await using chain = await place.reopen({ files })
    await chain.append(fact({ why: 'before' }))
    full = true
    await expect(chain.append(fact({ why: 'lost' }))).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(chain.head.seq).toBe(1)
    full = false
    await chain.append(fact({ why: 'after' }))
    expect((await chain.read(0, 10)).map(({ seq, why }) => [seq, why])).toEqual([
      [1, 'before'],
      [2, 'after'],
    ])
    expect(await findingsOf(place.path)).toEqual([])
  })

  test('what could not be cut off at once is written over later', async () => {
    await using place = await fresh()
    {
      await using chain = await place.reopen()
      await chain.append(fact())
    }
    await truncate(place.path, 50)
    await using chain = await place.reopen()
    await chain.append(fact({ why: 'new' }))
    expect(await findingsOf(place.path)).toEqual([])
    expect((await readdir(place.directory.path)).sort()).toEqual(['audit.jsonl', 'audit.jsonl.torn-5000'])
  })
})
