import { describe, expect, test } from 'vitest'
import { recommend } from '../../../agent/tuning/recommend/recommend.ts'
import { readReferenceMachines, situationOf } from '../../../docs/tuning/reference-machines.ts'
import { findPostgres, postgresMajors, startPostgres } from '../../../testbed/postgres.ts'

const known = await Promise.all(
  postgresMajors.map(async (major) => ({ major, isInstalled: (await findPostgres(major)) !== undefined })),
)

/** Memory that this machine may not have: all else of a baseline is taken as it is. */
const bounded = { shared_buffers: '256MB' }

describe.each(known)('PostgreSQL $major', ({ major, isInstalled }) => {
  describe.skipIf(!isInstalled).each(readReferenceMachines())('$name', (reference) => {
    test('a server starts with the baseline, and has what it says', async () => {
      const { proposals } = recommend(situationOf(reference, { major }))
      const said = Object.fromEntries(proposals.map(({ parameter, proposed }) => [parameter, proposed]))
      await using server = await startPostgres({ major, settings: { ...said, ...bounded } })
      const rows = await server.query('SELECT name, current_setting(name) AS value FROM pg_settings')
      const has = new Map(rows.map(({ name, value }) => [name, value]))
      const others = Object.entries({ ...said, ...bounded }).filter(
        ([name, value]) => has.get(name) !== value,
      )
      expect(others).toEqual([])
    })
  })
})
