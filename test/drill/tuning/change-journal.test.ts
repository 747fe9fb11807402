import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openActionSession } from '../../../agent/postgres/action-session.ts'
import { systemClock } from '../../../common/clock.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { openTuned, server, withoutKeeper } from '../../agent/tuning/change/tuned-server.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres({ settings: { work_mem: '4MB', maintenance_work_mem: '64MB' } })
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  await postgres.query('alter system reset all')
  await postgres.query('select pg_reload_conf()')
  await waitFor('what the files have', async () => (await show('work_mem')) === '4MB')
})

const show = async (name: string): Promise<string> =>
  String((await postgres.query('select current_setting($1) as value', [name]))[0]?.['value'])
const written = (): string =>
  readFileSync(join(postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('; ')
const journal = () => createOwnDirectory({ prefix: 'pgherd-change-' })

/** An agent that gets so far with a change of two settings and then stands still, as one does that is killed. */
async function abandonedAt(directory: string, step: 'noted' | 'first' | 'second' | 'reload' | 'verify') {
  const tuned = await openTuned(postgres, directory)
  const session = await openActionSession({
    ...{ url: postgres.url(), clock: systemClock, slots: new Set(), timeoutMs: 2_000 },
  })
  const { promise: never } = Promise.withResolvers<never>()
  const { promise: there, resolve: isThere } = Promise.withResolvers<undefined>()
  const stand = (): Promise<never> => {
    isThere(undefined)
    return never
  }
  const at = ['first', 'second', 'reload', 'verify'].indexOf(step)
  let changes = 0
  const slow: typeof session = {
    ...session,
    versionNumber: session.versionNumber,
    inRecovery: session.inRecovery,
    read: (statement, limitMs) => (changes === 3 && at === 3 ? stand() : session.read(statement, limitMs)),
    change: (statement, options) => (changes++ === at ? stand() : session.change(statement, options)),
  }
  void tuned.changes.apply(
    {
      server,
      session: slow,
      withKeeper: withoutKeeper,
      signal: new AbortController().signal,
      progress: () => undefined,
    },
    {
      settings: new Map([
        ['work_mem', '8MB'],
        ['maintenance_work_mem', '128MB'],
      ]),
      expected: new Map(),
      guard: { windowSeconds: 3, bound: 5, baselineSeconds: 1 },
    },
    { command: 'killed', mustUndo: () => (step === 'noted' ? stand() : Promise.resolve()) },
  )
  await there
  await session[Symbol.asyncDispose]()
}

describe('an agent that is killed while it changes settings', () => {
  test.each([
    ['noted', ''],
    ['first', ''],
    ['second', "work_mem = '8192'"],
    ['reload', "work_mem = '8192'; maintenance_work_mem = '131072'"],
  ] as const)(
    'before the server has taken all of it (%s): the next one takes it back',
    async (step, left) => {
      using directory = journal()
      await abandonedAt(directory.path, step)
      expect(written()).toBe(left)
      await using next = await openTuned(postgres, directory.path)
      expect(await next.newest()).toMatchObject({ id: 'killed', state: 'applying' })
      next.run()
      const over = await next.until('rolled-back')
      expect(over.message).toMatch(/^the agent ended while the settings were being changed; /)
      expect(written()).toBe('')
      expect(await show('work_mem')).toBe('4MB')
    },
  )

  test('before it has looked whether the server took it: the next one looks, watches and decides', async () => {
    using directory = journal()
    await abandonedAt(directory.path, 'verify')
    await using next = await openTuned(postgres, directory.path)
    next.run()
    await next.until('watching')
    const over = await next.until('kept')
    expect(over.message).toMatch(
      /^nothing that the guard looks at got worse beyond the bound(; no statement of before[^;]*)?$/,
    )
    expect(over.id).toBe('killed')
    expect(await show('work_mem')).toBe('8MB')
  })

  test('before it has looked: the undo of its command says what became of it', async () => {
    using directory = journal()
    await abandonedAt(directory.path, 'verify')
    await using next = await openTuned(postgres, directory.path)
    expect(await next.undo('killed')).toMatch(
      /^the change is watching: the server has taken it; its guard decides at /,
    )
    expect(await next.undo('killed')).toMatch(/^the change is watching/)
    expect(await next.undo('another')).toBe('nothing was changed')
  })

  test('while it watches: the next one watches on and decides, also when it was away for longer than the window', async () => {
    using directory = journal()
    {
      await using first = await openTuned(postgres, directory.path)
      const begun = await first.apply({ work_mem: '8MB' }, { guard: 2, bound: 5 })
      expect(begun.state).toBe('watching')
      await waitFor('the end of the window', () => Date.now() > begun.untilMs!)
    }
    await using next = await openTuned(postgres, directory.path)
    next.run()
    const over = await next.until('kept')
    expect(over.readings.map(({ what }) => what)).toContain('transactions')
    expect(await show('work_mem')).toBe('8MB')
  })

  test('while it takes back: the next one finishes that', async () => {
    using directory = journal()
    {
      await using first = await openTuned(postgres, directory.path)
      await first.apply({ work_mem: '8MB' }, { guard: 600, bound: 5 })
    }
    const file = join(directory.path, `${server}.json`)
    writeFileSync(file, readFileSync(file, 'utf8').replace('"state":"watching"', '"state":"rolling-back"'))
    await using next = await openTuned(postgres, directory.path)
    next.run()
    await next.until('rolled-back')
    expect(written()).toBe('')
  })
})

describe('what somebody changes by hand meanwhile', () => {
  test('is found by the guard, and is not overwritten', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    tuned.run()
    await tuned.apply({ work_mem: '8MB' }, { guard: 600, bound: 5 })
    await postgres.query(`alter system set work_mem = '7MB'`)
    await postgres.query('select pg_reload_conf()')
    const over = await tuned.until('left-alone')
    expect(over.message).toMatch(
      /^work_mem is no longer as the change wrote it: somebody else has changed it/,
    )
    expect(written()).toBe("work_mem = '7MB'")
    await waitFor('it to be told to the audit', () => tuned.audit.length > 0)
    expect(tuned.audit.map(({ event }) => event)).toEqual(['undone'])
  })

  test('stays when the rest is taken back', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await tuned.apply({ work_mem: '8MB', maintenance_work_mem: '128MB' })
    await postgres.query(`alter system set work_mem = '7MB'`)
    const over = await tuned.rollBack()
    expect(over.state).toBe('left-alone')
    expect(over.message).toBe(
      'it was asked for; maintenance_work_mem is as before; work_mem was changed by somebody else meanwhile and stays',
    )
    expect(written()).toBe("work_mem = '7MB'")
  })

  test('to the same value in another spelling is still what the change wrote', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await tuned.apply({ work_mem: '8MB' })
    await postgres.query(`alter system set work_mem = '8192kB'`)
    expect((await tuned.rollBack()).message).toBe('it was asked for; work_mem is as before')
    expect(written()).toBe('')
  })

  test('below what the change wrote is told when that is taken back', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await tuned.apply({ work_mem: '8MB' })
    const file = join(postgres.dataDirectory, 'postgresql.conf')
    const content = readFileSync(file, 'utf8')
    try {
      appendFileSync(file, `work_mem = '11MB'\n`)
      const over = await tuned.rollBack()
      expect(over.state).toBe('rolled-back')
      expect(over.message).toMatch(
        /^it was asked for; what the change wrote is gone; work_mem is not as it was: 11MB from \S+postgresql.conf:\d+, and was 4MB from \S+$/,
      )
    } finally {
      writeFileSync(file, content)
      await postgres.query('select pg_reload_conf()')
    }
  })

  test('since the operator looked keeps the change from being made', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await expect(tuned.apply({ work_mem: '8MB' }, { expected: { work_mem: '2MB' } })).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'work_mem is 4MB by now and was 2MB when it was looked at. Nothing was changed.',
    })
    expect((await tuned.apply({ work_mem: '8MB' }, { expected: { work_mem: '4096kB' } })).state).toBe('kept')
  })
})

