import { expect, test } from 'vitest'
import { parsePasswd } from '../../testbed/unprivileged.ts'

test('users are read from a passwd file, comments and broken lines are not', () => {
  const users = parsePasswd(
    [
      'root:x:0:0:root:/root:/bin/bash',
      '# postgres:x:1:1::/:/bin/sh',
      'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash',
      'broken:x:',
      '',
    ].join('\n'),
  )
  expect([...users.values()]).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'postgres', uid: 101, gid: 104 },
  ])
})
