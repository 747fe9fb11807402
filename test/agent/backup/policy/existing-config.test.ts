import { describe, expect, test } from 'vitest'
import { readExistingConfig } from '../../../../agent/backup/policy/existing-config.ts'

const text = `
# kept by somebody
[global]
repo1-path=/var/lib/pgbackrest
repo1-retention-full=2
repo2-type=s3
repo2-s3-bucket=backups
repo2-path=/main
repo2-cipher-type=aes-256-cbc
repo2-cipher-pass=a=b # no comment
repo2-retention-full=14
repo2-retention-full-type=time
process-max = 3

[global:archive-push]
repo3-path=/of/a/command

[pg-main]
pg1-path=/var/lib/postgresql/15/main
repo1-path=/of/this/stanza
`

describe('a configuration that somebody else keeps', () => {
  test('tells its repositories, the section of the stanza before the global one', () => {
    expect(readExistingConfig(text, 'pg-main')).toEqual({
      dataDirectory: '/var/lib/postgresql/15/main',
      repositories: [
        {
          repository: 1,
          where: '/of/this/stanza',
          directory: '/of/this/stanza',
          isEncrypted: false,
          retention: '2 full backups',
        },
        {
          repository: 2,
          where: 's3 backups/main',
          directory: null,
          isEncrypted: true,
          retention: 'what 14 days need',
        },
      ],
      problems: [],
    })
  })

  test('has to have a section of the stanza', () => {
    expect(readExistingConfig(text, 'pg-other').problems).toEqual(['there is no section [pg-other]'])
  })

  test('says when a repository would only grow', () => {
    const { problems } = readExistingConfig('[global]\nrepo1-path=/b\n[a]\npg1-path=/pg\n', 'a')
    expect(problems).toEqual(['repo1-retention-full is missing: nothing is ever deleted'])
  })

  test('names the host of a repository that is not here', () => {
    const [one] = readExistingConfig(
      '[a]\npg1-path=/pg\nrepo1-host=backup\nrepo1-retention-full=2',
      'a',
    ).repositories
    expect(one).toMatchObject({ where: 'backup:/var/lib/pgbackrest', directory: null })
  })

  test("reads the names of pgBackRest's first years", () => {
    const { repositories } = readExistingConfig(
      '[a]\npg1-path=/pg\nrepo-path=/old\nrepo-retention-full=1',
      'a',
    )
    expect(repositories).toMatchObject([{ repository: 1, where: '/old', retention: '1 full backup' }])
  })
})