describe('taking back by hand', () => {
  test('brings back what somebody had set by ALTER SYSTEM before, and what the files have elsewhere', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await postgres.query(`alter system set work_mem = '5MB'`)
    await postgres.query('select pg_reload_conf()')
    await waitFor('that', async () => (await show('work_mem')) === '5MB')
    await tuned.apply({ work_mem: '8MB', maintenance_work_mem: '128MB' })
    expect(await tuned.changes.changes(server)).toMatchObject([{ state: 'kept', untilMs: null }])
    const over = await tuned.rollBack()
    expect(over.message).toBe('it was asked for; work_mem and maintenance_work_mem are as before')
    expect(written()).toBe("work_mem = '5MB'")
  })

  test('of a library that waits for a restart needs none', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await tuned.apply({ shared_preload_libraries: 'pg_stat_statements,auto_explain' })
    expect(written()).toBe("shared_preload_libraries = 'pg_stat_statements, auto_explain'")
    const over = await tuned.rollBack()
    expect(over.message).toMatch(/shared_preload_libraries never took effect, so that no restart is needed$/)
    expect(written()).toBe('')
  })

  test('of an earlier change is refused while a later one has set the same', async () => {
    using directory = journal()
    await using tuned = await openTuned(postgres, directory.path)
    await tuned.apply({ work_mem: '8MB' }, { command: 'first' })
    await tuned.apply({ work_mem: '9MB' }, { command: 'second' })
    const why = 'the later change second has set work_mem since: take that one back first'
    await expect(tuned.rollBack('first')).rejects.toMatchObject({ message: `${why}. Nothing was changed.` })
    await tuned.rollBack('second')
    expect(await show('work_mem')).toBe('8MB')
    await tuned.rollBack('first')
    expect(await show('work_mem')).toBe('4MB')
    await expect(tuned.rollBack('first')).rejects.toThrow('was taken back already')
    await expect(tuned.rollBack()).rejects.toThrow('nothing was changed')
  })
})

