import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readPolicies } from '../../../../agent/backup/policy/read-policy.ts'
import { clusterFile, localRepository, s3Repository } from '../../../../agent/backup/policy/schema.ts'
import { facts } from './policy-facts.ts'

const page = readFileSync(new URL('../../../../docs/16-backups.md', import.meta.url), 'utf8')
const files = [...page.matchAll(/```yaml\n(# \/etc\/pgherd\/backup\.yaml\n[^]*?)```/g)].map(
  (one) => one[1] ?? '',
)

test.each(files.map((text, i) => ({ text, number: i + 1 })))(
  'example $number of the page is a good policy',
  ({ text }) => {
    const { policies, problems } = readPolicies(text, 'backup.yaml', facts)
    expect(problems).toBeUndefined()
    expect([...(policies?.keys() ?? [])]).toEqual(['pg-main'])
  },
)

test('the page has examples, and names every key', () => {
  expect(files).toHaveLength(3)
  const shapes = [clusterFile.shape, localRepository.shape, s3Repository.shape]
  const keys = shapes.flatMap((shape) => Object.keys(shape))
  const nested = ['archive', 'retry', 'guard', 'drill', 'restore'] as const
  for (const name of nested) keys.push(...Object.keys(clusterFile.shape[name].unwrap().shape))
  expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([])
})