test('a change is kept with a word about other settings that were changed meanwhile', async () => {
  using directory = journal()
  await using tuned = await openTuned(postgres, directory.path)
  tuned.run()
  await tuned.apply({ work_mem: '8MB' }, { guard: 3, bound: 5 })
  await postgres.query(`alter system set random_page_cost = 2`)
  await postgres.query('select pg_reload_conf()')
  expect((await tuned.until('kept')).message).toMatch(
    /; other settings of the server were changed meanwhile too$/,
  )
})

test('a second change waits until the first one is decided', async () => {
  using directory = journal()
  await using tuned = await openTuned(postgres, directory.path)
  await tuned.apply({ work_mem: '8MB' }, { guard: 600, command: 'first' })
  await expect(tuned.apply({ maintenance_work_mem: '128MB' })).rejects.toThrow(
    /^the change first is watching until /,
  )
})

test('where the disk of the journal is full nothing is changed', async () => {
  await using disk = await mountSmallDisk('1m')
  await using tuned = await openTuned(postgres, disk.path)
  await tuned.apply({ work_mem: '5MB' })
  disk.fill()
  await expect(tuned.apply({ work_mem: '8MB' })).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(written()).toBe("work_mem = '5120'")
  expect(await show('work_mem')).toBe('5MB')
})

test('a disk that is full later does not keep the guard from its decision', async () => {
  await using disk = await mountSmallDisk('1m')
  await using tuned = await openTuned(postgres, disk.path)
  tuned.run()
  await tuned.apply({ work_mem: '8MB' }, { guard: 2, bound: 5 })
  disk.fill()
  await tuned.until('kept')
})

test('with a damaged journal nothing is changed, and it is told where it lies', async () => {
  using directory = journal()
  writeFileSync(join(directory.path, `${server}.json`), '{"version":1,"changes":[{')
  await using tuned = await openTuned(postgres, directory.path)
  await expect(tuned.apply({ work_mem: '8MB' })).rejects.toThrow(/pg-test-1.json is damaged/)
  expect(written()).toBe('')
})

test('a statement that the server refuses takes back those before it', async () => {
  using directory = journal()
  await using tuned = await openTuned(postgres, directory.path)
  await postgres.query('create role tuner login in role pg_monitor')
  for (const grant of [
    'grant select on pg_file_settings to tuner',
    'grant execute on function pg_show_all_file_settings() to tuner',
    'grant execute on function pg_reload_conf() to tuner',
    'grant alter system on parameter work_mem, maintenance_work_mem to tuner',
  ]) {
    await postgres.query(grant)
  }
  await using session = await openActionSession({
    ...{ url: postgres.url('postgres', 'tuner'), clock: systemClock, slots: new Set(), timeoutMs: 2_000 },
  })
  const applied = tuned.changes.apply(
    {
      server,
      session,
      withKeeper: withoutKeeper,
      signal: new AbortController().signal,
      progress: () => undefined,
    },
    {
      settings: new Map([
        ['work_mem', '8MB'],
        ['maintenance_work_mem', '128MB'],
      ]),
      expected: new Map(),
      guard: { windowSeconds: 0, bound: 1 },
    },
    {
      command: 'half',
      // Behind all checks somebody takes the right away.
      mustUndo: async () => {
        await postgres.query('revoke alter system on parameter maintenance_work_mem from tuner')
      },
    },
  )
  await expect(applied).rejects.toThrow(
    /permission denied.*; work_mem and maintenance_work_mem are as before$/s,
  )
  expect(await tuned.newest()).toMatchObject({ id: 'half', state: 'rolled-back' })
  expect(written()).toBe('')
  expect(readdirSync(directory.path)).toEqual([`${server}.json`])
})
